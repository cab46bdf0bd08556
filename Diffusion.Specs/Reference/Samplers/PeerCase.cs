using Diffusion.Math.Noise;
using Diffusion.Math.Plans;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>Reads any case of samplers.json.</summary>
public static class PeerCase
{
    // Levels are compared more tightly than states.
    private const double LevelTolerance = 1e-11;

    public static PeerRun Of(ReferenceObject item)
    {
        return item.Text("peer") switch
        {
            "diffusers" => Diffusers.Of(item),
            "guided-diffusion" => GuidedDiffusion.Of(item),
            "lucidrains" => Lucidrains.Of(item),
            "edm" => Edm.Of(item),
            var other => throw new NotSupportedException($"{item.Path}: peer '{other}'"),
        };
    }

    /// <summary>The levels, times and scales that a case lists, as far as it does.</summary>
    public static void CheckLevels(ReferenceObject item, SamplerPlan plan, IReadOnlyList<NoiseLevel> asked)
    {
        Check(item, "model_alpha_bars", asked.Select(level => Pow(level.Marginal.VariancePreserving.Alpha, 2)));
        Check(item, "model_sigmas", asked.Select(level => level.Marginal.NoiseToSignal));
        Check(item, "model_call_sigmas", asked.Select(level => level.Marginal.NoiseToSignal));
        Check(item, "init_noise_sigma", [plan.InitialScale]);
        Assert.Equal(item["noise_used"].GetBoolean(), plan.Steps.SelectMany(step => step.Instructions).OfType<Instruction.Draw>().Any());
        if (item.Has("sigmas"))
            Check(item, "sigmas", Sigmas(item, plan));
        if (item.Has("learned_variance_channel"))
            Assert.Equal("0.5*cos(x)", item.Text("learned_variance_channel"));
        if (item.Has("timesteps"))
            CheckTimes(item, plan, asked);
    }

    private static void CheckTimes(ReferenceObject item, SamplerPlan plan, IReadOnlyList<NoiseLevel> asked)
    {
        var times = item.Numbers("timesteps");
        // One more time than steps: the last says where the last step goes.
        double[] end = times.Length == plan.NetworkCalls + 1 ? [plan.Steps[^1].To.Time] : [];
        Check(item, "timesteps", [.. asked.Select(level => level.Time), .. end]);
    }

    // A method of two evaluations lists the inner levels twice.
    private static IEnumerable<double> Sigmas(ReferenceObject item, SamplerPlan plan)
    {
        var twice = item.Numbers("sigmas").Length > plan.Steps.Count + 1;
        return plan.Steps.SelectMany((step, index) => Enumerable.Repeat(step.From.Marginal.NoiseToSignal, twice && index > 0 ? 2 : 1))
            .Append(plan.Steps[^1].To.Marginal.NoiseToSignal);
    }

    private static void Check(ReferenceObject item, string field, IEnumerable<double> actual)
    {
        if (!item.Has(field))
            return;
        var (expected, found) = (item.Numbers(field), actual.ToArray());
        Assert.True(expected.Length == found.Length, $"{item.Path}.{field}: {found.Length} values instead of {expected.Length}");
        foreach (var (index, (wanted, value)) in expected.Zip(found).Index())
        {
            Assert.True(
                Abs(value - wanted) <= LevelTolerance * Max(1, Abs(wanted)),
                FormattableString.Invariant($"{item.Path}.{field}[{index}]: {value:R} instead of {wanted:R}"));
        }
    }
}
