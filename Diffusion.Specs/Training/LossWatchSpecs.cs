using Diffusion.Math.Values;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class LossWatchSpecs : IDisposable
{
    private readonly LossWatch _watch = new(CPU);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Losses_that_vary_as_usual_are_no_spikes()
    {
        for (var update = 0; update < 500; update++)
            Add(1 + 0.1 * new Seed(3).Uniform(update));
        Assert.Equal(0, Spikes);
        Assert.Equal(500, _watch.Epoch[1].item<double>());
    }

    [Fact]
    public void A_loss_far_above_the_others_is_a_spike_and_hides_no_second_one()
    {
        for (var update = 0; update < 100; update++)
            Add(1 + 0.1 * new Seed(3).Uniform(update));
        Add(100);
        Add(100);
        Add(1.05);
        Assert.Equal(2, Spikes);
    }

    [Fact]
    public void Nothing_is_a_spike_before_it_is_known_what_is_usual()
    {
        for (var update = 0; update < 20; update++)
            Add(update % 2 == 0 ? 1 : 100);
        Assert.Equal(0, Spikes);
    }

    [Fact]
    public void A_new_epoch_begins_with_no_spikes_and_remembers_what_is_usual()
    {
        for (var update = 0; update < 100; update++)
            Add(1 + 0.1 * new Seed(3).Uniform(update));
        Add(50);
        _watch.Begin();
        Assert.Equal((0.0, 0.0), (Spikes, _watch.Epoch[1].item<double>()));
        Add(50);
        Assert.Equal(1, Spikes);
    }

    [Fact]
    public void Losses_that_are_no_numbers_are_left_out()
    {
        Add(2);
        Add(double.NaN);
        Add(double.PositiveInfinity);
        Add(4);
        Assert.Equal([6.0, 2], _watch.Epoch.data<double>().ToArray());
        Assert.Equal(3, _watch.Usual[0].item<double>());
    }

    private double Spikes => _watch.Usual[3].item<double>();

    private void Add(double loss)
    {
        using var number = tensor(loss, float64);
        _watch.Add(number);
    }
}
