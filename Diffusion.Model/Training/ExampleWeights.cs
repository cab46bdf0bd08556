using Diffusion.Math.Noise;
using Diffusion.Math.Training;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The scalars of a batch's training examples as tensors: everything about a batch that Math decided.</summary>
/// <remarks>
/// A table of a row for each scalar, so that one transfer brings all of them to the device. It belongs to the caller's dispose scope.
/// </remarks>
public sealed class ExampleWeights
{
    private enum Row
    {
        Time,
        InputOfClean,
        InputOfNoise,
        TargetOfClean,
        TargetOfNoise,
        Loss,

        // These only where the objective has a bound, whose own rows follow.
        CleanOfOutput,
        Bound,
    }

    private readonly Tensor _table;

    private ExampleWeights(Tensor table) => _table = table;

    /// <summary>The weights of examples at the given noise levels.</summary>
    /// <param name="recipe">Prediction, loss weight and objective.</param>
    /// <param name="levels">One for each example.</param>
    /// <param name="like">A tensor of the type and on the device that are wanted.</param>
    public ExampleWeights(Recipe recipe, ReadOnlySpan<NoiseLevel> levels, Tensor like)
    {
        var (bound, count) = (recipe.Bound(), levels.Length);
        var rows = bound is null ? (int)Row.CleanOfOutput : (int)Row.Bound + BoundTerms.Rows;
        var table = new double[rows * count];
        for (var index = 0; index < count; index++)
        {
            var level = levels[index];
            var example = TrainingExample.At(level, recipe.Prediction, recipe.Weight);
            Set(Row.Time, example.Time);
            Set(Row.InputOfClean, example.InputOfClean);
            Set(Row.InputOfNoise, example.InputOfNoise);
            Set(Row.TargetOfClean, example.Target.OfClean);
            Set(Row.TargetOfNoise, example.Target.OfNoise);
            Set(Row.Loss, example.Weight);
            if (bound is null)
                continue;
            Set(Row.CleanOfOutput, recipe.Prediction.ReadoutAt(level.Marginal).OfOutput);
            foreach (var (place, value) in BoundTerms.Column(bound.StepAt(level)).Index())
                Set(Row.Bound + place, value);

            void Set(Row row, double value) => table[(int)row * count + index] = value;
        }
        using var scope = NewDisposeScope();
        _table = Upload.To(tensor(table, [rows, count]).to(like.dtype), like.device).MoveToOuterDisposeScope();
    }

    /// <summary>The network's input for the noise level; [N].</summary>
    public Tensor Time => _table[(int)Row.Time];

    /// <summary>Weight of x_0 in what the network sees; [N, 1, 1, 1].</summary>
    public Tensor InputOfClean => Image(Row.InputOfClean);

    /// <summary>Weight of ε in what the network sees; [N, 1, 1, 1].</summary>
    public Tensor InputOfNoise => Image(Row.InputOfNoise);

    /// <summary>Weight of x_0 in what a denoising network should put out; [N, 1, 1, 1].</summary>
    public Tensor TargetOfClean => Image(Row.TargetOfClean);

    /// <summary>Weight of ε in what a denoising network should put out; [N, 1, 1, 1].</summary>
    public Tensor TargetOfNoise => Image(Row.TargetOfNoise);

    /// <summary>Weight of each example's squared error; [N, 1, 1, 1].</summary>
    public Tensor Loss => Image(Row.Loss);

    /// <summary>What the estimate x̂_0 is off by where the output is off by 1; [N, 1, 1, 1]. Where the objective has a bound.</summary>
    public Tensor CleanOfOutput => Image(Row.CleanOfOutput);

    /// <summary>The terms of the bound. Where the objective has one.</summary>
    public BoundTerms Bound => new(_table.narrow(0, (int)Row.Bound, BoundTerms.Rows), Recipe.Decoder);

    /// <summary>The weights of some consecutive examples; a view.</summary>
    public ExampleWeights Part(long first, long length) => new(_table.narrow(1, first, length));

    private Tensor Image(Row row) => _table[(int)row].reshape(-1, 1, 1, 1);
}
