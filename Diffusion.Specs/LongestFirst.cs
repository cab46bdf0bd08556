using Diffusion.Specs.Experiments;
using Diffusion.Specs.Host;
using Diffusion.Specs.Plots;
using Diffusion.Specs.Reference;
using Diffusion.Specs.Training;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Diffusion.Specs.LongestFirst", "Diffusion.Specs")]

namespace Diffusion.Specs;

/// <summary>
/// Begins with the specs that take longest, so that the short ones fill the other cores beside them and no core is idle at the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // Each takes more than eight seconds; anything else may come in any order.
    private static readonly string[] Longest =
    [
        .. new[]
            {
                typeof(KilledRunSpecs), typeof(ResumedRunSpecs), typeof(InceptionSpecs), typeof(SweepSpecs),
                typeof(TrainingAllocationSpecs),
                typeof(ClassifierRunSpecs), typeof(FidVerbSpecs), typeof(PlotSpecs), typeof(UNetSpecs), typeof(TrainingRunSpecs),
            }
            .Select(type => type.FullName!),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Longest, name =>
            collection.DisplayName.EndsWith($" {name}", StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
}
