using System.Text.Json;
using Diffusion.Math.Schedules;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Editing;

/// <summary>Where a noise schedule comes from. A closed union.</summary>
public abstract record ScheduleSource
{
    private const string RunRecipe = "recipe";

    private ScheduleSource()
    {
    }

    /// <summary>The kind by which recipes know a schedule.</summary>
    internal static string KindOf(NoiseSchedule schedule) => JsonNamingPolicy.CamelCase.ConvertName(schedule.GetType().Name);

    /// <summary>The schedule; a file is read now.</summary>
    /// <exception cref="RecipeException">The file holds none.</exception>
    public abstract NamedSchedule Open();

    /// <summary>One that is known: by its word, or written out.</summary>
    /// <param name="Word">What it is called.</param>
    /// <param name="Schedule">The schedule.</param>
    public sealed record Known(string Word, NoiseSchedule Schedule) : ScheduleSource
    {
        /// <inheritdoc/>
        public override NamedSchedule Open() => new(Word, Schedule);
    }

    /// <summary>A file of JSON that holds one, or a recipe.</summary>
    /// <param name="Path">The file.</param>
    public sealed record File(string Path) : ScheduleSource
    {
        /// <inheritdoc/>
        public override NamedSchedule Open()
        {
            var (schedule, name) = (RecipeFile.ReadSchedule(Path), System.IO.Path.GetFileNameWithoutExtension(Path));
            // The recipe of a run says nothing by its name.
            return new(name == RunRecipe ? KindOf(schedule) : name, schedule);
        }
    }
}
