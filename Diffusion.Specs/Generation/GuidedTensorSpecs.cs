using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

/// <summary>Guidance on tensors is that on numbers, whose laws are proved.</summary>
public sealed class GuidedTensorSpecs
{
    private const double TwelveDigits = 1e-12;

    private static readonly NoiseSchedule.Cosine Schedule = new(100);

    public static TheoryData<Guidance> Every => new(
        new Guidance.ClassifierFree(2),
        new Guidance.Autoguidance(1.5),
        new Guidance.Rescaled(new Guidance.ClassifierFree(3), 0.7),
        new Guidance.Projected(new Guidance.ClassifierFree(3), new(0.2, 1.5, -0.5)),
        new Guidance.Rescaled(new Guidance.Projected(new Guidance.Autoguidance(3), new(0)), 0.4),
        new Guidance.Composed(
            new Guidance.Scheduled(new Guidance.ClassifierFree(2), new GuidanceSchedule.Cosine()),
            [new LabelTerm.And(1), new LabelTerm.Not(0, 0.5)]));

    [Theory]
    [MemberData(nameof(Every))]
    public void The_same_guidance_gives_the_same_answer_on_numbers_and_on_tensors(Guidance guidance)
    {
        using var scope = NewDisposeScope();
        var weights = guidance.WeightsAt(new(0, Marginal.OfSigma(0.7)));
        double[] Numbers(int seed) => [.. Enumerable.Range(0, 12).Select(index => Sin(1.7 * index + seed))];
        Tensor Batch(double[] numbers) => tensor(numbers, [2, 1, 2, 3]);
        var (state, before, readout) = (Numbers(1), Numbers(2), new Readout(0.4, -1.3, 1));
        var answers = weights.Asked.Index().ToDictionary(asked => asked.Item, asked => Numbers(10 + asked.Index));
        var expected = GuidedAnswer<double[]>.Of(new NumberSpace(6), weights, answers, new(state, readout), before);
        var batches = answers.ToDictionary(answer => answer.Key, answer => Batch(answer.Value));
        var found = GuidedAnswer<Tensor>.Of(new TensorSpace(), weights, batches, new(Batch(state), readout), Batch(before));
        Assert.All(
            expected.Output.Zip(found.Output.data<double>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 10 * TwelveDigits));
        Assert.Equal(expected.Direction is null, found.Direction is null);
    }

    public static TheoryData<Guidance> Neutral => new(
        new Guidance.Interval(Plain, 0, double.MaxValue),
        new Guidance.Scheduled(Plain, new GuidanceSchedule.Constant()),
        new Guidance.Rescaled(Plain, 0),
        new Guidance.Projected(Plain, Projection.None),
        new Guidance.Composed(Plain, [new LabelTerm.And(1), new LabelTerm.Not(1)]),
        new Guidance.Composed(Plain, [new LabelTerm.Blend(1, 0)]));

    [Theory]
    [MemberData(nameof(Neutral))]
    public void What_is_neutral_gives_the_samples_of_plain_guidance_to_the_bit(Guidance guidance)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Floats(Draw(Plain)), Floats(Draw(guidance)));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void A_guided_sample_does_not_depend_on_the_batch_it_is_computed_in(Guidance guidance)
    {
        using var scope = NewDisposeScope();
        var (whole, parts) = (Draw(guidance, 5), Draw(guidance, 2));
        Assert.True((whole - parts).abs().max().item<float>() < 1e-3 * whole.abs().max().item<float>());
        Assert.NotEqual(Floats(Draw(new Guidance.None())), Floats(whole));
    }

    [Fact]
    public void The_answers_of_a_weaker_model_that_predicts_something_else_are_read_as_clean_images()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (state, label, level) = (Drawn.Normal(2, 1, 8, 8), tensor(new long[] { 0, 1 }), Schedule.LevelAt(40));
        Tensor Clean(UNet network, Prediction prediction) =>
            new Denoiser(network, prediction, new Guidance.None(), label, Model.Recipes.Precision.Float32).Denoise(state, level);
        var (own, other) = (new Prediction.Velocity(), new Prediction.Noise());
        using var guided = new Denoiser(Strong, own, new Guidance.Autoguidance(2), label, Model.Recipes.Precision.Float32)
        {
            Weaker = new(Weak, other, Model.Recipes.Precision.Float32),
        };
        var expected = Clean(Strong, own).Times(3) - Clean(Weak, other).Times(2);
        Assert.True((expected - guided.Denoise(state, level)).abs().max().item<float>() < 1e-4 * expected.abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Only_the_result_stays_in_memory(Guidance guidance)
    {
        Draw(guidance).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using var result = Draw(guidance);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Guidance Plain { get; } = new Guidance.ClassifierFree(2);

    private static UNet Strong { get; } = Lively(1);

    private static UNet Weak { get; } = Lively(2);

    private static Tensor Draw(Guidance guidance, int batch = 5) => new SamplingRun(
        SamplerCatalogue.Find("dpm++2m")!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(4)), new Prediction.Velocity(), new Seed(3))
    {
        Guidance = guidance,
        Weaker = new(Weak, new Prediction.Velocity(), Model.Recipes.Precision.Float32),
        Batch = batch,
    }.Draw(Strong, [1, 8, 8], 5, sample => sample % 2);

    private static float[] Floats(Tensor samples) => [.. samples.data<float>()];

    private static UNet Lively(ulong seed)
    {
        var network = Tiny.Stirred(new UNet(Training.Small.Labelled.Network, new Seed(seed)));
        network.eval();
        return network;
    }
}
