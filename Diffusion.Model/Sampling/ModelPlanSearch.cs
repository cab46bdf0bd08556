using Diffusion.Math.Noise;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Search;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Searches a plan of few network calls for a trained model, on the model itself.</summary>
/// <remarks>
/// The noise comes from a stream of the seed of its own, so that a plan is not found for the samples that measure it. Labels come in turn.
/// </remarks>
/// <param name="model">How the model is sampled: its guidance, seed and batch.</param>
/// <param name="count">Samples that are compared; as many others measure the result. At least 1.</param>
public sealed class ModelPlanSearch(ModelSampler model, int count)
{
    /// <summary>The stream of a seed that the noise of searches comes from.</summary>
    public const string Stream = "plan search";

    private readonly int _count = Math.Values.Require.AtLeast(count, 1);

    /// <summary>Refuses what cannot be searched, before anything is computed.</summary>
    /// <exception cref="InputException">The sampler is none that can be searched for, or does not fit the model.</exception>
    public static void Require(PlanSearch search)
    {
        if (Sentence.OfRefusal(() => _ = (search.Start, search.Teacher)) is { } refusal)
            throw new InputException(
                "search", refusal, "a deterministic sampler of one call a step, such as unipc, and fewer calls than levels");
    }

    /// <summary>Finds a plan, with how it was found.</summary>
    /// <param name="search">What is searched.</param>
    /// <param name="watch">Called after every trial with its number and the relative distance that it found; may stop it.</param>
    /// <exception cref="InputException">The sampler is none that can be searched for, or does not fit the model.</exception>
    /// <exception cref="NotFiniteNumberException">The model's samples are not finite.</exception>
    public (PlanDocument Plan, FoundPlan Found) Run(PlanSearch search, Action<int, double>? watch = null)
    {
        Require(search);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var found = search.Run(Samples(0), Samples(_count), watch);
        if (!double.IsFinite(found.Matched.After) || !double.IsFinite(found.Unseen.After))
            throw new NotFiniteNumberException("the samples of the search are not finite");
        return (PlanDocument.Of(found.Plan, OriginOf(search, found)), found);
    }

    private PlanOrigin OriginOf(PlanSearch search, FoundPlan found) => new(
        FormattableString.Invariant($"{model.Model.Recipe.Name}, step {model.Model.Updates}"), model.Model.WeightsSha256,
        $"{SamplerCatalogue.TextOf(search.Sampler)}, usual levels", $"{search.Teacher.Name}, {search.Teacher.NetworkCalls} calls",
        PlanHash.Of(search.Teacher))
    {
        Seed = model.Seed,
        Count = _count,
        Freedom = search.Freedom == SearchFreedom.Levels ? "levels" : "levels and weights",
        Guidance = model.GuidanceText,
        Trials = found.Trials,
        Before = found.Matched.Before,
        After = found.Matched.After,
        UnseenBefore = found.Unseen.Before,
        UnseenAfter = found.Unseen.After,
    };

    private SearchSamples<Tensor> Samples(long first)
    {
        long[] shape = [_count, model.Shape.Channels, model.Shape.Height, model.Shape.Width];
        var noise = new SampleNoise(new Seed(model.Seed).For(Stream), first, shape, model.Model.Device);
        var space = new TensorSpace();
        return new(space, new(space, new Portions(model, first, _count), noise)) { Scope = NewDisposeScope };
    }

    /// <summary>The network, asked a batch at a time.</summary>
    private sealed class Portions(ModelSampler model, long first, int count) : IDenoiser<Tensor>
    {
        private readonly List<(long First, long Length, Denoiser Denoiser)> _parts =
        [
            .. Enumerable.Range(0, count).Chunk(model.Run.Batch).Select(part => ((long)part[0], (long)part.Length, new Denoiser(
                model.Model.Network, model.Run.Prediction, model.Run.Guidance, Labels(model, first, part), model.Run.Precision))),
        ];

        public Tensor Denoise(Tensor state, NoiseLevel level)
        {
            using var scope = NewDisposeScope();
            var parts = _parts.Select(part => part.Denoiser.Denoise(state.narrow(0, part.First, part.Length), level)).ToList();
            return (parts is [var only] ? only : cat(parts)).MoveToOuterDisposeScope();
        }

        private static Tensor? Labels(ModelSampler model, long first, int[] part) => model.Classes is null ? null
            : tensor([.. part.Select(index => model.LabelOf(first + index)!.Value)], device: model.Model.Device);
    }
}
