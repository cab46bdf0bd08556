using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Diffusion.Host.Displays;

/// <summary>A line per activity that is redrawn in place, on a terminal.</summary>
/// <remarks>Drawn by the thread that works, at most ten times a second: no other thread takes time from the work.</remarks>
/// <param name="context">Spectre's.</param>
internal sealed class TerminalDisplay(ProgressContext context) : IProgressDisplay
{
    /// <summary>Shows progress on the console while <paramref name="work"/> goes on.</summary>
    public static T Show<T>(IAnsiConsole console, Func<IProgressDisplay, T> work) =>
        new Progress(console) { AutoRefresh = false, AutoClear = true, HideCompleted = true }
            .Columns(new NameColumn(), new ProgressBarColumn { Width = 24 }, new ShownColumn(shown => shown.Count),
                new ShownColumn(shown => shown.Detail), new ShownColumn(shown => shown.Rest))
            .Start(context => work(new TerminalDisplay(context)));

    /// <inheritdoc/>
    public IActivity Begin(Work work) =>
        new Activity(context, context.AddTask(Markup.Escape(PlainText.OneLine(work.Name)), maxValue: Max(1, work.Total - work.From)), work);

    private sealed class Activity(ProgressContext context, ProgressTask task, Work work) : IActivity
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

        private readonly long _begin = TimeProvider.System.GetTimestamp();
        private TimeSpan _next = TimeSpan.Zero;

        public void Report(long done, Func<string> detail)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(_begin);
            if (elapsed < _next)
                return;
            _next = elapsed + Shortest;
            task.Value = done - work.From;
            var rest = work.Remaining(done, elapsed) is { } time ? $"{Duration.Text(time)} left" : "";
            task.Tag = new Shown($"{done}/{work.Total} {work.Unit}", detail(), rest);
            context.Refresh();
        }

        public void Dispose()
        {
            task.Value = task.MaxValue;
            task.StopTask();
            context.Refresh();
        }
    }

    private sealed record Shown(string Count, string Detail, string Rest);

    private sealed class NameColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Markup(task.Description);
    }

    private sealed class ShownColumn(Func<Shown, string> part) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag is Shown shown ? PlainText.OneLine(part(shown)) : "");
    }
}
