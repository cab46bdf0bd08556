using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class MuonSpecs
{
    private static readonly OptimiserRecipe Recipe = new()
    {
        Rate = new LearningRate.WarmUp(1e-2, 0), WeightDecay = 0.1, ClipNorm = 0.5, Matrices = new MatrixUpdate.Muon(0.9),
    };

    [Fact]
    public void Updates_of_hidden_matrices_follow_the_definition()
    {
        using var scope = NewDisposeScope();
        var arena = Arena();
        var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)]);
        var hidden = arena.Slices.Where(slice => slice.Name.EndsWith("conv1.weight", StringComparison.Ordinal)
            || slice.Name.EndsWith("to_k.weight", StringComparison.Ordinal)
            || slice.Name.EndsWith("time_emb_proj.weight", StringComparison.Ordinal)).ToArray();
        Assert.True(hidden.Length > 5);
        var expected = hidden.ToDictionary(slice => slice, slice => new Reference(slice, arena.Values));
        var generator = new Generator(3, CPU);
        for (var update = 0; update < 3; update++)
        {
            arena.Gradients.normal_(0, 1, generator);
            var clipping = Min(1, Recipe.ClipNorm / (arena.Gradients.norm().item<double>() + 1e-6));
            foreach (var slice in hidden)
                expected[slice].Update(Matrix(slice, arena.Gradients), clipping);
            optimiser.Apply(update);
        }
        foreach (var slice in hidden)
            Assert.All(
                expected[slice].Values.Cast<double>().Zip(Matrix(slice, arena.Values).Cast<double>()),
                pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void Everything_else_is_updated_as_by_Adam()
    {
        using var scope = NewDisposeScope();
        var (muon, adam) = (Updated(Recipe), Updated(Recipe with { Matrices = new MatrixUpdate.Adam() }));
        string[] outer = ["conv_in", "conv_out", "time_embedding", "class_embedding"];
        foreach (var slice in muon.Slices)
            Assert.True(
                slice.Of(muon.Values).equal(slice.Of(adam.Values)).all().item<bool>()
                    == (slice.Shape.Count < 2 || outer.Contains(slice.Name.Split('.')[0])),
                slice.Name);
    }

    [Fact]
    public void The_first_and_the_last_layer_of_a_classifier_are_not_hidden()
    {
        using var network = new NoisyClassifier(((Goal.Classify)Small.Classifier.Goal).Shape(Small.Classifier), new Seed(1));
        using var arena = new ParameterArena(network);
        var hidden = HiddenMatrices.In(arena.Slices, arena.Slices).SelectMany(group => group.Slices).Select(slice => slice.Name).ToArray();
        Assert.DoesNotContain(hidden, name => name.Contains("conv_in", StringComparison.Ordinal));
        Assert.DoesNotContain(hidden, name => name.Contains("linear_out", StringComparison.Ordinal));
        Assert.Contains(hidden, name => name.EndsWith("conv1.weight", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5, 40)]
    [InlineData(40, 5)]
    [InlineData(16, 16)]
    public void Singular_values_come_near_to_1_and_singular_vectors_stay(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var matrices = randn([3, rows, columns], float64, generator: new Generator(1, CPU));
        var (left, values, right) = linalg.svd(matrices, fullMatrices: false);
        var orthogonal = Muon.Orthogonal(matrices);
        var among = left.transpose(1, 2).matmul(orthogonal).matmul(right.transpose(1, 2));
        var own = among.diagonal(0, 1, 2);
        // The smallest of a square matrix may be too small for five rounds.
        Assert.True(own.max().item<double>() < 1.21);
        Assert.True(own[values / values.norm(dim: 1, keepdim: true) > Number.Of(0.002)].min().item<double>() > 0.68);
        Assert.True((among - diag_embed(own)).abs().max().item<double>() < 1e-10);
    }

    [Fact]
    public void Single_precision_suffices_for_wide_matrices()
    {
        using var scope = NewDisposeScope();
        // Singular values from 1 down to a millionth, as gradients have them.
        var wide = randn([2, 24, 200], float64, generator: new Generator(1, CPU)) * logspace(0, -6, 24, dtype: float64).unsqueeze(1);
        var exact = Muon.Orthogonal(wide);
        Assert.True((Muon.Orthogonal(wide.to(float32)).to(float64) - exact).abs().max().item<double>() < 1e-3);
    }

    [Fact]
    public void In_bfloat16_a_matrix_that_is_no_wider_than_two_squares_is_as_near_to_orthogonal()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        foreach (var (rows, columns) in new[] { (64, 64), (64, 128), (128, 64) })
        {
            // Singular values of a Gaussian matrix are spread; the smallest of a square one may be too small for five rounds.
            var matrices = randn([3, rows, columns], float32, generator: new Generator(1, CPU));
            var (left, values, right) = linalg.svd(matrices.to(float64), fullMatrices: false);
            var exact = Muon.Orthogonal(matrices.to(float64));
            var found = Muon.Orthogonal(matrices, Precision.Bfloat16);
            var own = left.transpose(1, 2).matmul(found.to(float64)).matmul(right.transpose(1, 2)).diagonal(0, 1, 2);
            Assert.Equal(float32, found.dtype);
            Assert.InRange(own[values / values.norm(dim: 1, keepdim: true) > Number.Of(0.01)].min().item<double>(), 0.6, 1.21);
            Assert.True(((found.to(float64) - exact).norm() / exact.norm()).item<double>() is > 1e-4 and < 0.05);
        }
    }

    [Fact]
    public void Whatever_the_precision_a_wide_matrix_goes_through_squares_in_float32()
    {
        using var scope = NewDisposeScope();
        var wide = randn([2, 24, 200], float32, generator: new Generator(1, CPU));
        Assert.True(Muon.Orthogonal(wide, Precision.Bfloat16).equal(Muon.Orthogonal(wide)).all().item<bool>());
    }

    [Fact]
    public void An_update_has_the_root_mean_square_that_is_asked_for()
    {
        using var scope = NewDisposeScope();
        var step = Muon.Orthogonal(randn([1, 32, 96], float32, generator: new Generator(1, CPU))).Times(0.2 * Sqrt(96));
        // Five rounds leave singular values between 0.68 and 1.21, not at 1.
        Assert.InRange(Sqrt(step.Squared().mean().item<float>()), 0.68 * 0.2, 1.21 * 0.2);
    }

    [Fact]
    public void Singular_values_of_more_than_a_500th_of_the_norm_come_near_to_1()
    {
        using var scope = NewDisposeScope();
        // Of a matrix whose largest one is nearly all of its norm, and a row of zeros.
        foreach (var type in new[] { float64, float32 })
        {
            var values = cat([ones(1, float64), logspace(-2.5, -1, 18, dtype: float64).Over(4), zeros(1, float64)]);
            values[1..19].clamp_(Number.Of(0.0022));
            var (left, _) = linalg.qr(randn([20, 20], float64, generator: new Generator(1, CPU)));
            var (right, _) = linalg.qr(randn([64, 20], float64, generator: new Generator(2, CPU)));
            var matrix = left.mul(values).matmul(right.T).to(type);
            var own = left.T.matmul(Muon.Orthogonal(matrix.unsqueeze(0))[0].to(float64)).matmul(right).diagonal();
            Assert.InRange(own[..19].min().item<double>(), 0.68, 1.21);
            Assert.InRange(own[..19].max().item<double>(), 0.68, 1.21);
            Assert.True(own[19].abs().item<double>() < 1e-3);
        }
    }

    [Fact]
    public void A_map_to_scale_and_shift_is_two_matrices_and_one_to_a_shift_is_one()
    {
        using var scope = NewDisposeScope();
        foreach (var injection in Enum.GetValues<TimeInjection>())
        {
            var network = Small.Network with { Residual = Small.Network.Residual with { Injection = injection } };
            var slices = new ParameterArena(new UNet(network, new Seed(1))).Slices;
            var all = HiddenMatrices.In(slices, slices).SelectMany(group => group.Slices).ToArray();
            foreach (var slice in slices.Where(slice => slice.Name.EndsWith("time_emb_proj.weight", StringComparison.Ordinal)))
            {
                var own = all.Where(part => part.Name == slice.Name).ToArray();
                Assert.Equal(injection == TimeInjection.ScaleAndShift ? 2 : 1, own.Length);
                Assert.Equal(slice.Offset, own[0].Offset);
                Assert.Equal(slice.Offset + slice.Length, own[^1].Offset + own[^1].Length);
                Assert.Equal(slice.Length, own.Sum(part => part.Length));
                // Whoever has only this one, as a process of several does, takes it the same way.
                Assert.Equal(own, HiddenMatrices.In([slice], slices).SelectMany(group => group.Slices));
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_changes_nothing(float broken)
    {
        using var scope = NewDisposeScope();
        var arena = new ParameterArena(new UNet(Small.Network, new Seed(1)));
        var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)]);
        arena.Gradients.fill_(Number.Of(0.1));
        optimiser.Apply(0);
        var (values, momentum) = (arena.Values.clone(), optimiser.State.FirstMoment.clone());
        arena.Gradients.fill_(Number.Of(0.1))[300] = broken;
        optimiser.Apply(1);
        Assert.True(values.isfinite().all().item<bool>());
        Assert.True(arena.Values.equal(values).all().item<bool>());
        Assert.True(optimiser.State.FirstMoment.equal(momentum).all().item<bool>());
        Assert.Equal([1L, 1], optimiser.Skipped.data<long>().ToArray());
    }

    [Fact]
    public void What_an_update_takes_besides_is_counted()
    {
        var recipe = Small.Recipe with { Optimiser = Recipe };
        Assert.True(MemoryNeed.Of(recipe, new(1, 8, 8)).State > MemoryNeed.Of(Small.Recipe, new(1, 8, 8)).State);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        Assert.Contains("Momentum", Assert.ThrowsAny<ArgumentException>(() => new MatrixUpdate.Muon(1)).Message);
        Assert.Contains("Scale", Assert.ThrowsAny<ArgumentException>(() => new MatrixUpdate.Muon(0.9, 0)).Message);
    }

    private static ParameterArena Arena()
    {
        var network = new UNet(Small.Network, new Seed(1));
        network.to(float64);
        return new(network);
    }

    private static ParameterArena Updated(OptimiserRecipe recipe)
    {
        var arena = Arena();
        var optimiser = new Optimiser(arena, recipe, [new EmaDecay.Constant(0.5)]);
        arena.Gradients.normal_(0, 1, new Generator(3, CPU));
        optimiser.Apply(1);
        return arena;
    }

    private static double[,] Matrix(ParameterSlice slice, Tensor flat)
    {
        var matrix = new double[slice.Shape[0], slice.Length / slice.Shape[0]];
        var numbers = slice.Of(flat).detach().contiguous().data<double>().ToArray();
        Buffer.BlockCopy(numbers, 0, matrix, 0, numbers.Length * sizeof(double));
        return matrix;
    }

    // The update as the papers write it, number by number.
    private sealed class Reference(ParameterSlice slice, Tensor flat)
    {
        private double[,]? _momentum;

        public double[,] Values { get; private set; } = Matrix(slice, flat);

        public void Update(double[,] gradient, double clipping)
        {
            var (rows, columns) = (gradient.GetLength(0), gradient.GetLength(1));
            _momentum ??= new double[rows, columns];
            _momentum = Each(rows, columns, (row, column) => 0.9 * _momentum[row, column] + 0.1 * clipping * gradient[row, column]);
            var step = Each(rows, columns, (row, column) => 0.9 * _momentum[row, column] + 0.1 * clipping * gradient[row, column]);
            var orthogonal = rows > columns ? Transposed(NewtonSchulz(Transposed(step))) : NewtonSchulz(step);
            var scale = 1e-2 * 0.2 * Sqrt(Max(rows, columns));
            Values = Each(rows, columns, (row, column) => (1 - 1e-2 * 0.1) * Values[row, column] - scale * orthogonal[row, column]);
        }

        private static double[,] NewtonSchulz(double[,] x)
        {
            var norm = Sqrt(x.Cast<double>().Sum(number => number * number)) + 1e-7;
            x = Each(x.GetLength(0), x.GetLength(1), (row, column) => x[row, column] / norm);
            for (var round = 0; round < 5; round++)
            {
                var square = Product(x, Transposed(x));
                var (fourth, before) = (Product(square, square), x);
                var (third, fifth) = (Product(square, before), Product(fourth, before));
                x = Each(x.GetLength(0), x.GetLength(1), (row, column) =>
                    3.4445f * before[row, column] - 4.7750f * third[row, column] + 2.0315f * fifth[row, column]);
            }
            return x;
        }

        private static double[,] Product(double[,] one, double[,] other) => Each(one.GetLength(0), other.GetLength(1), (row, column) =>
            Enumerable.Range(0, one.GetLength(1)).Sum(inner => one[row, inner] * other[inner, column]));

        private static double[,] Transposed(double[,] matrix) =>
            Each(matrix.GetLength(1), matrix.GetLength(0), (row, column) => matrix[column, row]);

        private static double[,] Each(int rows, int columns, Func<int, int, double> number)
        {
            var matrix = new double[rows, columns];
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    matrix[row, column] = number(row, column);
            return matrix;
        }
    }
}
