using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>What is to differ from a sampler and the levels it visits. A value; null where a setting stays as it is.</summary>
/// <remarks>
/// The settings change one by one: a number of steps keeps the sampler and its spacing, a sampler keeps the number of steps. Another
/// sampler comes with its own settings and its usual spacing. A spacing that names its levels one by one cannot be stretched: with another
/// number of steps it becomes the sampler's usual one.
/// </remarks>
public sealed record SamplerChange
{
    /// <summary>Another sampler.</summary>
    public Sampler? Sampler { get; init; }

    /// <summary>The number of steps; at least 1.</summary>
    public int? Steps { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(Steps)) : null; }

    /// <summary>The spacing, of as many steps as there are.</summary>
    public Spacing? Spacing { get; init; }

    /// <summary>The levels themselves; steps and spacing then say nothing.</summary>
    public TimestepSpacing? Grid { get; init; }

    /// <summary>η, in [0, 1]: how random the sampler is.</summary>
    public double? Eta { get; init; }

    /// <summary>The method's order.</summary>
    public int? Order { get; init; }

    /// <summary>S_churn of Karras et al. 2022; at least 0.</summary>
    public double? Churn { get; init; }

    /// <summary>What happens to estimates out of the data's range.</summary>
    public Clipping? Clipping { get; init; }

    /// <summary>The settings that a sampler lacks or refuses; empty where it has all of them.</summary>
    /// <param name="own">The sampler that is changed, unless <see cref="Sampler"/> is another one.</param>
    public Sequence<SettingFault> Faults(Sampler own) =>
        Settings.Select(setting => FaultOf(Sampler ?? own, setting)).OfType<SettingFault>().ToSequence();

    /// <summary>The sampler and its levels with this change.</summary>
    /// <param name="own">What is changed.</param>
    /// <param name="schedule">What is sampled over.</param>
    /// <exception cref="ArgumentException">The sampler has no such setting, or the levels do not fit the schedule.</exception>
    public SamplerChoice Of(SamplerChoice own, NoiseSchedule schedule)
    {
        var sampler = Settings.Aggregate(Sampler ?? own.Sampler, (before, setting) =>
            setting.Apply(before) ?? throw new ArgumentException(FaultOf(before, setting)!.Text));
        return new(sampler, GridOf(own, sampler, schedule));
    }

    private TimestepSpacing GridOf(SamplerChoice own, Sampler sampler, NoiseSchedule schedule)
    {
        if (Grid is not null)
            return Grid;
        if (Spacing is { } spacing)
            return spacing.Grid(Steps ?? own.Grid.Over(schedule).Count);
        TimestepSpacing Usual(int? steps) => sampler.UsualGrid(schedule, steps);
        if (Sampler is not null)
            return Usual(Steps ?? (own.Grid is TimestepSpacing.All ? null : own.Grid.Over(schedule).Count));
        return Steps is { } count ? own.Grid.OfSteps(count, steps => Usual(steps)) : own.Grid;
    }

    private IEnumerable<Setting> Settings
    {
        get
        {
            if (Eta is { } eta)
                yield return new("eta", sampler => sampler.WithEta(eta));
            if (Order is { } order)
                yield return new("order", sampler => sampler.WithOrder(order));
            if (Churn is { } churn)
                yield return new("churn", sampler => sampler.WithChurn(churn));
            if (Clipping is { } limit)
                yield return new("limit", sampler => sampler with { Clipping = limit });
        }
    }

    private static SettingFault? FaultOf(Sampler sampler, Setting setting)
    {
        try
        {
            return setting.Apply(sampler) is not null ? null : new(
                setting.Name,
                $"{SamplerCatalogue.NameOf(sampler)} has no such setting",
                string.Join(", ", SamplerCatalogue.Entries.Where(entry => Has(entry.Sampler, setting)).Select(entry => entry.Name)));
        }
        catch (ArgumentException refusal)
        {
            return new(setting.Name, refusal.Message.Split(" (Parameter")[0].TrimEnd('.'), "");
        }
    }

    private static bool Has(Sampler sampler, Setting setting)
    {
        try
        {
            return setting.Apply(sampler) is not null;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private sealed record Setting(string Name, Func<Sampler, Sampler?> Apply);
}

/// <summary>Why a setting cannot be changed.</summary>
/// <param name="Setting">Its name, such as <c>eta</c>.</param>
/// <param name="Reason">What is wrong, in a few words.</param>
/// <param name="Having">The samplers that have the setting; empty where it is there and the value is refused.</param>
public sealed record SettingFault(string Setting, string Reason, string Having)
{
    /// <summary>The reason and the remedy.</summary>
    public string Text => Having.Length == 0 ? Reason : $"{Reason}; samplers that have it: {Having}";
}
