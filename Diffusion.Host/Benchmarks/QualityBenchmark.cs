using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>How good the samples of several recipes are after the same time of training, or the same number of images.</summary>
/// <remarks>
/// Recipes are trained in turns, each from several seeds. Sampling and measuring do not count. A recipe's steps follow from its pace,
/// found before while the recipes take turns, so that its learning rate ends with the last one.
/// </remarks>
public sealed record QualityBenchmark()
    : Benchmark("quality", "samples of several recipes after the same training time, over several seeds")
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>What was asked for.</summary>
    public QualityOptions? Asked { get; init; }

    private QualityOptions Options => Asked ?? throw new InvalidOperationException("Nothing was asked for.");

    /// <inheritdoc/>
    public override BenchmarkReport Report(Machine machine, Session session)
    {
        using var places = new Places(machine, session, Options);
        var contenders = Options.Recipes.Select(places.Contender).ToSequence();
        if (Options.Out is { } folder)
            OutputException.Guard(folder, () => Directory.CreateDirectory(folder));
        var table = new QualityTable(
            contenders.Select(contender => contender.Name).ToSequence(),
            contenders.Select(contender => contender.Recipe.Precision).Distinct()
                .ToDictionary(precision => precision, precision => MatrixProduct.Pace(machine.Device, precision, runs: 2)),
            contenders.Select(contender => contender.Recipe.Precision).ToSequence());
        try
        {
            ProgressDisplay.Show(session, (above, display) => Measure(contenders, machine.Device, (above, display), table));
        }
        catch (OperationCanceledException) when (session.Stopping.IsCancellationRequested)
        {
            return table.Report(ExitCode.Interrupted);
        }
        return table.Report(ExitCode.Success);
    }

    private bool Measure(
        Sequence<Contender> contenders, torch.Device device, (Session Session, IProgressDisplay Display) screen, QualityTable table)
    {
        var paces = Options.Budget is QualityBudget.Time { Span: var span }
            ? Contender.Paces(contenders, device, Clamped(span / 20), screen.Session.Stopping)
            : contenders.Select(_ => 0.0).ToSequence();
        for (var seed = 0; seed < Options.Seeds; seed++)
            foreach (var (index, contender) in contenders.Index())
            {
                var steps = Options.Budget.Steps(paces[index], contender.Recipe.Length.Batch);
                var quality = Trained(contender.Fitted(steps, seed), index, device, screen);
                table.Add(index, quality);
                screen.Session.Say(QualityTable.Line(contender.Name, quality));
            }
        return true;
    }

    private Quality Trained(Contender contender, int index, torch.Device device, (Session Session, IProgressDisplay Display) screen)
    {
        var (recipe, stopping) = (contender.Recipe, screen.Session.Stopping);
        var title = string.Create(CultureInfo.InvariantCulture, $"{contender.Name}, seed {recipe.Seed}");
        using var activity = screen.Display.Begin(new(title, "steps", 0, recipe.Length.Steps));
        return contender.Train(device, Options.Count, Options.Sampling, new()
        {
            Stepped = done => activity.Report(done, () => ""),
            Sheet = Options.Out is { } folder
                ? Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{index + 1}-{recipe.Name}-seed-{recipe.Seed}.png"))
                : null,
            Stopping = stopping,
        });
    }

    private static TimeSpan Clamped(TimeSpan span) => span < Shortest ? Shortest : span > Longest ? Longest : span;

    // Images and what samples are measured by, each once for all recipes that share them.
    private sealed class Places(Machine machine, Session session, QualityOptions options) : IDisposable
    {
        private readonly Dictionary<(DataRecipe, int), TrainingData> _data = [];
        private readonly Dictionary<(TrainingData, string), IDistanceMeter> _meters = [];

        public Contender Contender(ChangedRecipe asked)
        {
            foreach (var note in RecipeChanges.Notes(asked.Changes))
                session.Warn(note);
            var training = options.Training with { Changes = asked.Changes };
            var recipe = RunSetup.NewRecipe(asked.Source, training, machine);
            if (recipe.Goal is not Goal.Denoise)
                throw new InputException(asked.Text, "a classifier, which makes no images", "a model that samples are drawn from");
            var data = Data(recipe, training);
            recipe.RefuseUnfit(data);
            recipe = RunSetup.Tuned(recipe, asked.Source, training, data.Train.Provenance, machine);
            Trainer.Check(recipe, data, new() { Device = machine.Device });
            RefuseUnfit(recipe, data.Train);
            return new(asked.Text, recipe, data, Meter(recipe, data));
        }

        public void Dispose()
        {
            foreach (var owned in _meters.Values.Concat<IDisposable>(_data.Values))
                owned.Dispose();
        }

        // Before hours of training.
        private void RefuseUnfit(Recipe recipe, IImageSource images)
        {
            using var run = TrainingRun.Unfilled(recipe, images, machine.Device);
            TrainedModel.OfRun(run, images.Provenance.Shape, model =>
            {
                new ModelSampler(model, options.Sampling).Dispose();
                return true;
            });
        }

        private TrainingData Data(Recipe recipe, TrainOptions training)
        {
            var key = (recipe.Data, recipe.Network.InputChannels);
            if (_data.TryGetValue(key, out var data))
                return data;
            data = RunSetup.Images(recipe, training, session);
            session.Say(data.Line);
            return _data[key] = data;
        }

        private IDistanceMeter Meter(Recipe recipe, TrainingData data)
        {
            Sequence<string> names = recipe.Labels is Conditioning.Labelled ? ["fid", "accuracy"] : ["fid"];
            var key = (data, string.Join(' ', names));
            return _meters.TryGetValue(key, out var meter) ? meter
                : _meters[key] = DistanceMeters.For(
                    data, MetricCatalogue.OfSamples.Of(names), null, machine.Device, new(CacheFolder.Default["statistics"]));
        }
    }
}
