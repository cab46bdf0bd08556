using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Sampling;

/// <summary>What the labels of a model are called.</summary>
/// <param name="Names">Their names, in order; where there are not as many as classes, labels only have numbers.</param>
/// <param name="Classes">How many labels there are.</param>
internal sealed record LabelNames(Sequence<string> Names, int Classes)
{
    private const int MostListed = 10;
    private const int LongestListed = 40;

    /// <summary>The name of a label; its number where it has none.</summary>
    public string NameOf(long label) => HasNames && label < Classes ? Names[(int)label] : label.ToString(CultureInfo.InvariantCulture);

    /// <summary>All that may be said, such as <c>0 to 1 (birds, cars)</c>.</summary>
    public string All
    {
        get
        {
            var numbers = string.Create(CultureInfo.InvariantCulture, $"0 to {Classes - 1}");
            var names = Names.Where((name, label) => name != label.ToString(CultureInfo.InvariantCulture)).ToList();
            if (!HasNames || names.Count == 0)
                return numbers;
            var listed = names.Take(MostListed).Select(name => name.Length <= LongestListed ? name : $"{name[..LongestListed]}...");
            return $"{numbers} ({string.Join(", ", listed)}{(names.Count > MostListed ? ", ..." : "")})";
        }
    }

    /// <summary>The label of a name; null where there is none.</summary>
    public long? Find(string name) => HasNames && Names.Index().Where(known => known.Item == name).Select(known => (long?)known.Index)
        .FirstOrDefault() is { } label ? label : null;

    /// <summary>The label of a name, or a number, whether or not there is such a label, where no class is called so.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public long LabelOf(string word)
    {
        if ((Find(word) ?? Find(word.Trim())) is { } label)
            return label;
        return long.TryParse(word, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
                out var number)
            ? number
            : throw new InputException("label", word, $"one of the labels {All}{Suggestion.Among(Names, word)}");
    }

    private bool HasNames => Names.Count == Classes;
}
