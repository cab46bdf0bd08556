using System.Net;
using System.Net.Http.Json;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Studio;

/// <summary>Runs by the API and as documents.</summary>
[Collection(StudioCollection.Name)]
public sealed class RunApiSpecs(StudioFixture studio)
{
    [Fact]
    public async Task A_run_is_listed_shown_and_sampled_and_its_files_are_served()
    {
        Copy("small");
        var entry = Assert.Single((await studio.Get("/runs")).AsArray(), run => (string)run!["name"]! == "small")!;
        Assert.Equal(("finished", 6, 6), ((string)entry["state"]!, (int)entry["step"]!, (int)entry["of"]!));
        Assert.Contains("href=\"/runs/small\"", await studio.Client.GetStringAsync("runs"), StringComparison.Ordinal);
        var page = await studio.Client.GetStringAsync("runs/small");
        Assert.Contains("6 of 6 updates", page, StringComparison.Ordinal);
        Assert.Contains("/api/runs/file?run=small&amp;file=samples-step-000006.png", page, StringComparison.Ordinal);
        var events = await studio.Events("/samples", new { model = "small", count = 1 });
        Assert.Equal("done", events[^1].Name);
        using var followed = await studio.Client.GetAsync("api/runs/events?run=small");
        Assert.Contains("\"state\":\"finished\"", await followed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_compared_with_a_warning_where_their_rows_do_not_compare()
    {
        Copy("one");
        Copy("group/two");
        Copy("three");
        var report = Path.Combine(studio.Runs, "three", "report.csv");
        File.WriteAllText(report, File.ReadAllText(report).Replace("ema=", "ema=other ", StringComparison.Ordinal));
        Assert.DoesNotContain(
            "Warning", await studio.Client.GetStringAsync("runs/~compare?run=one&run=group/two"), StringComparison.Ordinal);
        Assert.Contains("Warning: not measured alike (ema)", await studio.Client.GetStringAsync("runs/~compare?run=one&run=three"),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await studio.Client.GetAsync("runs/~compare?run=one")).StatusCode);
    }

    [Theory]
    [InlineData("{\"recipe\":\"mnist\",\"changes\":[{\"path\":\"optimiser.rate.peek\",\"value\":\"1\"}]}", "optimiser.rate.peek")]
    [InlineData("{\"recipe\":\"mnist\",\"changes\":[{\"path\":\"schedule\",\"value\":\"/etc/x.json\"}]}", "schedule: a setting")]
    [InlineData("{\"recipe\":\"mnist\",\"changes\":[{\"path\":\"a=b --data\",\"value\":\"x\"}]}", "a setting and its value")]
    [InlineData("{\"recipe\":\"folder\"}", "named on the command line")]
    [InlineData("{\"recipe\":\"../x\"}", "no such recipe")]
    [InlineData("{\"recipe\":\"mnist\",\"name\":\"../x\"}", "a run is named by")]
    [InlineData("{\"recipe\":\"mnist\",\"preset\":\"huge\"}", "quick or paper")]
    public async Task A_run_that_cannot_begin_is_refused_with_the_reason_and_nothing_is_made(string question, string reason)
    {
        var content = new StringContent(question, System.Text.Encoding.UTF8, "application/json");
        using var answer = await studio.Client.PostAsync("api/runs/check", content);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        content = new StringContent(question.Replace("{\"recipe\"", "{\"name\":\"wrong\",\"recipe\"", StringComparison.Ordinal),
            System.Text.Encoding.UTF8, "application/json");
        using var begun = await studio.Client.PostAsync("api/runs", content);
        Assert.False(begun.IsSuccessStatusCode);
        Assert.False(Directory.Exists(Path.Combine(studio.Runs, "wrong")));
    }

    [Fact]
    public async Task A_run_that_the_studio_has_not_begun_is_not_stopped_by_it_and_a_name_that_is_taken_is_refused()
    {
        Copy("elsewhere");
        using var stopped = await studio.Client.PostAsJsonAsync("api/runs/stop", new { run = "elsewhere" });
        Assert.Equal(HttpStatusCode.Conflict, stopped.StatusCode);
        using var taken = await studio.Client.PostAsJsonAsync("api/runs", new { recipe = "mnist", name = "elsewhere" });
        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
    }

    private void Copy(string name)
    {
        using var run = SmallRun.Complete();
        foreach (var file in Directory.GetFiles(run.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(studio.Runs, name, Path.GetRelativePath(run.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
