using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;

namespace Diffusion.Specs.Host;

public sealed class TerminalSpecs
{
    private static readonly Work Training = new("training", "steps", From: 0, Total: 1_000_000);

    public static TheoryData<int> Widths => [40, 80, 120, 200];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Progress_is_one_row_however_its_numbers_grow(int columns)
    {
        var terminal = new FakeTerminal(columns);
        ProgressDisplay.Show(On(terminal), (_, display) =>
        {
            using var activity = display.Begin(Training);
            for (var done = 1L; done <= Training.Total; done *= 10)
            {
                Thread.Sleep(101);
                activity.Report(done, () => $"loss {1234.5678 / done:0.0000}, {done * 17} images/s, gradient norm {done}");
                var row = Assert.Single(terminal.Rows);
                Assert.InRange(row.Length, 20, columns - 1);
                Assert.StartsWith("training ", row, StringComparison.Ordinal);
                Assert.Contains($" {done}/1000000 steps", row, StringComparison.Ordinal);
            }
            return 0;
        });
        Assert.Equal([""], terminal.Rows);
    }

    [Fact]
    public void A_wide_terminal_shows_everything_and_a_narrow_one_what_matters_most()
    {
        var row = new ProgressRow("training", 0.5, "500/1000 steps", ["loss 0.0512", "1234 images/s"], "3 min 20 s left");
        Assert.Equal($"training {new string('━', 15)}{new string('─', 15)} 500/1000 steps loss 0.0512, 1234 images/s 3 min 20 s left",
            row.Text(120, hasUnicode: true));
        Assert.Equal("training #######------- 500/1000 steps loss 0.0512 3 min 20 s left", row.Text(66, hasUnicode: false));
        Assert.Equal("training ━━━━━───── 500/1000 steps 3 min 20 s left", row.Text(50, hasUnicode: true));
        Assert.Equal("training 500/1000 steps 3 min 20 s left", row.Text(40, hasUnicode: true));
        Assert.Equal("training 500/1000 steps", row.Text(37, hasUnicode: true));
        Assert.Equal("training 500/1…", row.Text(15, hasUnicode: true));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_line_that_is_said_meanwhile_leaves_nothing_of_the_row_behind(int columns)
    {
        var terminal = new FakeTerminal(columns);
        ProgressDisplay.Show(On(terminal), (session, display) =>
        {
            using var training = display.Begin(Training);
            using var sampling = display.Begin(new("sampling", "calls", 0, 50));
            session.Say("epoch 1");
            session.Warn("odd");
            Assert.Equal(["epoch 1", "warning: odd"], terminal.Rows[..^2]);
            Assert.StartsWith("training ", terminal.Rows[^2], StringComparison.Ordinal);
            Assert.StartsWith("sampling ", terminal.Rows[^1], StringComparison.Ordinal);
            return 0;
        });
        Assert.Equal(["epoch 1", "warning: odd"], terminal.Rows);
    }

    [Theory]
    [InlineData(120, 40)]
    [InlineData(200, 60)]
    [InlineData(80, 43)]
    [InlineData(40, 200)]
    public void A_window_that_was_resized_keeps_nothing_of_the_row_either(int before, int after)
    {
        var terminal = new FakeTerminal(before);
        ProgressDisplay.Show(On(terminal), (session, display) =>
        {
            session.Say("chosen");
            using var training = display.Begin(Training);
            using var sampling = display.Begin(new("sampling", "calls", 0, 50));
            Thread.Sleep(101);
            training.Report(123_456, () => "loss 0.1234, 56 images/s, something that is long enough for a wide window");
            terminal.Columns = after;
            session.Say("epoch 1");
            Assert.Equal(["chosen", "epoch 1"], terminal.Rows[..^2]);
            return 0;
        });
        Assert.Equal(["chosen", "epoch 1"], terminal.Rows);
    }

    [Theory]
    [InlineData(25, 40)]
    [InlineData(40, 40)]
    [InlineData(80, 80)]
    [InlineData(120, 100)]
    public void A_message_is_broken_between_words(int columns, int widest)
    {
        const string message = "training takes about 2 min 42 s, and sampling of 1,024 samples with 50 network calls each comes on top";
        var written = new StringWriter { NewLine = "\n" };
        On(written, columns).Say(message);
        var lines = written.ToString().TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, widest));
        Assert.All(lines.Skip(1), line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
        Assert.Equal(message, string.Join(' ', lines.Select(line => line.Trim())));
    }

    [Fact]
    public void A_word_and_a_command_line_stay_whole_so_that_they_can_be_copied()
    {
        var path = $"/somewhere/{new string('x', 60)}/model.safetensors";
        const string command = "diffusion train --resume 'runs/a name' --device cpu --threads 2";
        Assert.Equal(["weights of the network:", $"  {path}", "  which is whole"],
            WrappedText.OfLine($"weights of the network: {path} which is whole", 40));
        Assert.Equal(["to continue:", $"  {command}"], WrappedText.OfLine($"to continue: {command}", 40));
        Assert.Equal([command], WrappedText.OfLine(command, 40));
        Assert.Equal(["to continue: diffusion train"], WrappedText.OfLine("to continue: diffusion train", 40));
    }

    [Fact]
    public void An_entry_of_a_list_goes_on_below_its_second_column()
    {
        Assert.Equal(["processor   a name of several words", "            that is long"],
            WrappedText.OfLine("processor   a name of several words that is long", 36));
        Assert.Equal(["cache       in", "  /a/folder/of/many/letters/that/stays", "            whole"],
            WrappedText.OfLine("cache       in /a/folder/of/many/letters/that/stays whole", 40));
        Assert.Equal(["to sample", "  diffusion sample 'runs/one of mine' -o samples.png"],
            WrappedText.OfLine("to sample   diffusion sample 'runs/one of mine' -o samples.png", 40));
    }

    [Fact]
    public void Results_are_broken_on_a_terminal_alone_and_a_result_for_a_script_never()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", 30));
        Assert.Equal(3, Answered(ResultForm.Text, 60).Length);
        Assert.Equal([words], Answered(ResultForm.Text, null));
        Assert.Equal([$$"""{"text":"{{words}}"}"""], Answered(ResultForm.Json, 60));

        string[] Answered(ResultForm form, int? window)
        {
            var output = new StringWriter { NewLine = "\n" };
            var terminal = new Terminal(output, TextWriter.Null, Display.Plain) { Window = () => window };
            new Session(terminal, Verbosity.Normal, form, default).Answer(words, new JsonObject { ["text"] = words });
            return output.ToString().TrimEnd('\n').Split('\n');
        }
    }

    [Fact]
    public void Redirected_messages_are_whole_lines_without_control_characters()
    {
        var error = new StringWriter { NewLine = "\n" };
        var session = new Session(new(TextWriter.Null, error, Display.Plain), Verbosity.Normal, ResultForm.Text, default);
        var message = string.Join(' ', Enumerable.Repeat("word", 60));
        ProgressDisplay.Show(session, (above, display) =>
        {
            using var activity = display.Begin(Training);
            activity.Report(1, () => "");
            above.Say(message);
            return 0;
        });
        Assert.Equal($"{message}\n", error.ToString());
    }

    [Theory]
    [InlineData("plain", 5)]
    [InlineData("日本語", 6)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    public void Text_takes_cells(string text, int cells)
    {
        Assert.Equal(cells, Cells.Of(text));
        Assert.Equal(8, Cells.Of(Cells.PadLeft(text, 8)));
        Assert.InRange(Cells.Of(Cells.Fitted(text + "日本語日本語", 7)), 5, 7);
    }

    private static Session On(FakeTerminal terminal) => On(new Screen(terminal, () => terminal.Columns));

    private static Session On(TextWriter writer, int columns) => On(new Screen(writer, () => columns));

    private static Session On(Screen screen) => new(Terminal.On(screen, TextWriter.Null), Verbosity.Normal, ResultForm.Text, default);
}
