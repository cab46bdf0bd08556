using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Posters;

/// <summary>Something that a poster shows, made by one command line of this program. A closed union.</summary>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Words">The command line, without the output.</param>
public abstract record PosterItem(string Title, Sequence<string> Words)
{
    /// <summary>The command line that makes it alone, as a shell takes it.</summary>
    public virtual string CommandLine => $"{ResumeLine.Program} {string.Join(' ', Words.Select(ResumeLine.Quoted))}";

    /// <summary>A figure.</summary>
    /// <param name="Title">What it shows, in a few words.</param>
    /// <param name="File">The file's name, ending in .png.</param>
    /// <param name="Words">The command line, without the output.</param>
    public sealed record Figure(string Title, string File, Sequence<string> Words) : PosterItem(Title, Words)
    {
        /// <inheritdoc/>
        public override string CommandLine => $"{base.CommandLine} -o {ResumeLine.Quoted(File)}";

        /// <summary>The model that draws it; null where none does.</summary>
        public PosterModel? Model { get; init; }

        /// <summary>Samples that are drawn.</summary>
        public int Samples { get; init; }

        /// <summary>What it shows was made with these; empty where its file says how it was drawn.</summary>
        public string Settings { get; init; } = "";

        /// <summary>Whether it takes half the width, beside another one, as a table does.</summary>
        public bool IsHalf { get; init; }
    }

    /// <summary>The evaluations of a run, a row each.</summary>
    /// <param name="Title">What it shows, in a few words.</param>
    /// <param name="Model">The run.</param>
    /// <param name="Columns">The columns that are shown.</param>
    public sealed record Table(string Title, PosterModel Model, Sequence<string> Columns)
        : PosterItem(Title, ["compare", Model.Word, "--columns", string.Join(',', Columns), "--markdown"]);
}

/// <summary>A part of a poster: what it is about, and what shows it.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Text">What is to be known, in a sentence or two.</param>
/// <param name="Items">What is shown.</param>
internal sealed record PosterSection(string Title, string Text, Sequence<PosterItem> Items)
{
    /// <summary>The equations that it is about.</summary>
    public Sequence<Formula> Formulas { get; init; } = [];

    /// <summary>The paper, and where in it.</summary>
    public string Source { get; init; } = "";

    /// <summary>The column of the page, from 0.</summary>
    public int Column { get; init; }
}
