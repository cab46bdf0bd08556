using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distillation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

/// <summary>Progressive distillation of networks.</summary>
public sealed class DistillationSpecs : IDisposable
{
    private static readonly Recipe Taught = Small.Labelled with
    {
        Schedule = new NoiseSchedule.Cosine(),
        Prediction = new Prediction.Velocity(),
        Optimiser = new() { Rate = new LearningRate.WarmUp(1e-2, 4) },
    };

    private readonly TemporaryFolder _place = new();
    private readonly ImageSet _images = Small.Images();

    public void Dispose()
    {
        _images.Dispose();
        _place.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void One_step_by_what_is_taught_lands_where_the_guided_steps_of_the_teacher_have(int teacherSteps)
    {
        using var scope = NewDisposeScope();
        Trained();
        var recipe = Student(2, 2 * teacherSteps).Remembering(new(_images));
        using var model = TrainedModel.Open(_place["old"], CPU, Assert.Fail);
        using var teacher = new Teacher(TrainedModel.Open(_place["old"], CPU, Assert.Fail), recipe);
        var steps = recipe.Distillation!.Spacing.Over(recipe.Schedule);
        NoiseLevel[] levels = [steps[1].From, steps[0].From, steps[1].From];
        var (images, noise, labels) = (rand(3, 1, 8, 8), randn(3, 1, 8, 8), tensor(new[] { 0L, 1, 2 }));
        var taught = teacher.Taught(new(images, noise, new(recipe, levels, images), labels), levels);
        for (var image = 0; image < 3; image++)
        {
            var (step, state) = (steps.Single(step => step.From == levels[image]), Mixed(images[image], noise[image], levels[image]));
            Same(state, Mixed(taught.Clean[image], taught.Noise[image], step.From));
            using var guard = no_grad();
            using var denoiser = new Denoiser(
                model.Network, recipe.Prediction, new Guidance.ClassifierFree(0.7), labels.narrow(0, image, 1), Precision.Float32);
            var arrival = state.unsqueeze(0);
            foreach (var (from, to) in EqualAngles.Divide(recipe.Schedule, step, teacherSteps))
            {
                var clean = denoiser.Denoise(arrival, from);
                var direction = (arrival - clean.Times(from.Marginal.Alpha)).Over(from.Marginal.Sigma);
                arrival = clean.Times(to.Marginal.Alpha).Plus(direction.Times(to.Marginal.Sigma));
            }
            Same(arrival[0], Mixed(taught.Clean[image], taught.Noise[image], step.To));
        }
    }

    [Fact]
    public void The_levels_of_a_batch_are_those_of_the_students_steps_all_equally_often()
    {
        var recipe = Student(4, 8);
        var drawn = recipe.Distillation!.LevelsOf(new Seed(3).Uniforms(64), recipe.Schedule);
        var known = recipe.Distillation.Spacing.Over(recipe.Schedule).Select(step => step.From).ToList();
        Assert.All(drawn.GroupBy(level => level), level => Assert.Equal((16, true), (level.Count(), known.Contains(level.Key))));
    }

    [Fact]
    public void A_student_comes_closer_to_the_samples_of_its_teacher_than_it_began()
    {
        var source = Trained(20);
        var recipe = Student(1, 4) with { Length = Taught.Length with { Steps = 30 }, Ema = [new EmaDecay.Ramp(0.9)] };
        using var trainer = Begin("new", recipe, source);
        using var teacher = TrainedModel.Open(_place["old"], CPU, Assert.Fail);
        var wanted = Drawn(teacher, new Guidance.ClassifierFree(0.7), recipe.Schedule, 4);
        var before = Distance();
        trainer.Train();
        Assert.InRange(Distance(), 0, 0.7 * before);

        double Distance() => TrainedModel.OfRun(trainer.Run, new(1, 8, 8), student =>
            (Drawn(student, new Guidance.None(), recipe.Schedule, 1) - wanted).Squared().mean().item<float>());
    }

    [Fact]
    public void It_is_resumed_without_the_run_of_its_teacher_to_the_same_bits()
    {
        var source = Trained();
        var recipe = Student(2, 4);
        var straight = Finished(Begin("straight", recipe, source));
        using (var stopped = Begin("stopped", recipe, source))
        {
            stopped.Run.Advance();
            stopped.Run.Advance();
            new CheckpointStore(stopped.Folder.Checkpoints).Save(stopped.Run);
        }
        Directory.Delete(_place["old"], recursive: true);
        Assert.Equal(straight, Finished(Trainer.Resume(RunFolder.Open(_place["stopped"]), new(_images), Options)));
        Assert.Equal(["average-0.safetensors", "checkpoint.json"],
            Directory.GetFiles(_place["stopped/teacher"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_teacher_that_is_gone_damaged_or_another_one_is_refused_in_a_line()
    {
        var source = Trained();
        Begin("new", Student(2, 4), source).Dispose();
        var weights = _place["new/teacher/average-0.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Contains("its hash differs", Refusal<InvalidFileException>(), StringComparison.Ordinal);
        Directory.Delete(_place["new/teacher"], recursive: true);
        Assert.Contains("the old one: found no such file or folder", Refusal<InputException>(), StringComparison.Ordinal);
        Trained(4);
        Directory.Move(_place["old/checkpoint/step-000000004"], _place["new/teacher"]);
        Assert.Contains("expected those of the teacher", Refusal<InputException>(), StringComparison.Ordinal);

        string Refusal<T>()
            where T : Exception => Assert.Throws<T>(() => Trainer.Resume(RunFolder.Open(_place["new"]), new(_images), Options)).Message;
    }

    [Fact]
    public void A_teacher_with_another_schedule_or_prediction_is_refused_and_so_is_none()
    {
        var source = Trained();
        foreach (var (change, says) in new (Func<Recipe, Recipe>, string)[]
        {
            (recipe => recipe with { Prediction = new Prediction.Clean() }, "another prediction than that of the teacher"),
            (_ => RecipeVariation.Distilled(Taught with { Schedule = new NoiseSchedule.Cosine(500) }, 2, 4, new Guidance.None()),
                "another schedule than that of the teacher"),
        })
        {
            Assert.Contains(says, Assert.Throws<InputException>(() => Begin("new", change(Student(2, 4)), source)).Message,
                StringComparison.Ordinal);
            Directory.Delete(_place["new"], recursive: true);
        }
        Assert.Contains("expected the run that is distilled: --from RUN",
            Assert.Throws<InputException>(() => Begin("new", Student(2, 4), null)).Message, StringComparison.Ordinal);
        using var run = new TrainingRun(Student(2, 4), _images, CPU);
        Assert.Throws<InvalidOperationException>(() => run.Advance());
    }

    [Fact]
    public void What_cannot_be_distilled_or_would_be_sampled_otherwise_is_no_recipe()
    {
        var recipe = Student(2, 4);
        Assert.Empty(RecipeValidation.Of(recipe));
        Assert.Equal(recipe, RecipeText.Read(RecipeText.Write(recipe), "here"));
        Assert.Contains(RecipeOutline.Of(recipe), line =>
            line == ("distillation", "to 2 steps of ddim, 2 of the teacher in each; its guidance w = 0.7 (s = 1.7)"));
        Refused(recipe with { Prediction = new Prediction.Noise() }, "says nothing of the image at the noisiest level");
        Refused(recipe with { Goal = Small.Classifier.Goal, Labels = new Conditioning.None() }, "only a model that makes images");
        Refused(recipe with { Evaluation = recipe.Evaluation with { Spacing = new TimestepSpacing.Trailing(2) } },
            "the student is sampled as it was trained");
        Refused(recipe with { Evaluation = recipe.Evaluation with { Sampler = SamplerCatalogue.Find("heun")!.Sampler } },
            "the student is sampled as it was trained");
        Refused(recipe with { Distillation = recipe.Distillation! with { Guidance = new Guidance.Autoguidance(1) } }, "no weaker model");
        Assert.Null(InitialWeights.Find(Saved(recipe), Assert.Fail).Onward().Distillation);

        static void Refused(Recipe other, string says) => Assert.Contains(RecipeValidation.Of(other),
            fault => fault.StartsWith("distillation: ", StringComparison.Ordinal) && fault.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_student_is_sampled_by_its_own_steps_and_says_where_others_are_asked_for()
    {
        using var student = TrainedModel.Open(Saved(Student(2, 4)), CPU, Assert.Fail);
        var size = new SampleSize(8, 8);
        using var own = new ModelSampler(student, new() { Size = size });
        Assert.Equal(("ddim 2", 2, "none"), (own.Sampler, own.Run.Plan.NetworkCalls, own.GuidanceText));
        Assert.Empty(own.Concerns);
        foreach (var other in new SamplingRequest[] { new() { Steps = 4, Size = size }, new() { GuidanceW = 1, Size = size } })
        {
            using var asked = new ModelSampler(student, other);
            Assert.Contains("a model distilled to 2 calls of ddim", Assert.Single(asked.Concerns), StringComparison.Ordinal);
        }
    }

    private static TrainerOptions Options { get; } = new() { Evaluation = (_, _) => RunEvaluation.None };

    private static Recipe Student(int calls, int teacherCalls) =>
        RecipeVariation.Distilled(Taught, calls, teacherCalls, new Guidance.ClassifierFree(0.7));

    private InitialWeights Trained(int steps = 3)
    {
        using (var trained = new TrainingRun(Taught.Remembering(new(_images)), _images, CPU))
        {
            while (trained.Updates < steps)
                trained.Advance();
            new CheckpointStore(_place["old/checkpoint"]).Save(trained);
        }
        return InitialWeights.Find(_place["old"], Assert.Fail, "the old one");
    }

    private string Saved(Recipe recipe)
    {
        using var run = new TrainingRun(recipe.Remembering(new(_images)), _images, CPU);
        new CheckpointStore(_place["saved/checkpoint"]).Save(run);
        return _place["saved"];
    }

    private Trainer Begin(string run, Recipe recipe, InitialWeights? from) =>
        Trainer.Begin(recipe, new(_images), RunFolder.Create(Path.Combine(_place.Path, run)), Options, from);

    private static float[] Finished(Trainer trainer)
    {
        using (trainer)
        {
            trainer.Train();
            return trainer.Run.Arena.Values.data<float>().ToArray();
        }
    }

    private static Tensor Drawn(TrainedModel model, Guidance guidance, NoiseSchedule schedule, int calls)
    {
        var plan = DistillationRecipe.Sampler.Plan(schedule, EqualAngles.Over(schedule, calls));
        return new SamplingRun(plan, Taught.Prediction, new(5)) { Guidance = guidance }
            .Draw(model.Network, [1, 8, 8], 8, sample => sample % 2);
    }

    private static Tensor Mixed(Tensor clean, Tensor noise, NoiseLevel level) =>
        clean.Times(level.Marginal.Alpha).Plus(noise.Times(level.Marginal.Sigma));

    private static void Same(Tensor expected, Tensor found) =>
        Assert.True(expected.allclose(found, 1e-4, 1e-4), $"{(expected - found).abs().max().item<float>()}");
}
