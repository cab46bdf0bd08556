using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Images;

namespace Diffusion.Specs.Studio;

/// <summary>Samples by the API are those of the command line.</summary>
[Collection(StudioCollection.Name)]
public sealed class SampleApiSpecs(StudioFixture studio)
{
    [Fact]
    public async Task Samples_come_step_by_step_and_end_as_the_pixels_of_the_command_line_that_is_shown()
    {
        var events = await studio.Events("/samples", new { model = "digits", sampler = "ddim", steps = 3, eta = 0.5, guidance = 0.5,
            guidedFrom = 0.1, guidedTo = 5, label = "7", seed = 11, count = 3 });
        var plan = events.Single(sent => sent.Name == "plan").Content;
        Assert.Equal((3, 3), ((int)plan["steps"]!, (int)plan["networkCalls"]!));
        Assert.StartsWith("ddim: 3 steps, 3 network calls\n", (string)plan["text"]!, StringComparison.Ordinal);
        var steps = events.Where(sent => sent.Name == "step").Select(sent => sent.Content).ToList();
        Assert.Equal([0, 1, 2, 3], steps.Select(step => (int)step["index"]!));
        Assert.All(steps[..3], step => Assert.NotNull(step["estimate"]));
        Assert.Null(steps[3]["estimate"]);
        Assert.Equal(Drawn((string)plan["commandLine"]!), Sheet(events[^1]));
    }

    [Fact]
    public async Task The_description_of_the_API_names_its_routes()
    {
        var paths = (await studio.Get("/openapi.json"))["paths"]!.AsObject().Select(path => path.Key).ToList();
        Assert.Empty(new[] { "/api/models", "/api/samples", "/api/samples/film", "/api/runs" }.Except(paths));
        Assert.All(paths, path => Assert.StartsWith("/api/", path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_that_the_model_refuses_is_the_last_event()
    {
        var (name, content) = (await studio.Events("/samples", new { model = "digits", label = "horse" }))[^1];
        Assert.Equal("failed", name);
        Assert.StartsWith("label: found horse; expected ", (string)content["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_model_its_own_guidance_is_said_and_a_sweep_over_w_where_one_comes_with_it()
    {
        var models = (await studio.Get("/models"))["models"]!.AsArray();
        Assert.Equal([("digits", 0.3), ("objects", 1)], models.Take(2).Select(one => ((string)one!["name"]!, (double)one["guidanceW"]!)));
        var sweep = await studio.Get("/guidance/sweep?model=digits");
        string[] columns = [.. sweep["columns"]!.AsArray().Select(column => (string)column!)];
        Assert.Equal(["", "0", "0.3", "0.6", "1", "2", "3"],
            sweep["rows"]!.AsArray().Select(row => (string)row![Array.IndexOf(columns, "w")]!));
        Assert.All((string[])["s", "fd_lenet", "precision_lenet", "recall_lenet", "accuracy", "n"],
            column => Assert.Contains(column, columns));
    }

    // What the command writes that the page shows, in the folder of a spec.
    internal static byte[] Drawn(string line)
    {
        var folder = Directory.CreateTempSubdirectory("diffusion-studio-").FullName;
        try
        {
            var words = Host.SmallRun.Pasted(line);
            words[^1] = Path.Combine(folder, "samples.png");
            var said = new StringWriter();
            var code = CommandLineApp.Run(
                [.. words, "--threads", "1", "--device", "cpu"], new(TextWriter.Null, said, Display.Plain), CancellationToken.None);
            Assert.True(code == ExitCode.Success, said.ToString());
            return Rgb(File.ReadAllBytes(words[^1]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static byte[] Rgb(byte[] png) => ImageDecoder.Decode("samples.png", png).Rgb;

    private static byte[] Sheet((string Name, JsonNode Content) sent)
    {
        Assert.Equal("done", sent.Name);
        return Rgb(Convert.FromBase64String((string)sent.Content["sheet"]!));
    }
}
