using System.Text;
using Diffusion.Host.TensorBoard;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.TensorBoard;

public sealed class EventSpecs : IDisposable
{
    private const string Columns =
        "epoch,step,images,seconds,images_per_second,loss,gradient_norm,learning_rate,samples,sampler,nfe,fd_lenet,provenance\n";

    private readonly TemporaryFolder _place = new();
    private readonly RunFolder _run;

    public EventSpecs()
    {
        _run = RunFolder.Create(Path.Combine(_place.Path, "run"));
        Report(1);
    }

    public void Dispose()
    {
        _run.Dispose();
        _place.Dispose();
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    [InlineData("a", 0xC1D04330)]
    public void The_checksum_has_its_published_values(string text, uint expected) =>
        Assert.Equal(expected, EventRecord.Checksum(Encoding.ASCII.GetBytes(text)));

    // RFC 3720, B.4: 32 bytes of zeros, of ones, and counted up.
    [Fact]
    public void The_checksum_agrees_with_the_examples_of_its_standard()
    {
        Assert.Equal(0x8A9136AAu, EventRecord.Checksum(new byte[32]));
        Assert.Equal(0x62A8AB43u, EventRecord.Checksum([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, EventRecord.Checksum([.. Enumerable.Range(0, 32).Select(value => (byte)value)]));
    }

    [Fact]
    public void An_epoch_becomes_its_numbers_and_its_sheet_of_samples()
    {
        Png.Save(_run.Samples(100), new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]), []);
        Session().Follow(_run);
        var events = Events();
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(events[0].Bytes(3)));
        var values = events.Skip(1).Select(item => (Step: item.Whole(2), Value: item.Inner(5).Inner(1))).ToList();
        Assert.All(values, value => Assert.Equal(100ul, value.Step));
        Assert.Equal(
            [("training/loss", 0.5f), ("training/gradient_norm", 0.25f), ("training/learning_rate", 0.125f),
                ("training/images_per_second", 64f), ("measured/fd_lenet", 8f)],
            values.SkipLast(1)
                .Select(value => (Encoding.UTF8.GetString(value.Value.Bytes(1)), BitConverter.ToSingle(value.Value.Bytes(2)))));
        var image = values[^1].Value.Inner(4);
        Assert.Equal("samples", Encoding.UTF8.GetString(values[^1].Value.Bytes(1)));
        Assert.Equal((1ul, 2ul, 3ul), (image.Whole(1), image.Whole(2), image.Whole(3)));
        Assert.Equal(File.ReadAllBytes(_run.Samples(100)), image.Bytes(4));
        Png.Save(_run.Samples(100), new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]) { Alpha = [0, 9] }, []);
        var png = File.ReadAllBytes(_run.Samples(100));
        Assert.Equal(4, Diffusion.Host.TensorBoard.Events.Image("samples", PngNotes.Read(png)!, png).Image.Colorspace);
    }

    [Fact]
    public void Each_session_has_a_file_and_every_step_is_written_once()
    {
        var first = Session();
        first.Follow(_run);
        first.Follow(_run);
        Report(2);
        first.Follow(_run);
        Report(3);
        Session().Follow(_run);
        Assert.Equal([100ul, 200ul, 300ul], Events().Skip(1).Where(item => item.Has(5)).Select(item => item.Whole(2)).Distinct());
        Assert.Equal(15, Events().Count(item => item.Has(5)));
        Assert.Equal(2, Files().Count);
    }

    [Fact]
    public void Rows_of_steps_are_written_once_beside_the_evaluations()
    {
        Steps(2);
        var first = Session();
        first.FollowSteps(_run);
        first.Follow(_run);
        Steps(4);
        // Ten seconds later at the earliest.
        first.FollowSteps(_run);
        Report(2);
        Session().Follow(_run);
        Session().Follow(_run);
        var written = Events().Skip(1).Where(item => item.Has(5))
            .Select(item => (Tag: Encoding.UTF8.GetString(item.Inner(5).Inner(1).Bytes(1)), Step: item.Whole(2))).ToList();
        Assert.Equal(written.Count, written.Distinct().Count());
        Assert.Equal([50ul, 100, 150, 200], written.Where(item => item.Tag == "steps/loss").Select(item => item.Step));
        Assert.Equal([100ul, 200], written.Where(item => item.Tag == "training/loss").Select(item => item.Step));
        Assert.Equal([0.5f, 0.25f, 0.125f, 64f], Events().Where(item => item.Has(5) && item.Whole(2) == 50)
            .Select(item => BitConverter.ToSingle(item.Inner(5).Inner(1).Bytes(2))));
    }

    [Fact]
    public void A_file_that_was_cut_off_hides_nothing_before_the_cut()
    {
        Session().Follow(_run);
        var file = Files().Single();
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..^3]);
        Assert.Equal(5, EventRecord.Read(File.ReadAllBytes(file)).Count());
        whole[^10] ^= 1;
        File.WriteAllBytes(file, whole);
        Assert.Equal(5, EventRecord.Read(File.ReadAllBytes(file)).Count());
    }

    private EventFolder Session() => new(_run.Events, TimeProvider.System);

    private void Report(int epochs) => File.WriteAllText(_run.Report,
        Columns + string.Concat(Enumerable.Range(1, epochs)
            .Select(epoch => $"{epoch},{100 * epoch},3200,{10 * epoch},64,0.5,0.25,0.125,256,ddim 50,50,8,same\n")));

    private void Steps(int rows) => File.WriteAllText(_run.Steps,
        "step,epoch,images,loss,gradient_norm,learning_rate,images_per_second,seconds\n" + string.Concat(Enumerable.Range(1, rows)
            .Select(row => $"{50 * row},0.1,1600,0.5,0.25,0.125,64,{row}\n")));

    private List<string> Files() => [.. Directory.EnumerateFiles(_run.Events).Order(StringComparer.Ordinal)];

    private List<WireMessage> Events() => [.. Files().SelectMany(file => WireMessage.Records(File.ReadAllBytes(file)))];
}
