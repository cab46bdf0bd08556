using System.Collections.Immutable;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Model.Distillation;

/// <summary>A trained model that takes some steps of DDIM for each step of its student, and says what would lead there in one.</summary>
/// <remarks>Salimans and Ho 2022, Algorithm 2; its guidance is part of its steps, as in Meng et al. 2023, Section 3.1.</remarks>
public sealed class Teacher : ITeacher
{
    private static readonly TensorSpace Space = new();

    private readonly TrainedModel _model;
    private readonly DistillationRecipe _recipe;
    private readonly ImmutableDictionary<NoiseLevel, Lesson> _lessons;

    /// <summary>The teacher of a recipe.</summary>
    /// <param name="model">The model, which becomes the teacher's.</param>
    /// <param name="recipe">The student's recipe, which has a distillation.</param>
    /// <exception cref="InputException">
    /// The model was trained on another schedule, to predict something else, or on other classes.
    /// </exception>
    public Teacher(TrainedModel model, Recipe recipe)
    {
        (_model, _recipe) = (model, recipe.Distillation ?? throw new ArgumentException("The recipe distils nothing.", nameof(recipe)));
        if (OtherThan(model.Recipe, recipe) is { } other)
        {
            model.Dispose();
            throw new InputException("distillation", $"another {other} than that of the teacher", "the same: a student takes it over");
        }
        _lessons = _recipe.Spacing.Over(recipe.Schedule).ToImmutableDictionary(step => step.From, step => new Lesson(
            DistillationRecipe.Sampler.Plan(
                new NoisePath(recipe.Schedule, EqualAngles.Divide(recipe.Schedule, step, _recipe.TeacherSteps))),
            DistillationTarget.Of(step.From.Marginal, step.To.Marginal)));
    }

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">A level is none of the student's.</exception>
    public NoisedBatch Taught(NoisedBatch batch, ReadOnlySpan<NoiseLevel> levels)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (clean, noise) = (empty_like(batch.Clean), empty_like(batch.Noise));
        foreach (var group in levels.ToArray().Index().GroupBy(item => item.Item, item => (long)item.Index))
        {
            using var inner = NewDisposeScope();
            var places = Upload.To(tensor([.. group]), batch.Clean.device);
            var state = batch.Clean.index_select(0, places).Times(group.Key.Marginal.Alpha)
                .Plus(batch.Noise.index_select(0, places).Times(group.Key.Marginal.Sigma));
            var (plan, target) = _lessons[group.Key];
            var arrival = Arrival(state, batch.Labels?.index_select(0, places), plan);
            var taught = arrival.Times(target.OfArrival).Plus(state.Times(target.OfState));
            clean.index_copy_(0, places, taught);
            noise.index_copy_(0, places, taught.Times(target.NoiseOfClean).Plus(state.Times(target.NoiseOfState)));
        }
        return batch with { Clean = clean.MoveToOuterDisposeScope(), Noise = noise.MoveToOuterDisposeScope() };
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private static string? OtherThan(Recipe teacher, Recipe student) =>
        teacher.Schedule != student.Schedule ? "schedule"
        : teacher.Prediction != student.Prediction ? "prediction"
        : teacher.Network.Labels != student.Network.Labels || (student.Labels is Conditioning.Labelled
            && teacher.Data.ClassNames.Count > 0 && !teacher.Data.ClassNames.Equals(student.Data.ClassNames)) ? "set of classes"
        : null;

    private Tensor Arrival(Tensor state, Tensor? labels, SamplerPlan plan)
    {
        using var denoiser = new Denoiser(
            _model.Network, _model.Recipe.Prediction, _recipe.Guidance, labels, _model.Recipe.Precision);
        var interpreter = new Interpreter<Tensor>(Space, denoiser, new NoNoise());
        return plan.Steps.Aggregate(ImmutableDictionary<Slot, Tensor>.Empty.Add(Slot.State, state), interpreter.Step)[Slot.State];
    }

    private readonly record struct Lesson(SamplerPlan Plan, DistillationTarget Target);

    private sealed class NoNoise : INoiseSource<Tensor>
    {
        public Tensor Draw(int number) => throw new InvalidOperationException("A teacher's steps are deterministic.");
    }
}
