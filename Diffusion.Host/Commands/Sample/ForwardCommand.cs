using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Samplers;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Shows how schedules turn real images into noise: q(x_t | x_0), a row for each image and schedule.</summary>
    /// <param name="Originals">The images.</param>
    /// <param name="Schedules">The schedules, a row each.</param>
    /// <param name="Out">The file, .png or .svg.</param>
    public sealed record Forward(OriginalRequest Originals, Sequence<ScheduleSource> Schedules, string Out) : Command
    {
        /// <summary>How many levels are shown where no times are given and every schedule has as many.</summary>
        public const int UsualColumns = 9;

        /// <summary>The times that are shown; null for some at equal distances.</summary>
        public Sequence<double>? Times { get; init; }

        /// <summary>What the noise follows from.</summary>
        public ulong Seed { get; init; }

        /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
        public int? Scale { get; init; }

        /// <summary>Height and width of images from files.</summary>
        public int Side { get; init; } = 64;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var schedules = Schedules.Select(schedule => schedule.Open()).ToSequence();
            var shown = NoisingRow.Columns(schedules, UsualColumns);
            var rows = schedules.Select(schedule => RowOf(schedule, shown)).ToSequence();
            using var scope = torch.NewDisposeScope();
            using var originals = OriginalImages.Read(session, Originals, new ImageSize(Side, Side));
            var (height, width) = ((int)originals.Images.shape[2], (int)originals.Images.shape[3]);
            var columns = 1 + rows[0].Levels.Count;
            SheetRoom.Require(originals.Count * rows.Count * columns, new(3, height, width), Scale);
            var noise = new SampleNoise(new Seed(Seed).For("forward"), 0, originals.Images.shape, torch.CPU).Draw(0);
            var images =
                from original in Enumerable.Range(0, originals.Count)
                from row in rows
                from image in row.Levels.Select(level => Noised(originals.Images[original], noise[original], level))
                    .Prepend(originals.Images[original])
                select image;
            var words = string.Join(", ", rows.Select(row => row.Schedule.Word));
            var file = new SheetFile(Out,
            [
                ("images", originals.Name), ("schedules", words), ("seed", Seed.ToString(CultureInfo.InvariantCulture)),
                .. rows.Select(row => ($"times {row.Schedule.Word}", string.Join(", ", row.Levels.Select(level => TimeText(level))))),
            ]);
            var everyRow = Enumerable.Repeat(rows, originals.Count).SelectMany(all => all).ToList();
            var layout = GridLayout.Readable(columns, height) with
            {
                Title = "q(xₜ | x₀), the same noise everywhere; below: ᾱ and log-SNR",
                ColumnLabels = [ShownSteps.Clean, .. LabelsOf(rows)],
                RowLabels = everyRow.Select(row => row.Schedule.Word).ToSequence(),
                Captions = everyRow.SelectMany(row => row.Captions.Prepend("")).ToSequence(),
            };
            file.Save(ImageGrid.Of(torch.stack(images), layout.At(Scale)));
            Answer(session, file, rows);
            return ExitCode.Success;
        }

        private NoisingRow RowOf(NamedSchedule schedule, int columns) =>
            NoisingRow.Faults(schedule, Times ?? []).FirstOrDefault() is { } fault
            ? throw new RecipeException("--times", fault)
            : NoisingRow.Of(schedule, Times, columns);

        // Times, where all rows have the same; else how far it is to the last.
        private static IEnumerable<string> LabelsOf(Sequence<NoisingRow> rows)
        {
            var levels = rows[0].Levels;
            return rows.All(row => row.Levels.Select(level => level.Time).SequenceEqual(levels.Select(level => level.Time)))
                ? levels.Select(level => $"t={TimeText(level)}")
                : levels.Select(
                    (_, column) => string.Create(CultureInfo.InvariantCulture, $"{100 * column / Max(1, levels.Count - 1)}%"));
        }

        private static string TimeText(NoiseLevel level) => level.Time.ToString("0.###", CultureInfo.InvariantCulture);

        private static torch.Tensor Noised(torch.Tensor image, torch.Tensor noise, NoiseLevel level)
        {
            var marginal = level.Marginal.VariancePreserving;
            return image.Times(marginal.Alpha).add_(noise, alpha: Number.Of(marginal.Sigma));
        }

        private void Answer(Session session, SheetFile file, Sequence<NoisingRow> rows)
        {
            JsonArray Numbers(NoisingRow row, Func<NoiseLevel, double> number) =>
                [.. row.Levels.Select(level => JsonValue.Create(number(level)))];
            var json = new JsonObject
            {
                ["file"] = Out,
                ["seed"] = Seed,
                ["schedules"] = new JsonArray([.. rows.Select(row => new JsonObject
                {
                    ["name"] = row.Schedule.Word,
                    ["times"] = Numbers(row, level => level.Time),
                    ["alphaBar"] = Numbers(row, level => Pow(level.Marginal.VariancePreserving.Alpha, 2)),
                })]),
            };
            session.Answer($"{Out}: {file.FactsText}", json);
        }
    }
}
