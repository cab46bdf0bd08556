using Diffusion.Model.Checkpoints;
using Diffusion.Model.Distillation;
using Diffusion.Model.Files;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>The teacher of a distillation, kept in the run folder: the run goes on without the one that it came from.</summary>
internal static class TeacherFolder
{
    /// <summary>The folder's name in that of the run.</summary>
    public const string Name = "teacher";

    /// <summary>Brings the teacher of a run, where its recipe has one: the kept one, or else the source, which is then kept.</summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="source">The weights that it begins with; null to find them where the recipe says.</param>
    /// <param name="tell">Hears of damaged checkpoints that are skipped.</param>
    /// <exception cref="InputException">There is no teacher, or another one than the recipe says.</exception>
    /// <exception cref="InvalidFileException">What was kept of it is damaged.</exception>
    /// <exception cref="OutputException">It cannot be kept.</exception>
    public static void Join(TrainingRun run, RunFolder folder, InitialWeights? source, Action<TrainingEvent> tell)
    {
        if (run.Recipe.Distillation is null)
            return;
        var lineage = run.Recipe.From ?? throw new InputException(
            "distillation", "no teacher", "the run that is distilled: --from RUN");
        var kept = Path.Combine(folder.Path, Name);
        if (!Directory.Exists(kept))
            Keep(kept, (source ?? InitialWeights.Again(lineage, Damaged)).Folder);
        var model = TrainedModel.Open(kept, run.Device, Damaged);
        if (model.WeightsSha256 is var found && found != lineage.Sha256)
        {
            model.Dispose();
            throw new InputException(kept, $"weights with sha256 {found}", $"those of the teacher, {lineage.Sha256}");
        }
        run.Teacher = new Teacher(model, run.Recipe);

        void Damaged(string damage) => tell(new TrainingEvent.Warning(damage));
    }

    // Of the checkpoint what samples are drawn with. Whole or not at all under its name.
    private static void Keep(string kept, string checkpoint) => OutputException.Guard(kept, () =>
    {
        var partial = AtomicFile.PartialOf(kept);
        try
        {
            Directory.CreateDirectory(partial);
            foreach (var name in new[] { Checkpoint.EmaName(0), Checkpoint.HeaderName })
            {
                using var from = File.OpenRead(Path.Combine(checkpoint, name));
                AtomicFile.Write(Path.Combine(partial, name), from.CopyTo);
            }
            Directory.Move(partial, kept);
            DirectoryEntry.Flush(kept);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    });
}
