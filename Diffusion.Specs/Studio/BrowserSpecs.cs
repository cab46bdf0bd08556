using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PuppeteerSharp;

namespace Diffusion.Specs.Studio;

/// <summary>The pages in a real Chromium.</summary>
[Collection(StudioCollection.Name)]
public sealed class BrowserSpecs(StudioFixture studio)
{
    private static readonly WaitForFunctionOptions Patience = new() { Timeout = 60_000 };

    [BrowserFact]
    public async Task Every_page_opens_without_an_error_and_fits_a_phone()
    {
        await using var tab = await Tab.Open(studio, "");
        await tab.Page.SetViewportAsync(new() { Width = 390, Height = 800 });
        var pages = await tab.Page.EvaluateExpressionAsync<string[]>(
            "[...document.querySelectorAll('nav a')].map(link => link.getAttribute('href'))");
        Assert.Contains("/sample", pages);
        foreach (var page in pages)
        {
            await tab.GoTo(page);
            Assert.True(await tab.Page.EvaluateExpressionAsync<bool>("document.documentElement.scrollWidth <= 390"), $"{page} is wider");
            Assert.Empty(await tab.Page.EvaluateExpressionAsync<string[]>(
                "[...document.querySelectorAll('input, select, canvas')].filter(one => !one.labels?.length && !one.ariaLabel)" +
                ".map(one => one.outerHTML)"));
        }
        Assert.Empty(tab.Errors);
    }

    [BrowserFact]
    public async Task A_sample_is_drawn_and_a_slider_that_is_moved_draws_again_from_the_same_noise()
    {
        await using var tab = await Tab.Open(studio, "/sample");
        await tab.Select("Sampler", "ddim");
        await tab.Fill("Steps, exactly", "2");
        await tab.Fill("Samples, exactly", "2");
        await tab.Fill("Seed", "5");
        await tab.Page.ClickAsync("button.primary");
        var (first, noise) = (await Sheet(tab, 2), await FirstFrame(tab));
        Assert.Equal(SampleApiSpecs.Drawn(await Text(tab, ".code code")), first);
        await tab.Page.EvaluateFunctionAsync(
            "() => { const one = [...document.querySelectorAll('.field')].find(field => field.innerText.startsWith('Steps'))" +
            ".querySelector('[type=range]'); one.value = 3; one.dispatchEvent(new Event('input', { bubbles: true })); }");
        var second = await Sheet(tab, 3);
        Assert.Equal(noise, await FirstFrame(tab));
        Assert.NotEqual(first, second);
        Assert.Contains("--steps 3", await Text(tab, ".code code"), StringComparison.Ordinal);
        Assert.Contains("3 network calls (NFE)", await Text(tab, ".work"), StringComparison.Ordinal);
        Assert.Empty(tab.Errors);
    }

    [BrowserFact]
    public async Task A_digit_is_drawn_with_the_mouse_masked_by_keys_and_filled_in()
    {
        await using var tab = await Tab.Open(studio, "/draw");
        var pad = await (await tab.Page.QuerySelectorAsync("canvas.pad")).BoundingBoxAsync();
        Task Move(decimal x, decimal y) => tab.Page.Mouse.MoveAsync(pad.X + x * pad.Width, pad.Y + y * pad.Height);
        await Move(0.3m, 0.2m);
        await tab.Page.Mouse.DownAsync();
        await Move(0.7m, 0.2m);
        await Move(0.4m, 0.8m);
        await tab.Page.Mouse.UpAsync();
        const string bright = "[...document.querySelector('canvas.pad').getContext('2d').getImageData(0, 0, 28, 28).data]" +
            ".filter((byte, at) => at % 4 === 2 && byte > 200).length";
        Assert.InRange(await tab.Page.EvaluateExpressionAsync<int>(bright), 30, 200);
        await tab.Page.FocusAsync("canvas.pad");
        await tab.Page.Keyboard.PressAsync("m");
        await tab.Page.Keyboard.PressAsync("ArrowDown");
        await tab.Page.Keyboard.PressAsync("m");
        await tab.Fill("Versions, exactly", "1");
        await tab.Page.ClickAsync("[data-do=fill]");
        await tab.Page.WaitForFunctionAsync("() => document.querySelector('main').dataset.done === '1'", Patience);
        Assert.StartsWith("done in ", await Text(tab, ".status"), StringComparison.Ordinal);
        Assert.Empty(tab.Errors);
    }

    [BrowserFact]
    public async Task A_run_is_begun_with_changed_settings_watched_to_its_end_and_read_without_script()
    {
        await using var tab = await Tab.Open(studio, "/runs");
        await tab.Page.EvaluateExpressionAsync("document.querySelectorAll('.begin, .begin details').forEach(one => { one.open = true; })");
        await tab.Fill("Name of the run", "watched");
        await tab.Fill("Steps", "2");
        foreach (var (setting, value) in new[]
        {
            ("length.batch", "2"), ("network.levels.0.channels", "32"), ("network.levels.1.channels", "32"), ("evaluation.samples", "2"),
            ("evaluation.finalSamples", "2"), ("evaluation.gridImages", "2"), ("evaluation.metrics", "[]"),
        })
            await tab.Set($"setting-{setting}", value);
        await tab.Set("setting-length.batch", "0");
        await tab.Page.WaitForFunctionAsync("() => document.querySelector('#begin .status').classList.contains('bad')", Patience);
        await tab.Set("setting-length.batch", "2");
        await tab.Page.WaitForFunctionAsync(
            "() => document.querySelector('#begin .code code').textContent.includes('--set length.batch=2') " +
            "&& !document.querySelector('#begin button.primary').disabled", Patience);
        await Task.WhenAll(tab.Page.WaitForNavigationAsync(), tab.Page.ClickAsync("#begin button.primary"));
        await tab.Page.WaitForFunctionAsync("() => document.querySelector('#live').dataset.over !== undefined", Patience);
        Assert.Equal("finished", await Text(tab, ".status"));
        Assert.Contains("2 of 2 updates of 2 images", await Text(tab, "#run"), StringComparison.Ordinal);
        Assert.Empty(tab.Errors);
        var page = await studio.Client.GetStringAsync("runs/watched");
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        using var sheet = await studio.Client.GetAsync("api/runs/file?run=watched&file=samples-step-000002.png");
        Assert.Equal("image/png", sheet.Content.Headers.ContentType?.MediaType);
        Assert.Contains((await studio.Get("/models"))["models"]!.AsArray(), model => (string)model!["name"]! == "watched");
    }

    [BrowserFact]
    public async Task An_image_is_noised_by_a_slider_and_its_pixel_chosen_by_keys()
    {
        await using var tab = await Tab.Open(studio, "/forward");
        await tab.Fill("Level t", "700");
        await tab.Page.WaitForFunctionAsync(
            "() => document.querySelector('.worked caption')?.textContent.startsWith('linear at t = 700, ')", Patience);
        await tab.Page.FocusAsync("canvas.samples");
        await tab.Page.Keyboard.PressAsync("ArrowRight");
        await tab.Page.WaitForFunctionAsync(
            "() => document.querySelector('.worked caption').textContent.endsWith('column 15, row 9')", Patience);
        var shown = await tab.Page.EvaluateExpressionAsync<string>("[...document.querySelectorAll('.worked tr')]" +
            ".find(row => row.firstChild.textContent.startsWith('mean')).children[1].textContent");
        using var answer = await studio.Client.PostAsJsonAsync("api/forward/state", new { image = 4, at = 700, x = 15, y = 9 });
        var numbers = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["schedules"]![0]!["numbers"]!.AsArray();
        var mean = (double)numbers.Single(number => ((string)number!["symbol"]!).StartsWith("mean", StringComparison.Ordinal))!["value"]!;
        Assert.Equal(mean, double.Parse(shown.Replace('−', '-'), CultureInfo.InvariantCulture), 1e-6);
        Assert.Equal(3, await tab.Page.EvaluateExpressionAsync<int>("document.querySelectorAll('.curves .chart').length"));
        Assert.Empty(tab.Errors);
    }

    [BrowserFact]
    public async Task A_world_is_shaped_by_mouse_and_keys_and_samples_go_to_its_end()
    {
        await using var tab = await Tab.Open(studio, "/world?steps=4");
        await tab.Page.SetViewportAsync(new() { Width = 1280, Height = 1000 });
        var centre = await (await tab.Page.QuerySelectorAsync(".plane g .centre")).BoundingBoxAsync();
        var (x, y) = (centre.X + centre.Width / 2, centre.Y + centre.Height / 2);
        await tab.Page.Mouse.MoveAsync(x, y);
        await tab.Page.Mouse.DownAsync();
        await tab.Page.Mouse.MoveAsync(x + 60, y);
        await tab.Page.Mouse.UpAsync();
        await tab.Page.Keyboard.PressAsync("ArrowUp");
        var moved = await tab.Page.EvaluateExpressionAsync<string>("document.querySelector('.plane g').getAttribute('aria-label')");
        Assert.Matches(@"^Component 1, label A: centre -0\.[4-8]\d*, -0\.65, width 0\.35$", moved);
        await tab.Page.WaitForFunctionAsync("() => document.querySelectorAll('.after .chart circle').length >= 20", Patience);
        await tab.Page.ClickAsync("button.primary");
        await tab.Page.WaitForFunctionAsync(
            "() => document.querySelector('.player output').textContent === 'step 4 of 4'", Patience);
        Assert.Empty(tab.Errors);
    }

    // The pixels of the sheet of so many steps.
    private static async Task<byte[]> Sheet(Tab tab, int steps)
    {
        await tab.Page.WaitForFunctionAsync(
            $"() => JSON.parse(document.querySelector('.sheet img').dataset.question ?? '{{}}').steps === {steps}", Patience);
        var source = await tab.Page.EvaluateExpressionAsync<string>("document.querySelector('.sheet img').src");
        return SampleApiSpecs.Rgb(Convert.FromBase64String(source["data:image/png;base64,".Length..]));
    }

    // What the scrubber shows at its beginning.
    private static Task<string> FirstFrame(Tab tab) => tab.Page.EvaluateFunctionAsync<string>(
        "() => { const at = document.querySelector('.player [type=range]'); at.value = 0; at.dispatchEvent(new Event('input')); " +
        "return document.querySelector('canvas.samples').toDataURL(); }");

    private static Task<string> Text(Tab tab, string selector) =>
        tab.Page.EvaluateFunctionAsync<string>("selector => document.querySelector(selector).textContent", selector);

    /// <summary>A tab, and what went wrong in it.</summary>
    private sealed class Tab(StudioFixture studio, IPage page) : IAsyncDisposable
    {
        public IPage Page { get; } = page;

        public List<string> Errors { get; } = [];

        public static async Task<Tab> Open(StudioFixture studio, string path)
        {
            var page = await (await studio.Browser()).NewPageAsync();
            var tab = new Tab(studio, page);
            page.PageError += (_, error) => tab.Errors.Add(error.Message);
            page.Console += (_, said) =>
            {
                if (said.Message.Type == ConsoleType.Error)
                    tab.Errors.Add(said.Message.Text);
            };
            await page.GoToAsync($"{studio.Address}{path.TrimStart('/')}");
            if (path.Length > 1)
                await tab.Ready();
            return tab;
        }

        public async Task GoTo(string path)
        {
            await Page.GoToAsync($"{studio.Address}{path.TrimStart('/')}");
            await Ready();
        }

        /// <summary>Writes into the control of a label.</summary>
        public Task Fill(string label, string value) => Page.EvaluateFunctionAsync(
            "(label, value) => { const named = [...document.querySelectorAll('input')].find(one => one.ariaLabel === label) ?? " +
            "[...document.querySelectorAll('.field')].find(one => one.querySelector('label')?.textContent === label)" +
            ".querySelector('input');" +
            "named.value = value; named.dispatchEvent(new Event('input', { bubbles: true })); }", label, value);

        /// <summary>Writes into a control by its id, or chooses a word there.</summary>
        public Task Set(string id, string value) => Page.EvaluateFunctionAsync(
            "(id, value) => { const one = document.getElementById(id); one.value = value; " +
            "for (const name of ['input', 'change']) one.dispatchEvent(new Event(name, { bubbles: true })); }", id, value);

        public Task Select(string label, string value) => Page.EvaluateFunctionAsync(
            "(label, value) => { const one = [...document.querySelectorAll('.field')].find(field => " +
            "field.querySelector('label')?.textContent === label).querySelector('select'); " +
            "one.value = value; one.dispatchEvent(new Event('change', { bubbles: true })); }", label, value);

        public async ValueTask DisposeAsync() => await Page.CloseAsync();

        private Task Ready() =>
            Page.WaitForFunctionAsync("() => document.querySelector('main').dataset.ready !== undefined", Patience);
    }
}
