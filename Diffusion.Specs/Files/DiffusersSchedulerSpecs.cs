using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Math.Noise;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Diffusers;

namespace Diffusion.Specs.Files;

/// <summary>The schedulers of diffusers as schedule, prediction, sampler and times, and back.</summary>
public sealed class DiffusersSchedulerSpecs
{
    // Every key that version 0.40 writes for the class, with its defaults.
    private const string Ddim = """
        {"_class_name": "DDIMScheduler", "_diffusers_version": "0.40.0.dev0", "beta_end": 0.02,
         "beta_schedule": "linear", "beta_start": 0.0001,
         "clip_sample": true, "clip_sample_range": 1.0, "dynamic_thresholding_ratio": 0.995,
         "num_train_timesteps": 1000, "prediction_type": "epsilon",
         "rescale_betas_zero_snr": false, "sample_max_value": 1.0, "set_alpha_to_one": true, "steps_offset": 0, "thresholding": false,
         "timestep_spacing": "leading", "trained_betas": null}
        """;

    private const string DpmMultistep = """
        {"_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.40.0.dev0",
         "algorithm_type": "dpmsolver++", "beta_end": 0.02,
         "beta_schedule": "linear", "beta_start": 0.0001, "dynamic_thresholding_ratio": 0.995, "euler_at_final": false,
         "final_sigmas_type": "zero",
         "flow_shift": 1.0, "lambda_min_clipped": -1e30, "lower_order_final": true, "num_train_timesteps": 1000,
         "prediction_type": "v_prediction",
         "rescale_betas_zero_snr": false, "sample_max_value": 1.0, "solver_order": 2, "solver_type": "midpoint", "steps_offset": 0,
         "thresholding": false, "time_shift_type": "exponential", "timestep_spacing": "linspace",
         "trained_betas": null, "use_beta_sigmas": false,
         "use_dynamic_shifting": false, "use_exponential_sigmas": false, "use_flow_sigmas": false, "use_karras_sigmas": false,
         "use_lu_lambdas": false, "variance_type": null}
        """;

    private const string UniPc = """
        {"_class_name": "UniPCMultistepScheduler", "_diffusers_version": "0.40.0.dev0", "beta_end": 0.02,
         "beta_schedule": "squaredcos_cap_v2",
         "beta_start": 0.0001, "disable_corrector": [], "dynamic_thresholding_ratio": 0.995, "final_sigmas_type": "zero", "flow_shift": 1.0,
         "lower_order_final": true, "num_train_timesteps": 1000, "predict_x0": true, "prediction_type": "epsilon",
         "rescale_betas_zero_snr": false,
         "sample_max_value": 1.0, "shift_terminal": null, "sigma_max": null, "sigma_min": null, "solver_order": 2, "solver_p": null,
         "solver_type": "bh2", "steps_offset": 0, "thresholding": false, "time_shift_type": "exponential", "timestep_spacing": "trailing",
         "trained_betas": null, "use_beta_sigmas": false, "use_dynamic_shifting": false,
         "use_exponential_sigmas": false, "use_flow_sigmas": false,
         "use_karras_sigmas": true}
        """;

    [Theory]
    [InlineData("leading", 0, true, "0 20 980")]
    [InlineData("leading", 1, true, "1 21 981")]
    [InlineData("trailing", 0, true, "19 39 999")]
    [InlineData("linspace", 0, true, "0 20 999")]
    [InlineData("leading", 1, false, "1 21 981")]
    [InlineData("trailing", 0, false, "19 39 999")]
    public void Spacing_offset_and_final_alpha_become_the_times_of_the_run_and_are_written_back(
        string spacing, int offset, bool toOne, string times)
    {
        var config = Changed(Ddim, ("timestep_spacing", spacing), ("steps_offset", offset), ("set_alpha_to_one", toOne));
        var (read, notes) = Read(config);
        var steps = read.Grid.Over(read.Schedule);
        Assert.Equal(times, $"{steps[^1].From.Time} {steps[^2].From.Time} {steps[0].From.Time}");
        Assert.Equal(toOne ? NoiseLevel.Clean : read.Schedule.LevelAt(0), steps[^1].To);
        // Every step of that class goes as far down as there are levels for a step.
        Assert.All(steps.SkipLast(1), step => Assert.Equal(step.From.Time - 20, step.To.Time));
        Assert.Empty(notes);
        var written = read.ToJson();
        foreach (var key in new[] { "_class_name", "timestep_spacing", "steps_offset", "set_alpha_to_one" })
            Assert.Equal(config[key]!.ToJsonString(), written[key]!.ToJsonString());
        Assert.Equal(read, Read(written).Scheduler);
        Assert.Empty(read.Losses());
    }

    [Fact]
    public void A_step_count_that_does_not_divide_the_levels_goes_as_far_down_as_the_library_does()
    {
        var (read, _) = Read(Changed(Ddim, ("timestep_spacing", "trailing"), ("num_train_timesteps", 120)));
        Assert.Equal(new TimestepSpacing.FixedStride(new TimestepSpacing.Trailing(50)), read.Grid);
        Assert.Equal(new TimestepSpacing.All(), Read(Changed(Ddim, ("num_train_timesteps", 20))).Scheduler.Grid);
    }

    [Theory]
    [InlineData("leading")]
    [InlineData("trailing")]
    [InlineData("linspace")]
    public void The_ancestral_sampler_visits_every_level_and_keeps_the_spacing_for_fewer(string spacing)
    {
        var (read, notes) = Read(
            Changed(Ddim, ("_class_name", "DDPMScheduler"), ("timestep_spacing", spacing), ("set_alpha_to_one", false)));
        Assert.Equal(Enumerable.Range(0, 1000)
            .Reverse().Select(time => (double)time), read.Grid.Over(read.Schedule).Select(step => step.From.Time));
        Assert.Equal(spacing, (string?)read.ToJson()["timestep_spacing"]);
        Assert.Contains("set_alpha_to_one", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_place_in_the_run_is_said()
    {
        Assert.Contains(Read(Changed(Ddim, ("_class_name", "DDPMScheduler"), ("steps_offset", 1), ("set_alpha_to_one", true))).Notes,
            note => note.Contains("steps_offset = 1 is ignored: all levels are visited", StringComparison.Ordinal));
        Assert.Contains(Read(Changed(Ddim, ("timestep_spacing", "trailing"), ("steps_offset", 1))).Notes, note =>
            note.Contains("steps_offset = 1 is ignored: the spacing trailing has none", StringComparison.Ordinal));
        Assert.Contains("expected at most 19, so that 50 steps begin within the 1000 levels",
            Assert.Throws<InputException>(() => Read(Changed(Ddim, ("steps_offset", 20)))).Message, StringComparison.Ordinal);
        Assert.Contains("clip_sample_range",
            Assert.Throws<InputException>(() => Read(Changed(Ddim, ("clip_sample_range", "wide")))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DpmMultistep, "Linear", "Velocity", "DPMSolverMultistepScheduler")]
    [InlineData(UniPc, "Cosine", "Noise", "UniPCMultistepScheduler")]
    public void Of_another_class_schedule_and_prediction_are_taken_and_the_sampler_that_draws_is_named(
        string config, string schedule, string prediction, string name)
    {
        var (read, notes) = Read(JsonNode.Parse(config)!.AsObject());
        Assert.Equal((schedule, prediction), (read.Schedule.GetType().Name, read.Prediction.GetType().Name));
        Assert.Equal(new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted), read.Sampler);
        Assert.Equal(50, read.Grid.Over(read.Schedule).Count);
        Assert.Contains(notes, note => note.Contains($"schedule and prediction of {name} are imported", StringComparison.Ordinal)
            && note.Contains("samples with ddim in 50 steps", StringComparison.Ordinal));
    }

    public static TheoryData<string> OtherClasses => [.. DiffusersSampling.Others];

    [Theory]
    [MemberData(nameof(OtherClasses))]
    public void Every_other_class_with_betas_is_taken(string name)
    {
        var (read, notes) = Read(
            new() { ["_class_name"] = name, ["trained_betas"] = new JsonArray(0.1, 0.2), ["use_karras_sigmas"] = false });
        Assert.Equal(new NoiseSchedule.ExplicitBetas([0.1, 0.2]), read.Schedule);
        Assert.Single(notes);
    }

    [Theory]
    [InlineData("use_flow_sigmas", "true")]
    [InlineData("use_dynamic_shifting", "true")]
    [InlineData("prediction_type", "\"flow_prediction\"")]
    [InlineData("shift_terminal", "0.1")]
    [InlineData("variance_type", "\"learned\"")]
    [InlineData("a_key_of_tomorrow", "0.5")]
    public void What_would_change_the_numbers_is_refused_by_name(string key, string value) =>
        Assert.Contains(
            key, Assert.Throws<InputException>(() => Read(Changed(UniPc, (key, JsonNode.Parse(value))))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void An_unknown_key_that_is_empty_is_passed_over_with_a_note(string value) =>
        Assert.Contains("ignored, as they are empty or without effect: a_key_of_tomorrow", Assert.Single(
            Read(Changed(Ddim, ("a_key_of_tomorrow", JsonNode.Parse(value)), ("_notes", 5))).Notes), StringComparison.Ordinal);

    private static (DiffusersScheduler Scheduler, IReadOnlyList<string> Notes) Read(JsonObject json)
    {
        var config = DiffusersConfig.Of(Encoding.UTF8.GetBytes(json.ToJsonString()), "scheduler");
        return (DiffusersScheduler.Read(config), config.Notes);
    }

    private static JsonObject Changed(string text, params ReadOnlySpan<(string Key, JsonNode? Value)> changes)
    {
        var config = JsonNode.Parse(text)!.AsObject();
        foreach (var (key, value) in changes)
            config[key] = value;
        return config;
    }
}
