using Diffusion.Math.Noise;
using Diffusion.Math.Training;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The scalars of a batch's training examples as tensors: everything about a batch that Math decided.</summary>
/// <remarks>One transfer to the device for all of them. Its tensor belongs to the caller's dispose scope.</remarks>
public sealed class ExampleWeights
{
    private const int Rows = 6;

    private readonly Tensor _table;

    private ExampleWeights(Tensor table) => _table = table;

    /// <summary>The weights of examples at the given noise levels.</summary>
    /// <param name="recipe">Prediction, loss weight and objective.</param>
    /// <param name="levels">One for each example.</param>
    /// <param name="like">A tensor of the type and on the device that are wanted.</param>
    public ExampleWeights(Recipe recipe, ReadOnlySpan<NoiseLevel> levels, Tensor like)
    {
        var bound = recipe.Bound;
        var rows = Rows + (bound is null ? 0 : 1 + BoundTerms.Rows);
        var table = new double[rows * levels.Length];
        for (var index = 0; index < levels.Length; index++)
        {
            var level = levels[index];
            var example = TrainingExample.At(level, recipe.Prediction, recipe.Weight);
            ReadOnlySpan<double> column =
            [
                example.Time, example.InputOfClean, example.InputOfNoise, example.Target.OfClean, example.Target.OfNoise, example.Weight,
                .. bound is null ? [] : (double[])[recipe.Prediction.ReadoutAt(level.Marginal).OfOutput, .. BoundTerms.Column(bound.StepAt(level))],
            ];
            for (var row = 0; row < rows; row++)
                table[row * levels.Length + index] = column[row];
        }
        _table = Upload.To(tensor(table, [rows, levels.Length]).to(like.dtype), like.device);
    }

    /// <summary>What the network is told; [N].</summary>
    public Tensor Time => _table[0];

    /// <summary>What the network sees.</summary>
    public Tensor Input(Tensor clean, Tensor noise) => Image(1) * clean + Image(2) * noise;

    /// <summary>What it should output.</summary>
    public Tensor Target(Tensor clean, Tensor noise) => Image(3) * clean + Image(4) * noise;

    /// <summary>Weight of each example's squared error; [N, 1, 1, 1].</summary>
    public Tensor Weight => Image(5);

    /// <summary>What the estimate x̂_0 is off by where the output is off by 1; [N, 1, 1, 1]. Where the objective has a bound.</summary>
    public Tensor CleanOfOutput => Image(Rows);

    /// <summary>The terms of the bound. Where the objective has one.</summary>
    public BoundTerms Bound => new(_table.narrow(0, Rows + 1, BoundTerms.Rows), Recipe.Decoder);

    /// <summary>The weights of some consecutive examples; a view.</summary>
    public ExampleWeights Part(long first, long length) => new(_table.narrow(1, first, length));

    private Tensor Image(int row) => _table[row].reshape(-1, 1, 1, 1);
}
