using System.Diagnostics;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Files;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>
/// Outputs that cannot be written: messages are dropped and work goes on; a result that is lost is a failure, and says so.
/// </summary>
public sealed class LostOutputSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_message_that_cannot_be_written_is_dropped_and_the_next_one_is_tried()
    {
        var (written, full) = (new List<byte>(), true);
        using var writer = StandardStream.Over(bytes =>
        {
            if (full)
                throw new IOException("No space left on device");
            written.AddRange(bytes);
        }, _ => { });
        writer.WriteLine("lost");
        full = false;
        writer.WriteLine("heard");
        Assert.Equal("heard" + Environment.NewLine, System.Text.Encoding.UTF8.GetString([.. written]));
    }

    [Fact]
    public void A_result_that_cannot_be_written_is_an_error_of_one_line()
    {
        foreach (var trouble in new Exception[] { new IOException("Broken pipe"), new UnauthorizedAccessException("Broken pipe") })
        {
            var error = new StringWriter();
            using var output = StandardStream.Over(_ => throw trouble, failure => throw new OutputException("standard output", failure));
            Assert.Equal(ExitCode.Failure,
                CommandLineApp.Run(["plan", "--steps", "2"], new(Terminal.Plain(output), error, Display.Plain), CancellationToken.None));
            Assert.Equal($"error: standard output cannot be written: Broken pipe{Environment.NewLine}", error.ToString());
        }
    }

    [UnixTheory]
    [InlineData(">/dev/full 2>&1", 1)]
    [InlineData("2>/dev/full", 0)]
    [InlineData("2>&-", 0)]
    [InlineData("2>&- >&-", 1)]
    public void A_process_without_one_of_them_ends_as_it_should(string redirection, int code)
    {
        if (redirection.Contains("full", StringComparison.Ordinal) && !File.Exists("/dev/full"))
            return;
        Assert.Equal((code, ""), Shell($"exec {Program} plan --steps 2 --verbose {redirection}", out _));
    }

    [UnixTheory]
    [InlineData(">/dev/full", "error: standard output cannot be written: the disk is full")]
    [InlineData(">&-", "error: standard output cannot be written: it is closed")]
    [InlineData("| true", "")]
    public void A_process_says_why_its_result_is_lost_but_not_that_its_reader_has_gone(string redirection, string said)
    {
        if (redirection.Contains("full", StringComparison.Ordinal) && !File.Exists("/dev/full"))
            return;
        Assert.Equal((redirection == "| true" ? 0 : 1, said), Shell($"{Program} plan --steps 2 {redirection}", out _));
    }

    [UnixTheory]
    [InlineData("")]
    [InlineData("--json")]
    public void A_process_whose_reader_has_gone_fails_in_silence(string form) =>
        Assert.Equal((0, "code 1"), Shell($"{{ {Program} plan --steps 2 {form}; echo code $? >&2; }} | true", out _));

    [UnixFact]
    public void A_slip_keeps_its_exit_code_when_its_message_cannot_be_written() =>
        Assert.Equal((1, ""), Shell($"exec {Program} plan --stepps 2 2>/dev/full", out _));

    [UnixFact]
    public void A_process_that_may_open_few_files_ends_in_one_line()
    {
        var (code, error) = Shell($"ulimit -n 32; exec {Program} info", out _);
        Assert.True(code is 0 or 1, error);
        Assert.DoesNotContain('\n', error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_folder_for_temporary_files_that_is_not_there_is_not_missed() =>
        Assert.Equal((0, ""), Shell($"TMPDIR={_place.Path}/nowhere exec {Program} info", out _));

    private static string Program => $"dotnet {Path.Combine(AppContext.BaseDirectory, "diffusion.dll")}";

    private static (int Code, string Error) Shell(string line, out string output)
    {
        using var process =
            Process.Start(new ProcessStartInfo("sh", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Result.Trim());
    }
}
