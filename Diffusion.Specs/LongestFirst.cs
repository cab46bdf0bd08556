using Diffusion.Specs.Checkpoints;
using Diffusion.Specs.Distributed;
using Diffusion.Specs.Evaluation;
using Diffusion.Specs.Experiments;
using Diffusion.Specs.Host;
using Diffusion.Specs.Interchange;
using Diffusion.Specs.Posters;
using Diffusion.Specs.Reference;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Studio;
using Diffusion.Specs.Training;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Diffusion.Specs.LongestFirst", "Diffusion.Specs")]

namespace Diffusion.Specs;

/// <summary>
/// Begins with the specs that take longest, so that the short ones fill the other cores beside them and no core is idle at the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // Each takes more than five seconds; anything else may come in any order.
    private static readonly string[] Longest =
    [
        // Of its specs, each of which is short, one runs at a time.
        StudioCollection.Name,
        .. new[]
            {
                typeof(InceptionSpecs), typeof(MpiProcessSpecs), typeof(KilledRunSpecs), typeof(UNetSpecs), typeof(ResumedRunSpecs),
                typeof(SweepSpecs), typeof(FolderTrainingSpecs), typeof(PosterSpecs), typeof(TrainingAllocationSpecs),
                typeof(TrainerSpecs), typeof(InitialWeightsSpecs), typeof(FidVerbSpecs), typeof(FrechetSpecs), typeof(CheckpointSpecs),
                typeof(ForeignFuzzSpecs), typeof(DistillationSpecs), typeof(DiffusersVerbSpecs), typeof(SearchVerbSpecs),
                typeof(ProgramSpecs), typeof(EmaArchiveSpecs), typeof(StoppedRunSpecs), typeof(DivergedRunSpecs), typeof(LostOutputSpecs),
                typeof(LibraryPageSpecs), typeof(TrainingRunSpecs), typeof(ImportFuzzSpecs), typeof(TrainingSpecs),
                typeof(FeatureExtractorSpecs),
            }
            .Select(type => $" {type.FullName}"),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections)
    {
        EnoughThreads.Soon();
        return testCollections.OrderBy(collection => Array.FindIndex(Longest, name =>
            collection.DisplayName.EndsWith(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
    }
}
