using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Cuda;

[Trait("Needs", "Cuda")]
[Collection(Alone.Name)]
public sealed class CudaSpecs
{
    // Float32 sums in another order; relative to the largest number.
    private const double Rounding = 2e-5;

    private static Device Device => CudaFactAttribute.Device!;

    [CudaFact]
    public void A_network_gives_what_it_gives_on_the_cpu()
    {
        using var scope = NewDisposeScope();
        using var exact = new ExactProducts(Device);
        using var network = new UNet(Small.Labelled.Network, new Seed(5));
        network.eval();
        var (state, time, labels) = (Drawn.Normal(3, 1, 8, 8), tensor(new[] { 0f, 400f, 999f }), tensor(new long[] { 0, 1, 2 }));
        using var guard = no_grad();
        var expected = network.call(state, time, labels);
        network.to(Device);
        Near(expected, network.call(state.to(Device), time.to(Device), labels.to(Device)));
    }

    [CudaFact]
    public void A_network_with_its_channels_last_gives_what_it_gives_on_the_cpu()
    {
        using var scope = NewDisposeScope();
        using var exact = new ExactProducts(Device);
        using var network = Tiny.Lively(Small.Network);
        network.eval();
        var (state, time) = (Drawn.Normal(3, 1, 8, 8), tensor(new[] { 0f, 400f, 999f }));
        using var guard = no_grad();
        var expected = network.call(state, time, null);
        network.to(Device);
        network.Arrange(MemoryLayout.ChannelsLast);
        Near(expected, network.call(state.to(Device), time.to(Device), null));
    }

    [CudaFact]
    public void Features_are_those_of_the_cpu()
    {
        using var scope = NewDisposeScope();
        var photographs = Drawn.Bytes(4, 3, 32, 32);
        Agree(FeatureExtractor.LeNet, Drawn.Bytes(4, 1, 28, 28));
        Agree(FeatureExtractor.CifarNet, photographs);
        foreach (var protocol in InceptionProtocol.All)
            Agree(device => FeatureExtractor.Untrained(protocol, device), photographs);
    }

    [CudaFact]
    public void Gradients_and_weights_after_a_step_are_those_of_the_cpu()
    {
        using var scope = NewDisposeScope();
        using var exact = new ExactProducts(Device);
        // Without dropout, and with noise that is given: each device has its own generator.
        var recipe = Small.Recipe with { Network = Small.Network with { Residual = new() { Groups = 4 } } };
        var (clean, noise) = (Drawn.Normal(6, 1, 8, 8), Drawn.Normal([6, 1, 8, 8], 2));
        var here = Step(CPU, MemoryLayout.ChannelsFirst);
        foreach (var layout in Enum.GetValues<MemoryLayout>())
        {
            var there = Step(Device, layout);
            Near(here.Gradients, there.Gradients);
            Near(here.Weights, there.Weights);
        }

        (Tensor Gradients, Tensor Weights) Step(Device device, MemoryLayout layout)
        {
            using var network = new UNet(recipe.Network, new Seed(5));
            network.to(device);
            network.Arrange(layout);
            using var arena = new ParameterArena(network);
            using var optimiser = new Optimiser(arena, recipe.Optimiser, recipe.Ema);
            var levels = recipe.NoiseLevels.Draw([0.1, 0.2, 0.4, 0.5, 0.7, 0.9], recipe.Schedule);
            var images = clean.to(device);
            new TrainingStep(recipe, Learner.Of(recipe, network))
                .Backward(new NoisedBatch(images, noise.to(device), new ExampleWeights(recipe, levels, images), null)).Dispose();
            var gradients = arena.Gradients.cpu().clone();
            optimiser.Apply(3);
            return (gradients, arena.Values.cpu().clone());
        }
    }

    [CudaFact]
    public void A_run_that_is_resumed_ends_where_a_straight_one_does()
    {
        // To rounding: cuDNN may choose another algorithm, and some of them add in any order.
        using var place = new TemporaryFolder();
        using var straight = Run(6);
        using var first = Run(3);
        var path = new CheckpointStore(place["checkpoint"]).Save(first);
        using var second = new TrainingRun(first.Recipe, Small.Images(), Device);
        Checkpoint.Restore(second, path);
        Advance(second, 3);
        Assert.Equal(straight.Updates, second.Updates);
        Near(straight.Arena.Values, second.Arena.Values);
        Near(straight.Optimiser.Ema[0], second.Optimiser.Ema[0]);
    }

    [CudaFact]
    public void The_fastest_way_to_train_is_found_and_trains()
    {
        var ways = FastestArithmetic.WithAnyPrecision(Small.Recipe)
            .SelectMany(way => FastestArithmetic.WithAnyLayout(way, Device.type)).ToSequence();
        var recipe = FastestArithmetic.Among(ways, new(1, 8, 8), Device);
        using var run = new TrainingRun(recipe, Small.Images(), Device);
        Advance(run, 4);
        Assert.Equal(0, run.Look().Skipped);
        Assert.True(run.Arena.Values.isfinite().all().item<bool>());
    }

    [CudaFact]
    public void A_want_of_memory_is_recognised_and_training_goes_on_in_parts()
    {
        Assert.True(OutOfMemory.IsMeantBy(Record.Exception(() => zeros(1L << 46, device: Device))!));
        using var run = Run(0);
        ((UNet)run.Network).register_forward_pre_hook(ShortMemory.For(2));
        Advance(run, 1);
        Assert.Equal((1, 2), (run.Updates, run.Recipe.Length.MicroBatch));
    }

    [CudaFact]
    public void Samples_do_not_depend_on_the_batch_and_hardly_on_the_device()
    {
        using var scope = NewDisposeScope();
        using var exact = new ExactProducts(Device);
        using var network = new UNet(Small.Network, new Seed(5));
        network.eval();
        var recipe = Small.Recipe;
        var sampling = new SamplingRun(recipe.Evaluation.Sampler.Plan(recipe.Schedule, new Math.Spacings.TimestepSpacing.Trailing(4)),
            recipe.Prediction, new Seed(2)) { Batch = 4 };
        var here = sampling.Draw(network, [1, 8, 8], 4);
        network.to(Device);
        Near(here, sampling.Draw(network, [1, 8, 8], 4));
        Near(here, (sampling with { Batch = 3 }).Draw(network, [1, 8, 8], 4));
    }

    [CudaFact]
    public void Two_hundred_steps_take_no_more_memory_than_twenty()
    {
        using var run = Run(20);
        var before = Taken();
        Advance(run, 180);
        run.Look();
        Assert.InRange(Taken() - before, long.MinValue, 64 << 20);

        static long Taken() => Device.type == DeviceType.CUDA ? -DeviceMemory.Of(Device).Free : Environment.WorkingSet;
    }

    private static TrainingRun Run(int updates)
    {
        var run = new TrainingRun(Small.Recipe, Small.Images(), Device);
        Advance(run, updates);
        return run;
    }

    private static void Advance(TrainingRun run, int updates)
    {
        for (var update = 0; update < updates; update++)
            run.Advance();
    }

    private static void Agree(Func<Device, FeatureExtractor> extractor, Tensor images)
    {
        using var here = extractor(CPU);
        using var there = extractor(Device);
        using var expected = here.Extract(images);
        using var actual = there.Extract(images);
        Near(expected.Values, actual.Values);
        Near(expected.Logits, actual.Logits);
    }

    private static void Near(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var scale = expected.abs().max().item<float>();
        Assert.InRange((expected.cpu() - actual.cpu()).abs().max().item<float>() / scale, 0, Rounding);
    }
}
