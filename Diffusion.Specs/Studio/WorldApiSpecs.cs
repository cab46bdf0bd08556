using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Studio;

/// <summary>The page World shows what the library computes of an exact world, within bounds.</summary>
[Collection(StudioCollection.Name)]
public sealed class WorldApiSpecs(StudioFixture studio)
{
    private const string Component = "{\"x\":0.5,\"sigma\":0.3}";

    private static readonly object[] Components =
    [
        new { x = -1.0, y = 0.2, sigma = 0.3, weight = 2.0, label = 4 }, new { x = 1.1, y = -0.4, sigma = 0.2, label = 7 },
        new { x = 0.3, y = 1.2, sigma = 0.4, label = 4 },
    ];

    private static readonly MixtureWorld World =
        MixtureWorld.Of(new Blob(2, [-1, 0.2], 0.3), new Blob(1, [1.1, -0.4], 0.2), new Blob(1, [0.3, 1.2], 0.4)) with
        {
            Labels = [4, 7, 4],
        };

    [Theory]
    [InlineData(null, 5.0)]
    [InlineData(4, -1.0)]
    [InlineData(4, 2.5)]
    public async Task A_field_is_the_density_the_score_and_the_estimate_of_the_world(int? label, double guidance)
    {
        var field = await Ask("field", new { world = new { components = Components, label, guidance }, sigma = 0.7 });
        var guided = new GuidedWorld(World, 4, new Guidance.ClassifierFree(label is null ? -1 : guidance));
        var level = new NoiseLevel(0, Marginal.OfSigma(0.7).VariancePreserving);
        var points = Numbers(field["points"]);
        Assert.Equal(guided.Score(points, level), Numbers(field["score"]));
        Assert.Equal(guided.Denoise(points, level), Numbers(field["clean"]));
        var (density, cells, extent) = (Numbers(field["density"]), (int)field["cells"]!, (double)field["extent"]!);
        Assert.Equal((cells * cells, 1.0), (density.Length, density.Max()));
        // Row by row from the top left: over the highest, which is 1.
        double Place(int cell) => extent * ((2 * cell + 1.0) / cells - 1);
        double Log(int index) => guided.LogDensity([Place(index % cells), -Place(index / cells)], level)[0];
        var highest = Array.IndexOf(density, 1.0);
        Assert.All((int[])[0, 1234, 4000, 5000], index => Assert.Equal(Exp(Log(index) - Log(highest)), density[index], 2e-4));
    }

    [Theory]
    [InlineData("ddim", "linear", 0.5)]
    [InlineData("heun", "edm", null)]
    [InlineData("dpm++2m", "flow", null)]
    public async Task Samples_go_the_way_that_the_interpreter_takes(string name, string word, double? eta)
    {
        var answer = await Ask("samples", new
        {
            world = new { components = Components, label = 4, guidance = 1.5 }, count = 7, seed = 3,
            sampler = new { name, schedule = word, steps = 6, eta },
        });
        var schedule = NoiseChoice.Schedules.Single(known => known.Word == word).Schedule;
        var sampler = SamplerCatalogue.Find(name)!.Sampler with { Clipping = new Clipping.None() };
        if (eta is { } stochasticity)
            sampler = sampler.WithEta(stochasticity)!;
        var plan = sampler.Plan(schedule, sampler.UsualGrid(schedule, 6));
        var guided = new GuidedWorld(World, 4, new Guidance.ClassifierFree(1.5));
        var expected = new Interpreter<double[]>(World.Space, guided, new NumberNoise(new Seed(3).For("world"), 14)).Run(plan);
        var steps = answer["moments"]!.AsArray();
        Assert.Equal((plan.Steps.Count + 1, plan.NetworkCalls, PlanText.Print(plan)),
            (steps.Count, (int)answer["networkCalls"]!, (string)answer["text"]!));
        Assert.Equal(expected, Numbers(steps[^1]!["states"]));
        Assert.All(steps.SkipLast(1), step => Assert.Equal(14, Numbers(step!["estimates"]).Length));
        Assert.Null(steps[^1]!["estimates"]);
    }

    [Fact]
    public async Task Errors_of_a_Gaussian_are_those_to_its_closed_form()
    {
        var world = new { components = (object[])[new { x = 0.6, y = 0.3, sigma = 0.5 }] };
        var curves = (await Ask("errors", new { world, samplers = (string[])["ddim", "heun"], seed = 9 }))["curves"]!.AsArray();
        var (schedule, noise) = (new NoiseSchedule.Edm(), new NumberNoise(new Seed(9).For("world"), 96));
        foreach (var curve in curves)
        {
            var sampler = SamplerCatalogue.Find((string)curve!["sampler"]!)!.Sampler with { Clipping = new Clipping.None() };
            var errors = curve["points"]!.AsArray().Select(point => (double)point!["error"]!).ToArray();
            Assert.True(errors[^1] < errors[1] / Pow(2, 4 * sampler.ConvergenceOrder - 1), string.Join(" ", errors));
            var plan = sampler.Plan(schedule, new TimestepSpacing.Karras(8));
            var gaussian = MixtureWorld.Of(new Blob(1, [0.6, 0.3], 0.5));
            var ends = new Interpreter<double[]>(gaussian.Space, gaussian, noise).Run(plan);
            var distances = ends.Zip(noise.Draw(0)).Select((pair, index) =>
            {
                var mean = index % 2 == 0 ? 0.6 : 0.3;
                return pair.First - mean - (plan.InitialScale * pair.Second - mean) * 0.5 / Sqrt(0.25 + 80.0 * 80);
            }).Chunk(2).Select(offset => Sqrt(offset[0] * offset[0] + offset[1] * offset[1])).Order().ToArray();
            Assert.Equal(distances[24], errors[1], 1e-6);
        }
    }

    [Fact]
    public async Task Every_sampler_that_is_listed_can_be_watched_and_measured_unless_it_draws_noise()
    {
        var listed = (await studio.Get("/world"))["samplers"]!.AsArray();
        Assert.Equal(SamplerCatalogue.Entries.Count - 1, listed.Count);
        var world = new { components = Components };
        foreach (var one in listed)
        {
            var name = (string)one!["name"]!;
            var drawn = await Ask("samples", new { world, count = 2, sampler = new { name, steps = 3 } });
            Assert.All(Numbers(drawn["moments"]!.AsArray()[^1]!["states"]), number => Assert.True(double.IsFinite(number)));
            using var answer = await Post("errors", "{\"samplers\":[\"" + name + "\"],\"world\":{\"components\":[" + Component + "]}}");
            Assert.Equal((bool)one["isRandom"]! ? HttpStatusCode.BadRequest : HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("field", "{\"world\":{}}", "components: ")]
    [InlineData("field", "{\"world\":null}", "")]
    [InlineData("field", "{\"world\":{\"components\":[null]}}", "components: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"x\":1e308}]}}", "x, y: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"y\":NaN}]}}", "")]
    [InlineData("field", "{\"world\":{\"components\":[{\"sigma\":0}]}}", "sigma: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"sigma\":-1e999}]}}", "sigma: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"weight\":0}]}}", "weight: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"weight\":1e308}]}}", "weight: ")]
    [InlineData("field", "{\"world\":{\"components\":[{\"label\":12}]}}", "label: ")]
    [InlineData("field", "{\"world\":{\"components\":[{}],\"label\":3}}", "label: ")]
    [InlineData("field", "{\"world\":{\"components\":[{}],\"guidance\":21}}", "guidance: ")]
    [InlineData("field", "{\"world\":{\"components\":[{}],\"guidance\":-1e308}}", "guidance: ")]
    [InlineData("field", "{\"world\":{\"components\":[{}]},\"sigma\":1e308}", "sigma: ")]
    [InlineData("field", "{\"world\":{\"components\":[{}]},\"sigma\":-1}", "sigma: ")]
    [InlineData("samples", "{\"count\":2000000000}", "count: ")]
    [InlineData("samples", "{\"count\":1000,\"sampler\":{\"steps\":250}}", "count: ")]
    [InlineData("samples", "{\"sampler\":{\"steps\":2147483647}}", "count: ")]
    [InlineData("samples", "{\"count\":1,\"sampler\":{\"steps\":251}}", "steps: ")]
    [InlineData("samples", "{\"sampler\":{\"steps\":-5}}", "steps: ")]
    [InlineData("samples", "{\"sampler\":{\"eta\":1e308}}", "eta: ")]
    [InlineData("samples", "{\"sampler\":{\"name\":\"heun\",\"eta\":1}}", "heun has no such setting")]
    [InlineData("samples", "{\"sampler\":{\"name\":\"lms\",\"order\":2147483647}}", "")]
    [InlineData("samples", "{\"sampler\":{\"name\":\"ddpm-learned\"}}", "sampler: ")]
    [InlineData("samples", "{\"sampler\":{\"name\":\"\"}}", "sampler: ")]
    [InlineData("samples", "{\"sampler\":{\"schedule\":\"line\"}}", "schedule: ")]
    [InlineData("samples", "{\"sampler\":{\"spacing\":\"wide\"}}", "spacing: ")]
    [InlineData("samples", "{\"sampler\":{\"spacing\":\"leading\"}}", "leading needs a schedule of discrete timesteps")]
    [InlineData("samples", "{\"sampler\":{\"name\":\"heun\",\"schedule\":\"zero-snr\"}}", "")]
    [InlineData("errors", "{\"samplers\":[\"ddpm\"]}", "samplers: ")]
    [InlineData("errors", "{\"samplers\":[]}", "samplers: ")]
    [InlineData("errors", "{\"samplers\":[\"ddim\",\"ddim\"]}", "samplers: ")]
    [InlineData("errors", "{\"schedule\":\"zero-snr\"}", "")]
    [InlineData("errors", "{\"samplers\":[\"ddim\"],\"schedule\":\"zero-snr\",\"spacing\":\"trailing\"}", "schedule: ")]
    public async Task What_is_out_of_range_is_refused_in_one_line(string route, string body, string beginning)
    {
        var whole = body.Contains("world", StringComparison.Ordinal) ? body
            : body.Insert(1, "\"world\":{\"components\":[" + Component + "]},");
        using var answer = await Post(route, whole);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var fault = (await answer.Content.ReadFromJsonAsync<Fault>())!.Error;
        Assert.StartsWith(beginning, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Fact]
    public async Task The_description_of_the_API_names_both_pages()
    {
        var paths = (await studio.Get("/openapi.json"))["paths"]!.AsObject().Select(path => path.Key);
        Assert.Empty(new[]
        {
            "/api/forward", "/api/forward/curves", "/api/forward/state", "/api/world", "/api/world/field", "/api/world/samples",
            "/api/world/errors",
        }.Except(paths));
    }

    private Task<HttpResponseMessage> Post(string route, string body) =>
        studio.Client.PostAsync($"api/world/{route}", new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<JsonNode> Ask(string route, object question)
    {
        using var answer = await studio.Client.PostAsJsonAsync($"api/world/{route}", question);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static double[] Numbers(JsonNode? array) => [.. array!.AsArray().Select(number => (double)number!)];
}
