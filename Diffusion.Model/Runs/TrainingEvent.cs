using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>What happens in a run, for whoever wants to know. A closed union; every case says itself in one line of plain text.</summary>
public abstract record TrainingEvent
{
    private TrainingEvent()
    {
    }

    /// <summary>The event in one line.</summary>
    public abstract string Text { get; }

    /// <summary>Whether it changes how results have to be read, so that even the quiet want to know.</summary>
    public virtual bool IsWarning => false;

    /// <inheritdoc cref="Text"/>
    public sealed override string ToString() => Text;

    /// <summary>A run begins, or goes on.</summary>
    /// <param name="Recipe">What is carried out.</param>
    /// <param name="Parameters">Numbers that training changes.</param>
    /// <param name="Device">Where it is carried out.</param>
    /// <param name="Folder">Where it leaves its results.</param>
    public sealed record Began(Recipe Recipe, long Parameters, torch.Device Device, string Folder) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant(
            $"{Recipe.Name}: {Parameters:N0} parameters on {Device}, {LengthRecipe.StepText(Recipe.Length.Steps)}, in {Folder}");
    }

    /// <summary>A run goes on from a checkpoint.</summary>
    /// <param name="Step">Updates made by then.</param>
    public sealed record Resumed(long Step) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"resumed at step {Step}");
    }

    /// <summary>Something worth knowing.</summary>
    /// <param name="Line">What.</param>
    public sealed record Remark(string Line) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Line;
    }

    /// <summary>Something that changes how results have to be read.</summary>
    /// <param name="Line">What.</param>
    public sealed record Warning(string Line) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Line;

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>A report that was damaged or gone was put together again.</summary>
    /// <param name="How">What was done about it.</param>
    public sealed record RowsRestored(string How) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => How;

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>Training goes on until the next evaluation.</summary>
    /// <param name="From">Updates made before.</param>
    /// <param name="Steps">Updates in the whole run.</param>
    public sealed record StepsBegan(long From, long Steps) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"training from step {From} of {Steps}");
    }

    /// <summary>An update was made.</summary>
    /// <param name="Step">Updates made in the whole run.</param>
    /// <param name="Steps">Updates in the whole run when it is finished.</param>
    /// <param name="Loss">
    /// Recent mean loss: that of the last row of <c>steps.csv</c>. Rows of evaluations have the mean since the evaluation before.
    /// </param>
    /// <param name="ImagesPerSecond">The pace since the last evaluation.</param>
    public sealed record StepMade(long Step, long Steps, double Loss, double? ImagesPerSecond) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"step {Step} of {Steps}, loss {Loss:0.0000}{Pace.Text(ImagesPerSecond)}");
    }

    /// <summary><c>steps.csv</c> has another row, as far as it could be written.</summary>
    /// <param name="Path">The file.</param>
    public sealed record StepsReported(string Path) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => $"{Path} has another row";
    }

    /// <summary>After a few seconds, and where it turns out to be wrong: how long the run will take.</summary>
    /// <param name="Forecast">How long the rest takes.</param>
    /// <param name="Ends">When it ends, in the time of this place.</param>
    /// <param name="Before">When it was thought to end before; null for the first time.</param>
    public sealed record TimeForecast(RunForecast Forecast, DateTimeOffset Ends, DateTimeOffset? Before = null) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Before is { } before
            ? $"ends about {When(Ends)}, not {When(before)}: {Pace}, {Forecast.Text} from here"
            : $"{Pace}: {Forecast.Text}; ends about {When(Ends)}";

        private string Pace => Invariant($"{Forecast.PerStep.TotalMilliseconds:0} ms per step");

        private string When(DateTimeOffset time) => Duration.Clock(time, Ends - Forecast.Total);
    }

    /// <summary>The pace has changed: to keep its time, the run has another length from here on.</summary>
    /// <param name="Length">Which, and why.</param>
    /// <param name="Ends">When it ends, in the time of this place.</param>
    public sealed record LengthChanged(NewLength Length, DateTimeOffset Ends) : TrainingEvent
    {
        // Of what a step takes; below it, something else took another time.
        private const double Noticeable = 0.01;

        /// <inheritdoc/>
        public override string Text => string.Create(CultureInfo.InvariantCulture,
            $"ends about {Duration.Clock(Ends, Ends - Length.Rest)}: " +
            $"{Length.Renewal.Steps:N0} instead of {Length.Before:N0} steps, as {Why}");

        private string Why => Abs(Length.PerStep / Length.Planned - 1) >= Noticeable
            ? Invariant($"a step takes {1000 * Length.PerStep:0.#} ms, not {1000 * Length.Planned:0.#}")
            : $"evaluations take {(Length.Renewal.Steps < Length.Before ? "longer" : "less time")} than planned";
    }

    /// <summary>Memory is too short for as many images at once; updates stay those of whole batches.</summary>
    /// <param name="From">As many passed through the network at once before.</param>
    /// <param name="To">As many do now.</param>
    /// <param name="Batch">Images in an update.</param>
    public sealed record MicroBatchReduced(int From, int To, int Batch) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text =>
            Invariant($"out of memory at batch {From}: continuing with micro-batches of {To}, same effective batch of {Batch}");

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>An evaluation begins.</summary>
    /// <param name="Work">How much there is to do.</param>
    public sealed record EvaluationBegan(EvaluationWork Work) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"{Work.Name}: {Work.Total} {Work.Unit}");
    }

    /// <summary>An evaluation has come further.</summary>
    /// <param name="Work">How much there is to do.</param>
    /// <param name="Done">How much is done.</param>
    public sealed record EvaluationAdvanced(EvaluationWork Work, long Done) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"{Work.Name}: {Done} of {Work.Total} {Work.Unit}");
    }

    /// <summary>An evaluation is done; its row is not yet in the report.</summary>
    /// <param name="Row">Everything known now.</param>
    public sealed record EvaluationDone(ReportRow Row) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {Row.Epoch:0.####}: step {Row.Training.Updates}, loss {Row.Training.Loss:0.0000}" +
            $"{Pace.Text(Row.Pace.ImagesPerSecond)}, {Row.Found.Text}, {Duration.Text(Row.Pace.Elapsed)}");
    }

    /// <summary>The report has all rows so far, as far as it could be written: what is drawn from it can be drawn anew.</summary>
    /// <param name="Path">The file.</param>
    public sealed record ReportWritten(string Path) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => $"{Path} is up to date";
    }

    /// <summary>A checkpoint is on the disk.</summary>
    /// <param name="Step">Updates made by then.</param>
    /// <param name="Path">Its folder.</param>
    public sealed record CheckpointSaved(long Step, string Path) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"checkpoint of step {Step}: {Path}");
    }

    /// <summary>A checkpoint could not be written. Earlier ones are whole, and the run goes on.</summary>
    /// <param name="Step">Updates made by then.</param>
    /// <param name="Reason">Why, in a sentence.</param>
    public sealed record CheckpointFailed(long Step, string Reason) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => Invariant($"no checkpoint of step {Step}: {Reason}");

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>The run's folder was removed while it was in use, and is there again.</summary>
    /// <param name="Folder">The folder.</param>
    public sealed record FolderMadeAnew(string Folder) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text =>
            $"{Folder} was deleted during training: it has been created again with the recipe and the report, without its other files";

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>Files of the run's folder were removed while it was in use, and are there again.</summary>
    /// <param name="Folder">The folder.</param>
    /// <param name="Files">Their names.</param>
    public sealed record FilesWrittenAnew(string Folder, Sequence<string> Files) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => $"{Folder}: {string.Join(" and ", Files)} was deleted and has been written again";

        /// <inheritdoc/>
        public override bool IsWarning => true;
    }

    /// <summary>The run ends before its last step.</summary>
    /// <param name="Step">Updates made by then.</param>
    /// <param name="End">Why.</param>
    /// <param name="IsSaved">Whether there is a checkpoint of that step.</param>
    /// <param name="GoOn">A command line that goes on with it.</param>
    public sealed record Left(long Step, RunEnd End, bool IsSaved, string GoOn) : TrainingEvent
    {
        /// <inheritdoc/>
        public override string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"{(End == RunEnd.Stopped ? "stopped" : "failed")} at step {Step}; " +
            $"continue{(IsSaved ? "" : " from its last intact checkpoint")} with: {GoOn}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Why a run ends before its last step.</summary>
public enum RunEnd
{
    /// <summary>Someone asked for it.</summary>
    Stopped,

    /// <summary>Something went wrong.</summary>
    Failed,
}
