using System.Collections.Immutable;
using Diffusion.Host.Samplers;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Images;
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
                var clean = full([2, 1, 12, 12], -0.8f);
                for (var sample = 0; sample < 2; sample++)
                    clean[sample, 0, TensorIndex.Slice(2 * (first + sample), 2 * (first + sample) + 4),
                        TensorIndex.Slice(1 + index, 6 + index)] = tensor(0.9f);
                var board = (arange(12).view(12, 1) + arange(12)).remainder(2) * 2 - 1;
                var state = clean * step.To.Marginal.Alpha + board * step.To.Marginal.Sigma;
                watch(new(first, index, ImmutableDictionary<Slot, Tensor>.Empty.Add(Slot.State, state).Add(Slot.Limited, clean)));
            }
    }

    private static byte[] Encoded(RgbImage image)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, image, []);
        return stream.ToArray();
    }
}
