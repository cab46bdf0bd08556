using System.Runtime.InteropServices;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Runtime;
using Diffusion.Model.Networks;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class OutOfMemorySpecs
{
    [Fact]
    public void A_want_of_memory_is_distinguished_from_other_failures()
    {
        // 256 TB, more than any machine has.
        Assert.True(OutOfMemory.IsMeantBy(Record.Exception(() => zeros(1L << 46))!));
        Assert.True(OutOfMemory.IsMeantBy(new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.")));
        Assert.False(OutOfMemory.IsMeantBy(Record.Exception(() => ones(2, 3).mm(ones(2, 3)))!));
    }

    [Fact]
    public void A_batch_that_does_not_fit_gives_the_updates_of_a_run_that_was_given_what_fits()
    {
        using var images = Small.Images();
        using var given = new TrainingRun(Small.Labelled with { Length = Small.Labelled.Length with { MicroBatch = 2 } }, images, CPU);
        using var found = new TrainingRun(Small.Labelled, images, CPU);
        // 6 images do not fit, nor do 3.
        ((UNet)found.Network).register_forward_pre_hook(ShortMemory.For(2));
        Assert.Equal(new(1, null), given.Advance());
        Assert.Equal(new(1, new(6, 2)), found.Advance());
        for (var update = 1; update < 4; update++)
        {
            given.Advance();
            Assert.Null(found.Advance().Reduced);
        }
        Assert.Equal(given.Recipe, found.Recipe);
        Assert.Equal(given.Arena.Values.data<float>().ToArray(), found.Arena.Values.data<float>().ToArray());
        Assert.Equal(given.Look(), found.Look());
    }

    [Fact]
    public void A_single_image_that_does_not_fit_is_the_end()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Recipe, images, CPU);
        ((UNet)run.Network).register_forward_pre_hook(ShortMemory.For(0));
        Assert.Throws<ExternalException>(() => run.Advance());
        Assert.Equal((0, 1), (run.Updates, run.Recipe.Length.MicroBatch));
    }

    [Fact]
    public void What_fits_is_remembered_over_a_resume()
    {
        using var place = new TemporaryFolder();
        using var images = Small.Images();
        using var first = new TrainingRun(Small.Recipe, images, CPU);
        ((UNet)first.Network).register_forward_pre_hook(ShortMemory.For(3));
        first.Advance();
        Checkpoint.Save(first, place["saved"], null);
        using var second = new TrainingRun(Small.Recipe, images, CPU);
        Checkpoint.Restore(second, place["saved"]);
        first.Advance();
        second.Advance();
        Assert.Equal(3, second.Recipe.Length.MicroBatch);
        Assert.Equal(first.Arena.Values.data<float>().ToArray(), second.Arena.Values.data<float>().ToArray());
    }
}
