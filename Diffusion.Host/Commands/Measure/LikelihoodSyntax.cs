using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Measuring;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a likelihood is asked for.</summary>
internal sealed class LikelihoodSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly Cli.Argument<ImagePlace> _images = FidSyntax.Place("IMAGES", "real images of the model's size, such as cifar10:test");

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "number of images (default: all)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _levels = Define.Option("--levels", "M",
        "estimate the sum from M of the T terms, evenly spaced (default: all)", new WholeNumber<int>("a whole number of at least 2", 2));

    private readonly Cli.Option<Variance.Fixed> _variance = Define.Option("--variance", "small|large",
        "variance of the reverse steps (default: that of the run's sampler)",
        new OneOf<Variance.Fixed>(("small", new Variance.Small()), ("large", new Variance.Large())));

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the run's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "batch size; does not affect the result", new WholeNumber<int>("a positive whole number", 1));

    private readonly OutputOption _csv = new("--csv",
        "append the result with its full protocol to this CSV file", ".csv");

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>likelihood</c>.</summary>
    public LikelihoodSyntax()
        : base("likelihood", "Measures the negative log-likelihood (NLL): the variational bound in bits/dim.")
    {
        Arguments.Add(_run);
        Arguments.Add(_images);
        Take([_count, _levels, _variance, _seed, _batch, _csv, .. _data.All, .. _machine.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("likelihood runs/try cifar10:test", "all test images and all terms: the number to report"),
        new("likelihood runs/try mnist:test --count 256 --levels 50", "a faster estimate"),
        new("likelihood runs/try cifar10:train --count 1000 --csv bounds.csv", "training images, as a test of memorisation"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The bound is L_0 (discrete decoder) + L_1 + ... + L_(T-1) (KL terms) + L_T (prior), with one noise sample per term (Ho et al. "
        + "2020, Eq. 5). "
        + "The noise of image k at level t depends on the seed, k and t only. The predicted x_0 is clipped as in the run's sampler.",
        "A class-conditional model is given the images' labels if the number of classes matches, and no label otherwise. Continuous "
        + "schedules have no such bound and are refused.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Likelihood(
        typed.GetValue(_run)!, typed.GetValue(_images)!,
        new()
        {
            Count = typed.GetValue(_count),
            Levels = typed.GetValue(_levels),
            Variance = typed.GetValue(_variance),
            Seed = typed.GetValue(_seed),
            Batch = typed.GetValue(_batch),
            Data = _data.Folder(typed),
            Downloads = _data.Downloads(typed),
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        typed.GetValue(_csv));
}
