using Diffusion.Host.Samplers;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Images;

/// <summary>Strips and animations of fixed tensors: a bright square wanders, the state is it and a chequerboard that fades.</summary>
public sealed class ProgressiveSheetSpecs
{
    private static readonly SamplerPlan Plan =
        new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived).Plan(new NoiseSchedule.Linear(), new TimestepSpacing.Leading(5));

    // Letters are antialiased a little differently by other processors.
    private static readonly PixelTolerance Letters = new(24, 0.002);

    [Fact]
    public void A_strip_shows_states_above_estimates_from_noise_to_image()
    {
        using var scope = NewDisposeScope();
        using var strip = new DenoisingStrip(Plan, 4);
        Watch(strip.Watch);
        Golden.Project.Png(Encoded(strip.Compose("a strip of fixed tensors").Draw()), Letters, "Strip");
    }

    [Fact]
    public void A_column_shows_the_state_and_what_the_network_predicts_of_it()
    {
        using var scope = NewDisposeScope();
        using var strip = new DenoisingStrip(Plan, 99);
        using var film = new FormingFilm(Plan, 99);
        Action<SampledStep> watch = step =>
        {
            strip.Watch(step);
            film.Watch(step);
        };
        // States get brighter from step to step, estimates are a little brighter than the state they are made of.
        float Bright(int step) => step == Plan.Steps.Count ? 1 : -1 + 0.25f * step;
        foreach (var (index, step) in Plan.Steps.Index())
            watch(new(0, index, Image(Bright(index) * step.From.Marginal.Scale), Image(Bright(index) + 0.125),
                Image(Bright(index + 1) * step.To.Marginal.Scale)));
        var sheet = strip.Compose("");
        var words = sheet.ToSvg([]).Elements().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        Assert.Equal(["t=800", "t=600", "t=400", "t=200", "t=0", "x₀", "xₜ", "x̂₀"], words);
        var (image, cell) = (sheet.Draw(), 12 * 5 + 4);
        int Value(int row, int column) => image.Row(image.Height - (2 - row) * cell + 10)[3 * (image.Width - (6 - column) * cell + 10)];
        for (var column = 0; column < 6; column++)
        {
            Assert.Equal(Byte(Bright(column)), Value(0, column), 1.0);
            Assert.Equal(Byte(column == 5 ? 1 : Bright(column) + 0.125f), Value(1, column), 1.0);
        }
        var frames = film.Compose(GridLayout.Of(1), "").Frames;
        Assert.Equal(6, frames.Count);
        Assert.Equal(0, frames[0].Image.Row(frames[0].Image.Height - 5)[3 * 5]);

        static Tensor Image(double value) => full([1, 1, 12, 12], Number.Of(value));

        static double Byte(float value) => Round((value + 1) * 127.5);
    }

    [Fact]
    public void The_first_estimate_of_a_step_is_guided_and_limited_and_made_of_its_state()
    {
        var schedule = new NoiseSchedule.Linear();
        var spacing = new TimestepSpacing.Leading(5);
        var heun = new Sampler.Heun(new Clipping.Clip()).Plan(schedule, spacing).Steps[0];
        Assert.Equal((2, Slot.Limited), heun.FirstEstimate);
        Assert.Equal(2, heun.NetworkCalls);
        var plain = new Sampler.Heun(new Clipping.None()).Plan(schedule, spacing).GuidedBy(new ClassifierGuidance.ScoreShift(2)).Steps[0];
        Assert.Equal((3, Slot.Denoised), plain.FirstEstimate);
        Assert.Null((heun with { Instructions = [] }).FirstEstimate);
    }

    [Fact]
    public void An_animation_holds_its_end_and_shows_it_where_nothing_moves()
    {
        using var scope = NewDisposeScope();
        using var film = new FormingFilm(Plan, 3);
        Watch(film.Watch);
        var animation = film.Compose(GridLayout.Of(3) with { Scale = 4 }, "fixed tensors");
        Assert.Equal(3, animation.Frames.Count);
        Assert.Equal([0.1, 0.1, 2], animation.Frames.Select(frame => frame.Duration.TotalSeconds));
        Assert.Same(animation.Frames[^1].Image, animation.Still);
        foreach (var (index, frame) in animation.Frames.Index())
            Golden.Project.Png(Encoded(frame.Image), Letters, $"Film.{index + 1}");
    }

    [Property]
    public void Shown_steps_are_spread_evenly_and_end_with_the_last(PositiveInt steps, PositiveInt most)
    {
        var shown = new ShownSteps(steps.Get, most.Get);
        Assert.Equal(Min(steps.Get, most.Get), shown.Count);
        Assert.Equal(steps.Get - 1, shown.StepAt(shown.Count - 1));
        var places = Enumerable.Range(0, steps.Get).Select(shown.PlaceOf).OfType<int>();
        Assert.Equal(Enumerable.Range(0, shown.Count), places);
        var distances = Enumerable.Range(1, shown.Count - 1).Select(place => shown.StepAt(place) - shown.StepAt(place - 1)).ToArray();
        Assert.True(distances.Length == 0 || distances.Max() - distances.Min() <= 1);
    }

    [Fact]
    public void Title_columns_rows_and_images_have_their_texts()
    {
        using var scope = NewDisposeScope();
        var images = linspace(-1, 1, 8).view(8, 1, 1, 1).expand(8, 1, 6, 6);
        var layout = new GridLayout(4, 6, 4, ["upper ", "lower "])
        {
            Title = "a title that is too long for a sheet of four small images",
            ColumnLabels = ["t=1", "t=1000", "x", "y"],
            Captions = ["0.1\n+2", "0.2\n+1", "0.3", "", "1\n2\n3"],
        };
        Golden.Project.Png(Encoded(ImageGrid.Compose(images, layout)), Letters, "ImageGrid.Texts");
    }

    [Fact]
    public void A_column_label_that_would_run_into_the_one_before_is_left_out()
    {
        using var scope = NewDisposeScope();
        RgbImage Sheet(params string[] labels) =>
            ImageGrid.Compose(ones(3, 1, 10, 20), GridLayout.Of(3) with { ColumnLabels = [.. labels] });
        Assert.Equal(Sheet("t=999").Rgb, Sheet("t=999", "t=500").Rgb);
        Assert.NotEqual(Sheet("t=999").Rgb, Sheet("t=999", "", "0").Rgb);
    }

    private static void Watch(Action<SampledStep> watch)
    {
        foreach (var (index, step) in Plan.Steps.Index())
            foreach (var first in new[] { 0, 2 })
            {
                var clean = full([2, 1, 12, 12], Number.Of(-0.8));
                for (var sample = 0; sample < 2; sample++)
                    clean[sample, 0, TensorIndex.Slice(2 * (first + sample), 2 * (first + sample) + 4),
                        TensorIndex.Slice(1 + index, 6 + index)] = tensor(0.9f);
                var line = Number.Range(0, 12, int64, CPU);
                var board = line.view(12, 1).Plus(line).remainder(Number.Of(2)).Times(2).Minus(1);
                Tensor At(Marginal level) => clean.Times(level.Alpha).Plus(board.Times(level.Sigma));
                watch(new(first, index, At(step.From.Marginal), clean, At(step.To.Marginal)));
            }
    }

    private static byte[] Encoded(RgbImage image)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, image, []);
        return stream.ToArray();
    }
}
