using System.Data;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Noise;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Specs.Studio;

/// <summary>The page Forward shows what the library computes, and every number of it can be computed again.</summary>
[Collection(StudioCollection.Name)]
public sealed class ForwardApiSpecs(StudioFixture studio)
{
    private const int X = 14, Y = 9;
    private static readonly string[] Schedules = [.. NoiseChoice.Schedules.Select(schedule => schedule.Word)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(250)]
    [InlineData(750)]
    [InlineData(999)]
    public async Task Every_formula_gives_its_number_again_and_every_reading_gives_the_pixel(int at)
    {
        var state = await Ask(new { image = 4, at, schedules = Schedules, x = X, y = Y });
        foreach (var one in state["schedules"]!.AsArray())
        {
            var numbers = one!["numbers"]!.AsArray();
            foreach (var number in numbers.Where(number => (string)number!["worked"]! is { Length: > 0 }))
            {
                var value = (double)number!["value"]!;
                // Digits are lost where next to nothing is left of the image.
                Assert.Equal(value, Worked((string)number["worked"]!), at == 999 ? 0.02 * Max(1, Abs(value)) : 1e-3 * Abs(value) + 2e-5);
            }
            var clean = Number(numbers, "x₀");
            if ((double)one["level"]!["alpha"]! > 0)
                Assert.Equal(clean, Number(numbers, "x₀ from ε"), 1e-9);
            Assert.Equal(clean, Number(numbers, "x₀ from v"), 1e-9);
            Assert.Equal(clean, Number(numbers, "x₀ from u"), 1e-9);
        }
    }

    [Fact]
    public async Task States_and_posteriors_are_those_of_the_library()
    {
        var state = await Ask(new { image = 4, at = 400, schedules = (string[])["linear", "flow", "edm"], x = X, y = Y, seed = 3 });
        using var scope = torch.NewDisposeScope();
        using var sample = Dataset.Mnist.Sample(Split.Train);
        var clean = (float)(sample.Images[4, 0, Y, X].item<byte>() / 127.5 - 1);
        var noise = new SampleNoise(new Seed(3).For("forward"), 0, [1, 1, 28, 28], torch.CPU).Draw(0)[0, 0, Y, X].item<float>();
        var edm = new TimestepSpacing.Karras(1000).Over(new NoiseSchedule.Edm()).Select(step => step.From.Marginal).Reverse().ToArray();
        double Time(int index) => 1e-3 + (0.999 - 1e-3) * index / 999;
        (Marginal Now, Posterior Past)[] expected =
        [
            (new NoiseSchedule.Linear().At(400), new NoiseSchedule.Linear().PosteriorAt(400)),
            (new(1 - Time(400), Time(400)), Posterior.Of(new(1 - Time(399), Time(399)), new(1 - Time(400), Time(400)))),
            (edm[400], Posterior.Of(edm[399], edm[400])),
        ];
        foreach (var (one, (now, past)) in state["schedules"]!.AsArray().Zip(expected))
        {
            var (numbers, noised) = (one!["numbers"]!.AsArray(), now.Alpha * clean + now.Sigma * noise);
            Assert.Equal(noised, Number(numbers, "xₜ"), 1e-12);
            Assert.Equal(past.OfState * noised + past.OfClean * clean, Number(numbers, "mean μ̃ₜ"), 1e-12);
            Assert.Equal(past.Sigma * past.Sigma, Number(numbers, "variance β̃ₜ"), 1e-12);
            Assert.Equal(now.LogSnr, (double)one["level"]!["logSnr"]!, 1e-12);
            var pixels = SampleApiSpecs.Rgb(Convert.FromBase64String((string)one["state"]!["png"]!));
            var shown = Clamp(Round((noised / now.Scale + 1) * 127.5), 0, 255);
            Assert.InRange(pixels[3 * (Y * 28 + X)], shown - 1, shown + 1);
        }
    }

    [Fact]
    public async Task At_the_same_log_SNR_every_schedule_is_at_its_nearest_level()
    {
        var state = await Ask(new { at = 300, by = "logSnr", schedules = (string[])["cosine", "linear", "vp", "flow", "edm"] });
        double[] found = [.. state["schedules"]!.AsArray().Select(one => (double)one!["level"]!["logSnr"]!)];
        Assert.Equal(new NoiseSchedule.Cosine().At(300).LogSnr, found[0], 1e-12);
        Assert.All(found, logSnr => Assert.Equal(found[0], logSnr, 0.02));
    }

    [Fact]
    public async Task Curves_are_those_of_the_schedules_and_what_is_infinite_is_left_out()
    {
        var curves = (await studio.Get("/forward/curves")).AsArray();
        Assert.Equal(Schedules, curves.Select(curve => (string)curve!["name"]!));
        var cosine = curves[1]!["points"]!.AsArray();
        Assert.Equal(101, cosine.Count);
        Assert.All(cosine, point => Assert.Equal(
            new NoiseSchedule.Cosine().AlphaBars[(int)point!["index"]!], (double)point["level"]!["alphaBar"]!, 1e-12));
        Assert.Null(curves.Single(curve => (string)curve!["name"]! == "zero-snr")!["points"]![100]!["level"]!["logSnr"]);
    }

    [Theory]
    [InlineData("{\"at\":1000}", "at: ")]
    [InlineData("{\"at\":-1}", "at: ")]
    [InlineData("{\"at\":1e308}", "")]
    [InlineData("{\"at\":NaN}", "")]
    [InlineData("{\"image\":2147483647}", "image: ")]
    [InlineData("{\"image\":-1}", "image: ")]
    [InlineData("{\"set\":\"../mnist\"}", "set: ")]
    [InlineData("{\"set\":null}", "")]
    [InlineData("{\"x\":28}", "x, y, channel: ")]
    [InlineData("{\"y\":-2147483648}", "x, y, channel: ")]
    [InlineData("{\"channel\":1}", "x, y, channel: ")]
    [InlineData("{\"by\":\"noise\"}", "by: ")]
    [InlineData("{\"schedules\":[]}", "schedules: ")]
    [InlineData("{\"schedules\":[\"linear\",\"linear\"]}", "schedules: ")]
    [InlineData("{\"schedules\":[null]}", "schedules: ")]
    [InlineData("{\"seed\":-1}", "")]
    public async Task What_there_is_not_is_refused_in_one_line(string body, string beginning)
    {
        using var answer = await studio.Client.PostAsync("api/forward/state", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var fault = (await answer.Content.ReadFromJsonAsync<Fault>())!.Error;
        Assert.StartsWith(beginning, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    private async Task<JsonNode> Ask(object question)
    {
        using var answer = await studio.Client.PostAsJsonAsync("api/forward/state", question);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static double Number(JsonArray numbers, string symbol) =>
        (double)numbers.Single(number => (string)number!["symbol"]! == symbol)!["value"]!;

    // As a pocket calculator does it.
    private static double Worked(string text)
    {
        using var calculator = new DataTable { Locale = CultureInfo.InvariantCulture };
        var signs = text.TrimStart('√').Replace('·', '*').Replace('−', '-');
        var result = Convert.ToDouble(calculator.Compute(signs, null), CultureInfo.InvariantCulture);
        return text.StartsWith('√') ? Sqrt(result) : result;
    }
}
