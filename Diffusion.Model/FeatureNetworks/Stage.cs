using Diffusion.Math.Values;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>One stage of a feature network, as a value. A closed union: a network is a list of stages and a map of weights.</summary>
public abstract record Stage
{
    private Stage()
    {
    }

    /// <summary>How many channels leave the stage when <paramref name="input"/> channels enter it.</summary>
    public abstract long Channels(long input);

    /// <summary>The weights of the stage, by the names that PyTorch would give them, in that order.</summary>
    /// <param name="input">How many channels enter.</param>
    /// <param name="prefix">What stands before every name.</param>
    public abstract IEnumerable<WeightShape> Weights(long input, string prefix);

    /// <summary>Rows and columns that leave the stage.</summary>
    public virtual Extent Size(Extent input) => input;

    /// <summary>Multiplications that the stage's convolutions need for one image, each with an addition.</summary>
    public virtual long Products(long input, Extent size) => 0;

    /// <summary>Runs the stage on [N, C, H, W].</summary>
    internal abstract Tensor Run(Tensor input, IConvolver convolver, string prefix);

    /// <summary>A convolution without bias, a batch normalisation and a ReLU.</summary>
    /// <param name="Name">Its name in the weights file.</param>
    /// <param name="Output">Channels that leave it.</param>
    /// <param name="Kernel">Rows and columns of the kernel.</param>
    public sealed record Convolve(string Name, long Output, Extent Kernel) : Stage
    {
        /// <summary>How far the kernel moves, in both directions.</summary>
        public long Stride { get; init; } = 1;

        /// <summary>Zeros put on each side; by default as many as keep the size.</summary>
        public Extent Padding { get; init; } = new(Kernel.Rows / 2, Kernel.Columns / 2);

        /// <summary>The same convolution without zeros around.</summary>
        public Convolve Inside() => this with { Padding = new(0, 0) };

        /// <inheritdoc/>
        public override long Channels(long input) => Output;

        /// <inheritdoc/>
        public override IEnumerable<WeightShape> Weights(long input, string prefix)
        {
            var name = prefix + Name;
            yield return new($"{name}.conv.weight", [Output, input, Kernel.Rows, Kernel.Columns]);
            foreach (var vector in (string[])["weight", "bias", "running_mean", "running_var"])
                yield return new($"{name}.bn.{vector}", [Output]);
        }

        /// <inheritdoc/>
        public override Extent Size(Extent input) => new(
            (input.Rows + 2 * Padding.Rows - Kernel.Rows) / Stride + 1,
            (input.Columns + 2 * Padding.Columns - Kernel.Columns) / Stride + 1);

        /// <inheritdoc/>
        public override long Products(long input, Extent size) => input * Output * Kernel.Area * Size(size).Area;

        internal override Tensor Run(Tensor input, IConvolver convolver, string prefix) => convolver.Run(this, prefix + Name, input);
    }

    /// <summary>The average of the image's own pixels in each window of 3×3; zeros beyond the border do not count.</summary>
    public sealed record AveragePool : Stage
    {
        /// <inheritdoc/>
        public override long Channels(long input) => input;

        /// <inheritdoc/>
        public override IEnumerable<WeightShape> Weights(long input, string prefix) => [];

        internal override Tensor Run(Tensor input, IConvolver convolver, string prefix) =>
            functional.avg_pool2d(input, 3, 1, 1, count_include_pad: false);
    }

    /// <summary>The largest pixel of each window.</summary>
    /// <param name="Window">Rows and columns of the window.</param>
    /// <param name="Stride">How far it moves.</param>
    /// <param name="Padding">How far it may stand over the border.</param>
    public sealed record MaximumPool(long Window, long Stride, long Padding = 0) : Stage
    {
        /// <inheritdoc/>
        public override Extent Size(Extent input) =>
            new((input.Rows + 2 * Padding - Window) / Stride + 1, (input.Columns + 2 * Padding - Window) / Stride + 1);

        /// <inheritdoc/>
        public override long Channels(long input) => input;

        /// <inheritdoc/>
        public override IEnumerable<WeightShape> Weights(long input, string prefix) => [];

        internal override Tensor Run(Tensor input, IConvolver convolver, string prefix) =>
            functional.max_pool2d(input, Window, Stride, Padding);
    }

    /// <summary>Chains of stages side by side, whose results are joined channel after channel.</summary>
    /// <param name="Branches">The chains.</param>
    public sealed record Fork(params Sequence<Sequence<Stage>> Branches) : Stage
    {
        /// <inheritdoc/>
        public override long Channels(long input) => Branches.Sum(branch => branch.Channels(input));

        /// <inheritdoc/>
        public override IEnumerable<WeightShape> Weights(long input, string prefix) =>
            Branches.SelectMany(branch => branch.Weights(input, prefix));

        /// <inheritdoc/>
        public override Extent Size(Extent input) => Branches[0].Size(input);

        /// <inheritdoc/>
        public override long Products(long input, Extent size) => Branches.Sum(branch => branch.Products(input, size));

        internal override Tensor Run(Tensor input, IConvolver convolver, string prefix) =>
            cat([.. Branches.Select(branch => branch.Run(input, convolver, prefix))], 1);
    }

    /// <summary>A stage whose weights have a common prefix.</summary>
    /// <param name="Name">The prefix, without the point that follows.</param>
    /// <param name="Inner">The stage.</param>
    public sealed record Named(string Name, Stage Inner) : Stage
    {
        /// <inheritdoc/>
        public override long Channels(long input) => Inner.Channels(input);

        /// <inheritdoc/>
        public override IEnumerable<WeightShape> Weights(long input, string prefix) => Inner.Weights(input, $"{prefix}{Name}.");

        /// <inheritdoc/>
        public override Extent Size(Extent input) => Inner.Size(input);

        /// <inheritdoc/>
        public override long Products(long input, Extent size) => Inner.Products(input, size);

        internal override Tensor Run(Tensor input, IConvolver convolver, string prefix)
        {
            using var scope = NewDisposeScope();
            return Inner.Run(input, convolver, $"{prefix}{Name}.").MoveToOuterDisposeScope();
        }
    }
}

/// <summary>Rows and columns.</summary>
public readonly record struct Extent(long Rows, long Columns)
{
    /// <summary>How many pixels that are.</summary>
    public long Area => Rows * Columns;
}

/// <summary>Name and sizes of one array of weights.</summary>
public sealed record WeightShape(string Name, Sequence<long> Sizes);
