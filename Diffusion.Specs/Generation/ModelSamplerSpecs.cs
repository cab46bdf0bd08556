using Diffusion.Host.Diagnostics;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

public sealed class ModelSamplerSpecs : IDisposable
{
    private static readonly DataRecipe Data =
        Small.Recipe.Data with { Set = "folder", Size = 8, ClassNames = ["sea", "sky"] };

    private readonly TemporaryFolder _place = new();
    private readonly TrainedModel _model;

    public ModelSamplerSpecs()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Labelled with { Data = Data }, images, CPU);
        run.Advance();
        new CheckpointStore(_place["run/checkpoint"]).Save(run);
        _model = TrainedModel.Open(_place["run"], CPU, Assert.Fail);
    }

    public void Dispose()
    {
        _model.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void A_number_of_steps_keeps_the_sampler_of_the_recipe()
    {
        using var sampler = new ModelSampler(_model, new() { Steps = 100 });
        Assert.Equal("ddpm 100", sampler.Sampler);
        Assert.Equal(_model.Recipe.Evaluation.Sampler.Plan(_model.Recipe.Schedule, new TimestepSpacing.Leading(100)), sampler.Run.Plan);
    }

    [Fact]
    public void Labels_are_known_by_the_names_of_the_recipe()
    {
        using var two = new ModelSampler(_model, new() { Labels = new SampleLabels.Named(["sky", "0"]) });
        Assert.Equal(new SampleLabels.Listed([1, 0]), two.Request.Labels);
        Assert.Equal([1L, 0], two.LabelsInTurn!);
        Assert.Contains(("labels", "sky, sea"), two.Provenance());
        using var turned = new ModelSampler(_model, two.Request with { First = 1 });
        Assert.Equal([0L, 1], turned.LabelsInTurn!);
        using var all = new ModelSampler(_model, new());
        Assert.Equal([0L, 1], all.LabelsInTurn!);
        Assert.Contains(("labels", "all in turn"), all.Provenance());
        Assert.Equal("label: found 3; expected one of the model's labels, 0 to 1 (sea, sky).", Assert.Throws<InputException>(
            () => new ModelSampler(_model, new() { Labels = new SampleLabels.Named(["3"]) })).Message);
    }

    [Fact]
    public void Progress_counts_network_calls_of_which_Heun_needs_two_a_step()
    {
        using var sampler = new ModelSampler(_model, new() { Sampler = new Sampler.Heun(new Clipping.None()), Steps = 3, Batch = 2 });
        var listener = new Listener();
        sampler.Draw(3, new() { Progress = listener }).Dispose();
        // 2 n - 1 calls for each of two batches.
        Assert.Equal([2, 4, 5, 7, 9, 10], listener.Reports.Select(report => report.NetworkCalls));
        Assert.All(listener.Reports, report => Assert.Equal(10, report.Total));
    }

    [Fact]
    public void Batches_are_the_samples_from_the_first_number_on()
    {
        var request = new SamplingRequest { Steps = 2, Batch = 2 };
        using var sampler = new ModelSampler(_model, request);
        using var all = sampler.Draw(6);
        using var later = new ModelSampler(_model, request with { First = 2 });
        using var rest = later.Draw(4);
        Assert.Equal(all[2..].data<float>().ToArray(), rest.data<float>().ToArray());
        var seen = new List<(long, int)>();
        foreach (var batch in later.Batches(3))
            using (batch)
            {
                seen.Add((batch.First, batch.Count));
                if (batch.Count == 2)
                    Assert.Equal(all[2..4].data<float>().ToArray(), batch.Images.data<float>().ToArray());
            }
        Assert.Equal([(2, 2), (4, 1)], seen);
    }

    [Fact]
    public void Sampling_that_is_stopped_ends_with_an_exception()
    {
        using var stopping = new CancellationTokenSource();
        using var sampler = new ModelSampler(_model, new() { Steps = 2 });
        var watch = new SamplingWatch { Stopping = stopping.Token, Step = _ => stopping.Cancel() };
        Assert.Throws<OperationCanceledException>(() => sampler.Draw(1, watch));
    }

    [Fact]
    public void Samples_need_not_be_square()
    {
        using var sampler = new ModelSampler(_model, new() { Steps = 2, Size = new(8, 12) });
        using var samples = sampler.Draw(2);
        Assert.Equal([2, 1, 8, 12], samples.shape);
    }

    [Fact]
    public void A_request_that_edits_needs_images()
    {
        var request = new SamplingRequest { Steps = 4, Edit = new ImageEdit.SdEdit(0.5) };
        var refusal = Assert.Throws<InputException>(() => new ModelSampler(_model, request));
        Assert.Contains("no images", refusal.Message, StringComparison.Ordinal);
        using var image = zeros(1, 1, 8, 8);
        using var sampler = new ModelSampler(_model, request, new() { Originals = new(image) });
        Assert.Equal("from the original by ddpm 2", sampler.Sampler);
    }

    [Fact]
    public void Models_that_requests_name_are_opened_once_and_closed_together()
    {
        var weaker = _place["run/checkpoint/step-000000001"];
        var guided = new SamplingRequest { Steps = 2, Autoguidance = new(_place["run"]) };
        TrainedModel first;
        using (var others = new RequestedModels(CPU, Assert.Fail))
        {
            first = others.For(guided).Weaker!;
            Assert.Same(first, others.For(guided with { Steps = 3 }).Weaker);
            Assert.Null(others.For(new()).Weaker);
            Assert.NotSame(first, others.For(guided with { Autoguidance = new(weaker) }).Weaker);
            new ModelSampler(_model, guided, others.For(guided)).Dispose();
            Assert.All(first.Network.parameters(), parameter => Assert.False(parameter.IsInvalid));
        }
        Assert.All(first.Network.parameters(), parameter => Assert.True(parameter.IsInvalid));
    }

    private sealed class Listener : IProgress<SamplingProgress>
    {
        public List<SamplingProgress> Reports { get; } = [];

        public void Report(SamplingProgress value) => Reports.Add(value);
    }
}
