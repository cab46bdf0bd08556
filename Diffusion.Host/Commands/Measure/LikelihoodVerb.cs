using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a likelihood is asked for.</summary>
internal sealed class LikelihoodVerb : Verb
{
    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run folder, of which the latest checkpoint is taken, or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Argument<ImagePlace> _images = FidVerb.Place("PLACE", "real images of the kind that the model makes, such as cifar10:test");

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "measure the first N images; all without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _levels = Words.Option("--levels", "M",
        "compute M of the T terms, evenly spread, and estimate the others from them; all without it", new WholeNumber<int>("a whole number of at least 2", 2));

    private readonly Cli.Option<Variance.Fixed> _variance = Words.Option("--variance", "small|large",
        "of the reverse steps; that of the run's own sampler without it",
        new OneOf<Variance.Fixed>(("small", new Variance.Small()), ("large", new Variance.Large())));

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; the run's seed without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "images computed at once, which does not change the result", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<string> _csv = Words.Option("--csv", "FILE",
        "add the result to this file as a row, with everything it depends on", new FreeText("a file"));

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder of the data set that is named; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private readonly MachineWords _machine = new();

    /// <summary>The command <c>likelihood</c>.</summary>
    public LikelihoodVerb()
        : base("likelihood", "Measures how likely real images are under a model: the variational bound in bits per dimension.")
    {
        Arguments.Add(_run);
        Arguments.Add(_images);
        Take([_count, _levels, _variance, _seed, _batch, _csv, _data, _noDownload, .. _machine.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("likelihood runs/try cifar10:test", "every test image at every level, the number to quote"),
        new("likelihood runs/try mnist:test --count 256 --levels 50", "an estimate from fewer, in a fraction of the time"),
        new("likelihood runs/try cifar10:train --count 1000 --csv bounds.csv", "images it was trained on, to see whether it learned them by heart"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The bound is L_0 (the decoder: bytes from the least noisy state) + the sum of L_1 to L_(T-1) (the chain) + L_T (the prior), one noisy state for each term (Ho et al. 2020, Eq. 5). "
        + "The noise of image k at level t depends on the seed, k and t alone. Estimates of the clean image are limited as the run's sampler limits them.",
        "A model that knows labels is told those of the images where they have as many classes, else none. Only chains of T steps have this bound; continuous schedules are refused.",
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
            Data = typed.GetValue(_data),
            Network = typed.GetValue(_noDownload) ? Network.Forbidden : Network.Allowed,
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        typed.GetValue(_csv));
}
