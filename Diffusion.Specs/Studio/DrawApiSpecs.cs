namespace Diffusion.Specs.Studio;

/// <summary>Guidance and drawings by the API.</summary>
[Collection(StudioCollection.Name)]
public sealed class DrawApiSpecs(StudioFixture studio)
{
    // A vertical stroke.
    private static readonly string Stroke = Convert.ToBase64String(
        [.. Enumerable.Range(0, 28 * 28).Select(at => at % 28 is 13 or 14 or 15 && at / 28 is > 4 and < 24 ? (byte)255 : (byte)0)]);

    [Fact]
    public async Task Rows_of_guidance_come_from_the_same_noise_and_the_command_vary_draws_them()
    {
        var events = await studio.Events(
            "/guidance", new { samples = new { model = "digits", steps = 2, count = 2, seed = 3 }, strengths = new[] { 0, 3.5 } });
        var rows = events.Where(item => item.Name == "row").Select(item => item.Content).ToList();
        Assert.Equal([0, 3.5], rows.Select(row => (double)row["strength"]!));
        Assert.NotEqual((string)rows[0]["frame"]!["png"]!, (string)rows[1]["frame"]!["png"]!);
        Assert.EndsWith(
            "vary digits guidance 0 3.5 --steps 2 --seed 3 --count 2 -o guidance.png", (string)events[^1].Content["commandLine"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drawing_is_redrawn_recognised_and_measured()
    {
        var redrawn = await studio.Events("/drawings/redraw", new
        {
            samples = new { model = "digits", steps = 4, count = 1 }, drawing = new { pixels = Stroke }, strength = 0.5,
        });
        Assert.Equal((2, "done"), ((int)redrawn.Single(item => item.Name == "plan").Content["steps"]!, redrawn[^1].Name));
        var answer = await Post("/drawings/class", new { model = "digits", drawing = new { pixels = Stroke } });
        var recognised = answer!.AsArray()[^1]!;
        Assert.Equal("1", (string)recognised["classes"]!.AsArray()[Best(recognised)]!);
        var bound = await Post("/drawings/likelihood", new { model = "digits", drawing = new { pixels = Stroke }, label = "1" });
        Assert.InRange((double)bound!["total"]!, 0.1, 8);
        Assert.Equal((double)bound["total"]!, (double)bound["decoder"]! + (double)bound["chain"]! + (double)bound["prior"]!, 1e-9);
    }

    [Theory]
    [InlineData("/drawings/redraw", "{\"samples\":{\"model\":\"digits\"},\"drawing\":{\"pixels\":\"AAAA\"},\"strength\":0.5}", "784 bytes")]
    [InlineData("/drawings/redraw", "{\"samples\":{\"model\":\"digits\"},\"drawing\":{\"pixels\":\"\"},\"strength\":2}", "strength")]
    [InlineData("/drawings/between", "{\"samples\":{\"model\":\"digits\"},\"first\":-1,\"second\":1}", "at least 0")]
    [InlineData("/drawings/redraw", "{\"strength\":0.5}", "missing required")]
    [InlineData("/guidance", "{\"samples\":{\"model\":\"digits\"},\"strengths\":[]}", "strengths")]
    public async Task What_cannot_be_drawn_is_refused(string path, string question, string reason)
    {
        using var answer = await studio.Client.PostAsync(
            $"api{path}", new StringContent(question, System.Text.Encoding.UTF8, "application/json"));
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static int Best(System.Text.Json.Nodes.JsonNode recognised)
    {
        var shares = recognised["probabilities"]!.AsArray().Select(share => (double)share!).ToList();
        return shares.IndexOf(shares.Max());
    }

    private async Task<System.Text.Json.Nodes.JsonNode?> Post(string path, object body)
    {
        using var answer = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(studio.Client, $"api{path}", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return System.Text.Json.Nodes.JsonNode.Parse(text);
    }
}
