using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;

namespace Diffusion.Specs.Host;

public sealed class DeviceChoiceSpecs
{
    private static readonly Sequence<GraphicsCard> None = [];
    private static readonly Sequence<GraphicsCard> Two = [new("A100", 80), new("A100", 80)];

    [Theory]
    [InlineData(256, 2, null)]
    [InlineData(257, 2, "--threads: found 257 threads on 2 cores; expected at most 256.")]
    [InlineData(1024, 128, null)]
    [InlineData(int.MaxValue, 128, "--threads: found 2147483647 threads on 128 cores; expected at most 1024.")]
    public void More_threads_than_any_machine_has_use_for_are_refused(int threads, int cores, string? refusal) =>
        Assert.Equal(refusal, Machine.ThreadRefusal(threads, cores)?.Message);

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    [InlineData("cuda")]
    [InlineData("cuda:7")]
    public void A_choice_is_written_as_it_is_read(string word) => Assert.Equal(word, $"{DeviceChoice.Parse(word)}");

    [Fact]
    public void Cuda_is_the_first_gpu() => Assert.Equal(DeviceChoice.Cuda, DeviceChoice.Parse("cuda:0"));

    [Theory]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:1.5")]
    [InlineData("cuda:99999999999")]
    [InlineData("cuda1")]
    [InlineData("cpu:0")]
    [InlineData("")]
    public void Other_words_are_none(string word) => Assert.Null(DeviceChoice.Parse(word));

    [Fact]
    public void A_gpu_that_is_not_there_is_refused_with_those_that_are()
    {
        string Refusal(string word, int usable, Sequence<GraphicsCard> cards) =>
            Machine.Refusal(DeviceChoice.Parse(word)!.Value, usable, cards)?.Message.TrimEnd('.') ?? "";
        Assert.Equal("", Refusal("cpu", 0, None) + Refusal("auto", 0, Two) + Refusal("cuda", 1, Two) + Refusal("cuda:1", 2, Two));
        Assert.Equal("--device: found cuda:2 on a machine with 2 GPUs; expected cuda:0 to cuda:1", Refusal("cuda:2", 2, Two));
        Assert.Equal("--device: found cuda:1 on a machine with one GPU; expected cuda", Refusal("cuda:1", 1, Two));
        Assert.Equal(
            "--device: found cuda:1 on a machine that has no NVIDIA GPU with a driver; expected cpu or auto", Refusal("cuda:1", 0, None));
        Assert.StartsWith("--device: found cuda:1 with a libtorch that cannot use A100; expected cpu or auto", Refusal("cuda:1", 0, Two));
    }
}
