using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Predictions;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Distils a model to fewer and fewer network calls, each student being the teacher of the next. A run per stage.</summary>
    /// <param name="Source">The run, checkpoint or model.</param>
    /// <param name="Options">What was asked for.</param>
    public sealed record Distil(string Source, DistilOptions Options) : Command
    {
        // Of the teacher's highest rate: a student begins where its teacher ended.
        private const double ShareOfRate = 0.5;
        private const double ShareOfWarmup = 0.05;

        // As in the paper, where every student halves the steps.
        private const int UsualRatio = 2;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var (former, first) = (Source, InitialWeights.Find(Source, session.Warn, CarriedModels.NameOf(Source)));
            var (teacher, calls, guidance) = (first, FirstCalls(first.Recipe), Options.Guidance ?? first.Recipe.Evaluation.Guidance);
            RefuseOthers(first, calls, guidance);
            var students = new List<(int Calls, string Place)>();
            foreach (var count in Options.Calls)
            {
                session.Stopping.ThrowIfCancellationRequested();
                var recipe = Student(teacher, count, calls, guidance) with
                {
                    Name = string.Create(CultureInfo.InvariantCulture, $"{first.Recipe.Name}-{count}-calls"),
                };
                if (RecipeValidation.Of(recipe).FirstOrDefault() is { } fault)
                    throw new RecipeException(CarriedModels.NameOf(Source), fault);
                var place = PlaceOf(count);
                CarryOut(session, new(former, teacher, recipe, place));
                students.Add((count, place));
                // A student's samples need no guidance.
                (former, teacher, calls, guidance) = (place, InitialWeights.Find(place, session.Warn), count, new Guidance.None());
            }
            Answer(session, students);
            return ExitCode.Success;
        }

        private string PlaceOf(int count) => Path.Combine(Options.Training.Out!, $"calls-{count}");

        // Before the first student is trained: what would be refused after it.
        private void RefuseOthers(InitialWeights first, int calls, Guidance guidance)
        {
            if (RecipeValidation.Of(Student(first, Options.Calls[0], calls, guidance)).Any())
                return;
            var missing = false;
            foreach (var count in Options.Calls)
            {
                if (!File.Exists(Path.Combine(PlaceOf(count), RunFolder.RecipeName)))
                    missing = true;
                else if (missing || RecipeFile.Read(Path.Combine(PlaceOf(count), RunFolder.RecipeName)).Distillation
                    != Student(first, count, calls, guidance).Distillation)
                    throw Other(PlaceOf(count), "another teacher, or other steps");
                (calls, guidance) = (count, new Guidance.None());
            }
        }

        private static InputException Other(string place, string what) =>
            new(place, $"an earlier run with {what}", "another folder: --out DIR");

        private sealed record Stage(string Former, InitialWeights Teacher, Recipe Recipe, string Place);

        // A student has learnt its own steps alone.
        private int FirstCalls(Recipe recipe)
        {
            var (own, next) = (recipe.Distillation?.Spacing.Over(recipe.Schedule).Count, Options.Calls[0]);
            var calls = Options.TeacherCalls ?? own ?? UsualRatio * next;
            return calls != (own ?? calls) || calls % next != 0 || calls == next
                ? throw new InputException(
                    CarriedModels.NameOf(Source), $"a model of {Counted.Of(own ?? calls, "call")}",
                    $"a teacher of a multiple of {Counted.Of(next, "call")}, its student's")
                : calls;
        }

        private Recipe Student(InitialWeights teacher, int count, int calls, Guidance guidance)
        {
            var (onward, batch) = (teacher.Onward(), Options.Training.Batch ?? teacher.Recipe.Length.Batch);
            var (rate, steps) = (onward.Optimiser.Rate, (int)Min((Options.Images + batch - 1) / batch, int.MaxValue));
            var peak = (teacher.Recipe.Distillation is null ? ShareOfRate : 1) * rate.At(rate.StepsOfWarmup());
            try
            {
                return RecipeVariation.Distilled(
                    onward, count, calls, onward.Labels is Conditioning.None ? new Guidance.None() : guidance) with
                {
                    Length = onward.Length with { Steps = steps, Batch = batch, EvaluateEvery = new EvaluationInterval.Times(1) },
                    Optimiser = onward.Optimiser with
                    {
                        Rate = new LearningRate.WarmUpCosine(peak, Min((int)Ceiling(ShareOfWarmup * steps), steps - 1), steps),
                    },
                };
            }
            catch (ArgumentException refusal)
            {
                throw new RecipeException(CarriedModels.NameOf(Source), $"{Counted.Of(count, "call")}: {Sentence.Of(refusal)}");
            }
        }

        private void CarryOut(Session session, Stage stage)
        {
            // Only the whole answers.
            var training = session with { Terminal = session.Terminal with { Output = TextWriter.Null } };
            var options = Options.Training with { Mode = RunMode.Part, GoOn = session.CommandLine };
            if (!File.Exists(Path.Combine(stage.Place, RunFolder.RecipeName)))
            {
                session.Say($"{stage.Recipe.Name} learns from {stage.Teacher.Lineage.Run}, in {stage.Place}");
                new Train(new RecipeSource.Found(stage.Recipe), ImageOptions.OfSource(stage.Former, stage.Recipe, options, session) with
                {
                    From = stage.Former,
                    Out = stage.Place,
                }).Run(training);
                return;
            }
            var earlier = RecipeFile.Read(Path.Combine(stage.Place, RunFolder.RecipeName));
            if (earlier.From?.Sha256 != stage.Teacher.Lineage.Sha256 || earlier.Distillation != stage.Recipe.Distillation)
                throw Other(stage.Place, "another teacher, or other steps");
            if (RecipeDifference.Between(earlier, Asked(earlier, stage.Recipe)) is [{ } differing, ..])
                throw Other(stage.Place, $"another {differing.Path}");
            session.Say($"{stage.Place} goes on");
            new Train(new RecipeSource.OfRun(), options with { Resume = stage.Place, Out = null, Batch = null, Seed = null, Changes = [] })
                .Run(training);
        }

        // What the earlier run would be with what is asked for now.
        private Recipe Asked(Recipe earlier, Recipe student) => RecipeChanges.Apply(
            earlier with
            {
                Length = earlier.Length with { Steps = student.Length.Steps, Batch = student.Length.Batch },
                Seed = Options.Training.Seed ?? earlier.Seed,
            },
            Options.Training.Changes);

        private static void Answer(Session session, IReadOnlyList<(int Calls, string Place)> students)
        {
            var rows = students.Select(student => (student.Calls, student.Place, RunSummary.Read(student.Place).Distance)).ToList();
            session.Answer(
                string.Join('\n', rows.Select(row => $"{Counted.Of(row.Calls, "call")}: {row.Place}" + (row.Distance is { } found
                    ? string.Create(CultureInfo.InvariantCulture, $", {found.Name} {found.Value:0.###}") : ""))),
                new JsonObject
                {
                    ["students"] = new JsonArray([.. rows.Select(row => new JsonObject
                    {
                        ["calls"] = row.Calls,
                        ["run"] = row.Place,
                        ["distances"] = row.Distance is { } found ? new JsonObject { [found.Name] = found.Value } : new JsonObject(),
                    })]),
                });
        }
    }
}
