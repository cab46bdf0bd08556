using Diffusion.Host.Charts;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;

namespace Diffusion.Host.Posters;

/// <summary>What a poster shows of some models: the figures of a course on DDPM and classifier-free guidance.</summary>
/// <remarks>
/// Ho, Jain and Abbeel 2020, "Denoising diffusion probabilistic models"; Ho and Salimans 2021, "Classifier-free diffusion guidance".
/// </remarks>
/// <param name="Models">The models, of a data set each; at least one.</param>
internal sealed record PosterPlan(Sequence<PosterModel> Models)
{
    private const string Zoom = "4";
    private const int MostStrips = 4;
    private const string PosterW = "3";
    private static readonly Sequence<string> Measured = ["epoch", "step", "loss"];

    /// <summary>Data sets that such a poster shows where there are models of them.</summary>
    public static Sequence<Dataset> Sets => [Dataset.Mnist, Dataset.Cifar10];

    /// <summary>The folder of the data sets; null to take images from the cache or the program.</summary>
    public string? Data { get; init; }

    /// <summary>The folder of one data set: that of its name in a folder of several, or the folder itself.</summary>
    /// <param name="data">The folder of the data sets.</param>
    /// <param name="set">The data set's name.</param>
    public static string FolderOf(string data, string set) => Path.Combine(data, set) is var own && Directory.Exists(own) ? own : data;

    /// <summary>The parts, in the order in which they are read.</summary>
    public Sequence<PosterSection> Sections => [Forward, Training, Samples, Guidance, Progress, ProgressOfALabel];

    /// <summary>Every figure.</summary>
    public Sequence<PosterItem.Figure> Figures => Sections.SelectMany(section => section.Items).OfType<PosterItem.Figure>().ToSequence();

    /// <summary>Data sets that a poster shows and of which there is no model.</summary>
    public Sequence<Dataset> Missing => Sets.Where(set => Models.All(model => model.Set != set.Name)).ToSequence();

    private PosterSection Forward => new("Forward process",
        "Noise is added to an image x_{0} in steps until nothing of it is left. A row is a noise schedule: the linear one of Ho et al. "
        + "2020, and the cosine one of Nichol and Dhariwal 2021, which keeps the image for longer.",
        [.. Sets.Select(set => new PosterItem.Figure($"{set.Title}, linear and cosine schedule", $"forward-{set.Name}.png",
            ["forward", set.Name, .. Place(set), "--schedule", "linear", "--schedule", "cosine", "--zoom", Zoom]))])
    {
        Formulas =
        [
            new("q(x_{t} | x_{t−1}) = N(x_{t}; √(1 − β_{t}) x_{t−1}, β_{t} I)"),
            new("x_{t} = √ᾱ_{t} x_{0} + √(1 − ᾱ_{t}) ε,   ε ~ N(0, I)"),
        ],
        Source = "Ho, Jain and Abbeel 2020, Eq. 2 and 4",
    };

    private PosterSection Training => new("Training, and distance by epoch",
        "The network learns to tell the noise from the image, at a random t. At evaluations, samples of the averaged weights (EMA) are "
        + "compared with real images by the Fréchet distance d of their features.",
        [
            .. Models.Select(model => new PosterItem.Table($"{model.Title}: {model.Word}, evaluations", model, ColumnsOf(model))),
            .. Models.Select(model =>
                new PosterItem.Figure($"{model.Title}: {model.Word}, curves", $"curves-{model.Set}.png", ["plot", model.Word])
                {
                    Settings = model.Training,
                    IsHalf = true,
                }),
        ])
    {
        Formulas =
        [
            new("L_{simple} = E ‖ε − ε_{θ}(x_{t}, t)‖^{2}"), new("d = ‖μ_{r} − μ_{g}‖^{2} + Tr(Σ_{r} + Σ_{g} − 2 (Σ_{r}Σ_{g})^{1/2})"),
        ],
        Source = "Ho et al. 2020, Eq. 14; Heusel et al. 2017, Eq. 6",
    };

    private PosterSection Samples => new("Samples",
        "From noise x_{T} back to an image: every step subtracts some of the noise that the network sees. A network that predicts velocity "
        + "gives the same ε_{θ} by a linear combination, and newer solvers need fewer steps of the same process.",
        Models.Select(model => (PosterItem)(model.IsConditional
            ? Grid("samples", $"{model.Title} by label, no guidance (w = 0)", model, model.IsGuided ? ["--guidance", "0"] : [])
            : Grid("samples", $"{model.Title}, unconditional", model, []))).ToSequence())
    {
        Column = 1,
        Formulas = [new("x_{t−1} = 1/√α_{t} (x_{t} − β_{t}/√(1 − ᾱ_{t}) ε_{θ}(x_{t}, t)) + σ_{t} z")],
        Source = "Ho et al. 2020, Algorithm 2",
    };

    private PosterSection Guidance => new("Classifier-free guidance",
        "One network learns with labels and, where they are dropped, without. Sampling goes beyond the difference of the two: samples "
        + "become clearer and less varied. w = −1 ignores the label, w = 0 is the conditional model. In the convention of many programs "
        + "the scale is s = 1 + w.",
        [
            .. Guided.Select(model => Grid("cfg", $"{model.Title} by label at w = 3 (s = 4)", model, ["--guidance", PosterW])),
            .. Guided.Select(model => new PosterItem.Figure($"{model.Title}, the same noise and increasing w", $"guidance-{model.Set}.png",
                ["vary", model.Word, "guidance", "-1", "0", "1", PosterW, "--zoom", Zoom])
            {
                Model = model,
                Samples = 70,
                IsHalf = Guided.Count > 1,
            }),
        ])
    {
        Column = 1,
        Formulas = [new("ε̃_{θ}(x_{t}, c) = (1 + w) ε_{θ}(x_{t}, c) − w ε_{θ}(x_{t})")],
        Source = "Ho and Salimans 2021, Eq. 6",
    };

    private PosterSection Progress => new("Progressive generation, unconditional",
        "Two rows for a sample: the state x_{t}, and below it the image that the network sees in it. It has the rough shape long before "
        + "the noise is gone.",
        Models.Select(model => Strip("progressive", $"{model.Title}{(model.IsGuided ? ", without labels (w = −1)" : "")}", model,
            model.IsGuided ? ["--guidance=-1"] : [])).ToSequence())
    {
        Column = 2,
        Formulas = [new("x̂_{0} = (x_{t} − √(1 − ᾱ_{t}) ε_{θ}(x_{t}, t)) / √ᾱ_{t}")],
        Source = "Ho et al. 2020, Eq. 15 and Figure 6",
    };

    private PosterSection ProgressOfALabel => new($"Progressive generation of label {PosterModel.ShownLabel}",
        "The same with a label and guidance w = 3, from the same noise as above.",
        Guided.Select(model => Strip(
            $"progressive-{PosterModel.ShownLabel}", $"{model.Title}, label {model.LabelText}, w = 3 (s = 4)", model,
            ["--label", $"{PosterModel.ShownLabel}", "--guidance", PosterW])).ToSequence())
    {
        Column = 2,
        Formulas = [new($"x̂_{{0}} = (x_{{t}} − √(1 − ᾱ_{{t}}) ε̃_{{θ}}(x_{{t}}, c)) / √ᾱ_{{t}},   c = {PosterModel.ShownLabel}")],
        Source = "Ho and Salimans 2021, Algorithm 2",
    };

    private Sequence<string> Place(Dataset set) =>
        Data is not null && FolderOf(Data, set.Name) is var folder && set.IsIn(folder, Split.Train) ? ["--data", folder] : ["--offline"];

    private Sequence<PosterModel> Guided => Models.Where(model => model.IsGuided).ToSequence();

    private PosterItem Grid(string name, string title, PosterModel model, Sequence<string> settings) => new PosterItem.Figure(
        title, $"{name}-{model.Set}.png", ["sample", model.Word, .. settings, "--count", $"{GridSamples}", "--zoom", Zoom])
    {
        Model = model,
        Samples = GridSamples * (settings.Contains(PosterW) ? 2 : 1),
        IsHalf = Models.Count > 1,
    };

    private PosterItem Strip(string name, string title, PosterModel model, Sequence<string> settings) => new PosterItem.Figure(
        title, $"{name}-{model.Set}.png",
        ["sample", model.Word, "--strip", .. settings, "--count", $"{Strips}", "--zoom", Zoom])
    {
        Model = model,
        Samples = Strips * 2,
    };

    // As many as there is room for: half the width takes a square.
    private int GridSamples => Models.Count > 1 ? 100 : 50;

    private int Strips => MostStrips / Models.Count is > 0 and var strips ? strips : 1;

    private static Sequence<string> ColumnsOf(PosterModel model)
    {
        var curves = RunCurves.Read(model.Folder);
        return [.. Measured.Concat(curves.Overall).Append("samples").Where(curves.Table.Columns.Contains)];
    }
}
