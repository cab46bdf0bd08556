using Diffusion.Specs.Checkpoints;
using Diffusion.Specs.Distributed;
using Diffusion.Specs.Experiments;
using Diffusion.Specs.Host;
using Diffusion.Specs.Interchange;
using Diffusion.Specs.Reference;
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
        .. new[]
            {
                typeof(InceptionSpecs), typeof(FidVerbSpecs), typeof(ResumedRunSpecs), typeof(KilledRunSpecs), typeof(UNetSpecs),
                typeof(BrowserSpecs), typeof(TrainingAllocationSpecs), typeof(FolderTrainingSpecs), typeof(CheckpointSpecs),
                typeof(ProgramSpecs), typeof(InitialWeightsSpecs), typeof(FrechetSpecs), typeof(ForeignFuzzSpecs), typeof(ImportFuzzSpecs),
                typeof(DivergedRunSpecs), typeof(LibraryPageSpecs), typeof(TrainingRunSpecs), typeof(LostOutputSpecs),
                typeof(SearchVerbSpecs), typeof(MpiProcessSpecs), typeof(TrainingSpecs), typeof(SweepSpecs),
            }
            .Select(type => type.FullName!),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Longest, name =>
            collection.DisplayName.EndsWith($" {name}", StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
}
