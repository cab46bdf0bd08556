using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Sampling;

public sealed class TensorPlanSpecs
{
    private const double TwelveDigits = 1e-12;

    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly NumberNoise Noise = new(new Seed(9), 2 * 6);

    public static TheoryData<string> Names => new(SamplerCatalogue.Entries.Select(entry => entry.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_plan_gives_the_same_answer_on_numbers_and_on_tensors(string name)
    {
        using var scope = NewDisposeScope();
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        Clipping limit = new Clipping.Dynamic(new(0.8, 1.5));
        foreach (var chosen in new[] { sampler, sampler is Sampler.DpmMultistep multistep ? multistep with { Clipping = limit } : sampler })
        {
            var plan = chosen.Plan(Schedule, new TimestepSpacing.Trailing(12));
            var numbers = new Interpreter<double[]>(new NumberSpace(6), new Numbers(), Noise).Run(plan);
            var tensors = new Interpreter<Tensor>(new TensorSpace(), new Tensors(), new TensorNoise()).Run(plan).data<double>().ToArray();
            Assert.All(numbers.Zip(tensors), pair => Assert.Equal(pair.First, pair.Second, TwelveDigits * Max(1, Abs(pair.First))));
        }
    }

    // x̂_0 = tanh(x): any function that both sides know will do.
    private sealed record Numbers : ILearnedVariance<double[]>
    {
        public double[] Denoise(double[] state, NoiseLevel level) => [.. state.Select(value => Tanh(value / level.Marginal.Scale))];

        public Denoised<double[]> DenoiseWithVariance(double[] state, NoiseLevel level) =>
            new(Denoise(state, level), [.. state.Select(value => (Cos(value) + 1) / 2)]);
    }

    private sealed record Tensors : ILearnedVariance<Tensor>
    {
        public Tensor Denoise(Tensor state, NoiseLevel level) => state.Over(level.Marginal.Scale).tanh();

        public Denoised<Tensor> DenoiseWithVariance(Tensor state, NoiseLevel level) =>
            new(Denoise(state, level), state.cos().Plus(1).Over(2));
    }

    private sealed record TensorNoise : INoiseSource<Tensor>
    {
        public Tensor Draw(int number) => tensor(Noise.Draw(number), [2, 1, 2, 3]);
    }
}
