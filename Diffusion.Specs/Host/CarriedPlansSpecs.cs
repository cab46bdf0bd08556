using Diffusion.Host.Models;
using Diffusion.Math.PlanFiles;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;

namespace Diffusion.Specs.Host;

/// <summary>The plans that lie beside the models that come with the program.</summary>
public sealed class CarriedPlansSpecs
{
    public static TheoryData<string> Plans =>
    [
        .. CarriedModels.Names.Select(CarriedModels.Resolve).Select(folder => Path.Combine(folder, PlanPlace.FolderName))
            .Where(Directory.Exists).SelectMany(Directory.GetFiles).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_plan_is_of_its_model_s_schedule_of_as_many_calls_as_its_name_says_and_better_on_unseen_samples(string path)
    {
        var (plan, folder) = (PlanPlace.Read(path), Path.GetDirectoryName(Path.GetDirectoryName(path))!);
        Assert.Equal($"{CarriedModels.NameOf(folder)}-{plan.Plan.NetworkCalls}{PlanPlace.Extension}", Path.GetFileName(path));
        Assert.Null(PlanFit.MismatchOf(plan.Plan, RecipeFile.Read(Path.Combine(folder, "recipe.json")).Schedule));
        Assert.Matches("^[0-9a-f]{64}$", plan.Found!.WeightsSha256);
        Assert.Contains(Directory.GetFiles(folder, "checkpoint.json", SearchOption.AllDirectories), header =>
            File.ReadAllText(header).Contains(plan.Found.WeightsSha256!, StringComparison.Ordinal));
        Assert.True(plan.Found.UnseenAfter < plan.Found.UnseenBefore);
    }
}
