using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Recipes;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a foreign model is taken in.</summary>
internal sealed class ImportSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _source = Define.Argument(
        "PLACE", "file of weights (.pt, .pth, .pkl, .safetensors), or folder saved by diffusers", new FreeText("a file or folder"));

    private readonly Cli.Option<RecipeSource> _recipe = Define.Option("--recipe", "RECIPE",
        "recipe that bare weights were trained by: a name or a recipe.json (default: that in the file's metadata)", new RecipeWord());

    private readonly Cli.Option<Preset?> _preset = Define.Option("--preset", "quick|paper",
        "which variant of a named recipe (default: quick)", new OneOf<Preset?>(("quick", Preset.Quick), ("paper", Preset.Paper)));

    private readonly Cli.Option<KnownModel> _as = Define.Option("--as", "NAME",
        "published model that the weights are of, or whose usual settings they have; listed below", new KnownModelWord());

    private readonly Cli.Option<RecipeChange[]> _set = Define.Repeated("--set", "PATH=VALUE",
        "override a setting that the file does not say, such as schedule=cosine or network.heads=8; repeatable", new ChangeWord());

    private readonly Cli.Option<string> _out = Define.Option("--out", "RUN",
        "run folder to write, new or empty (default: the name of PLACE with -run)", new FreeText("a folder")).Also("-o");

    /// <summary>The command <c>import</c>.</summary>
    public ImportSyntax()
        : base("import", "Imports a model of another program as a run, to sample and to evaluate.")
    {
        Arguments.Add(_source);
        Take(_as, _recipe, _preset, _set, _out);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("import ddpm-cifar10-32 --out runs/ddpm", "a folder of diffusers; then: diffusion sample runs/ddpm"),
        new("import logs/ckpt.pt --out runs/ddpm", "a checkpoint of pytorch-ddpm: the program is recognised"),
        new("import 64x64_diffusion.pt --as guided-imagenet64 --out runs/guided", "what its file does not say is known by that name"),
        new("import weights.pth --recipe cifar10 --out runs/mine", "bare weights under diffusers' names, such as export writes"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Nothing in a file is executed. A folder of diffusers is a pixel-space pipeline, or its unet. Files of weights are checkpoints " +
            "of improved-diffusion, guided-diffusion (its classifiers too), pytorch-ddpm, ddpm-torch, denoising-diffusion-pytorch, EDM " +
            "or EDM2, which are recognised by their keys, or bare weights under this program's names, which are those of diffusers.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists =>
        [new("known models (--as)", KnownModel.All.Select(model => (model.Name, model.Summary)).ToSequence())];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_as) && typed.IsGiven(_recipe))
            yield return "--as and --recipe both say what the weights are of; one is enough";
        if (typed.IsGiven(_preset) && !typed.IsGiven(_recipe))
            yield return "--preset chooses a variant of --recipe, which is missing";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var source = typed.GetValue(_source)!;
        return new Command.Import(source, typed.GetValue(_out) ?? $"{Stem(Path.TrimEndingDirectorySeparator(source))}-run",
            new()
            {
                Recipe = typed.GetValue(_recipe), Preset = typed.GetValue(_preset), As = typed.GetValue(_as),
                Changes = (typed.GetValue(_set) ?? []).ToSequence(),
            });
    }

    // A folder's name may hold a full stop as well.
    private static string Stem(string source) => File.Exists(source) && Path.GetFileNameWithoutExtension(source).Length > 0
        ? Path.ChangeExtension(source, null)
        : source;
}
