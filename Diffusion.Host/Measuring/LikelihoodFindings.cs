using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Likelihood;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Measuring;

/// <summary>Bounds of images, as text, as JSON and as a row of a CSV file.</summary>
/// <param name="Bounds">Those of every image; at least one.</param>
/// <param name="Facts">What they depend on, by name.</param>
public sealed record LikelihoodFindings(Sequence<ImageBound> Bounds, Sequence<(string Name, string Text)> Facts)
{
    private const int Indent = 22;

    /// <summary>
    /// Means over the images in bits per number, and the standard error of the first: s/√n with s over n − 1, NaN of one image.
    /// </summary>
    public Sequence<MetricValue> Values =>
    [
        new("bits_per_dim", Mean(bound => bound.Total)),
        new("bits_per_dim_se", Error(bound => bound.Total)),
        new("decoder", Mean(bound => bound.Decoder)),
        new("chain", Mean(bound => bound.Chain)),
        new("prior", Mean(bound => bound.Prior)),
    ];

    /// <summary>A table for a person.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        void Row(string name, string value) => text.Append(name.PadRight(Indent)).Append(value).Append('\n');
        var error = Values[1].Value;
        Row("bits per dimension", $"{Short(Values[0].Value)} ± {(double.IsFinite(error) ? Short(error) : "unknown")} (mean and standard " +
            $"error over images; a bound, lower is better)");
        Row("  decoder L_0", Short(Values[2].Value));
        Row("  chain L_1 + …", Short(Values[3].Value));
        Row("  prior L_T", Short(Values[4].Value));
        foreach (var (name, fact) in Facts)
            Row(name, fact);
        return text.ToString();
    }

    /// <summary>An object for a script.</summary>
    public JsonObject Json() => new()
    {
        ["measures"] = new JsonObject(Values.Select(value =>
            KeyValuePair.Create(value.Name, NumberText.Json(value.Value)))),
        ["protocol"] = new JsonObject(Facts.Select(
            fact => KeyValuePair.Create(fact.Name, fact.Name is "n" or "step" or "seed" ? NumberText.Whole(fact.Text) : fact.Text))),
    };

    /// <summary>A row for a CSV file; what is unknown is empty.</summary>
    public ReportTable Row() => new(
        [.. Values.Select(value => value.Name), .. Facts.Select(fact => fact.Name)],
        [[.. Values.Select(value => double.IsFinite(value.Value) ? NumberText.Exact(value.Value) : ""),
            .. Facts.Select(fact => fact.Text)]]);

    private double Mean(Func<ImageBound, double> of) => Bounds.Average(of);

    private double Error(Func<ImageBound, double> of)
    {
        var mean = Mean(of);
        return Sqrt(Bounds.Sum(bound => (of(bound) - mean) * (of(bound) - mean)) / (Bounds.Count - 1) / Bounds.Count);
    }

    private static string Short(double number) => NumberText.Short(number, "0.0000");
}
