using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Looks at every image of a set and says what is broken, odd or double.</summary>
    /// <param name="Place">A folder, an archive of one, or the name of a data set.</param>
    /// <param name="Against">Another folder or archive, whose images are looked for among these; null for none.</param>
    /// <param name="Options">Where a data set's files are, and whether they may be downloaded.</param>
    public sealed record DataCheck(string Place, string? Against, TrainOptions Options) : Command
    {
        // More names are in the JSON.
        private const int MostNamed = 5;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var found = Found(session, new LookLines(session, "looking at all images"));
            session.Answer(string.Join('\n', Lines(found).Select(line => $"{line.Name,-10} {line.Text}")), JsonOf(found));
            return found.HasFaults ? ExitCode.Failure : ExitCode.Success;
        }

        private DatasetFindings Found(Session session, IProgress<ImagesLooked> progress)
        {
            if (Path.Exists(Place) || Dataset.Find(Place) is not { } dataset)
                return DatasetCheck.Of(Place, Against, Options.Channels ?? ImageChannels.Colour, progress, session.Stopping);
            Machine.Ready(session, DeviceChoice.Cpu, 1);
            using var data = RunSetup.Located(dataset, Options, session);
            session.Say(data.Line);
            return DatasetCheck.Of(data, progress, session.Stopping);
        }

        private static IEnumerable<(string Name, string Text)> Lines(DatasetFindings found)
        {
            foreach (var part in found.Parts)
            {
                yield return (part.Name, $"{Counted.Grouped(part.Count, "image")}; {part.LabelFault ?? part.Labels}");
                if (part.LeftOut.Count > 0)
                    yield return ("left out", string.Join("; ", part.LeftOut));
            }
            yield return ("sizes", SizesOf(found.Sizes));
            yield return ("broken", found.Broken.Count == 0 ? "none"
                : $"{Counted.Grouped(found.Broken.Count, "image")}, which --skip-bad leaves out: "
                    + Few(found.Broken.Select(fault => $"{fault.Name} ({fault.Reason})")));
            foreach (var odd in found.Odd)
                yield return ("odd", $"{Counted.Grouped(odd.Names.Count, "image")} {odd.Kind}: {Few(odd.Names)}");
            yield return ("double", found.Doubles.Count == 0 ? "none" : Groups(found.Doubles, "group", " = "));
            yield return ("nearly", (found.Near.Count == 0 ? "none" : Groups(found.Near, "pair", " ~ "))
                + (found.NearIsComplete ? "" : "; too many images look alike to compare them all"));
            foreach (var group in found.Doubles.Concat(found.Near).Where(group => group.IsAcrossParts).Take(1))
                yield return ("shared", string.Join(" and ", found.Parts.Select(part => part.Name)) + " share "
                    + $"{Counted.Grouped(found.Doubles.Count(group => group.IsAcrossParts), "image")}, and "
                    + $"{Counted.Grouped(found.Near.Count(group => group.IsAcrossParts), "more", "more")} nearly");
            foreach (var group in found.Doubles.Where(group => group.IsOfSeveralClasses).Take(1))
                yield return ("labels", Counted.Grouped(found.Doubles.Count(group => group.IsOfSeveralClasses), "group")
                    + $" of equal images under different labels, such as {string.Join(" = ", group.Names.Take(MostNamed))}");
        }

        private static string SizesOf(Sequence<(ImageSize Size, int Count)> sizes)
        {
            if (sizes.Count == 0)
                return "none";
            var oblong = sizes.Where(entry => entry.Size.Width != entry.Size.Height).Sum(entry => entry.Count);
            var listed = sizes.Take(MostNamed).Select(entry => FormattableString.Invariant(
                $"{entry.Size.Width}×{entry.Size.Height} ({entry.Count})"));
            return string.Join(", ", listed)
                + (sizes.Count > MostNamed ? FormattableString.Invariant($" and {sizes.Count - MostNamed} others") : "")
                + (oblong > 0 ? $"; {Counted.Grouped(oblong, "is", "are")} not square" : "");
        }

        private static string Groups(Sequence<DoubledImages> groups, string what, string sign) =>
            $"{Counted.Grouped(groups.Count, what)} of images: "
            + Few(groups.OrderByDescending(group => group.IsAcrossParts).Select(group => Few(group.Names, sign)), "; ");

        private static string Few(IEnumerable<string> names, string sign = ", ") =>
            string.Join(sign, names.Take(MostNamed)) + (names.Skip(MostNamed).Any() ? ", ..." : "");

        private static JsonObject JsonOf(DatasetFindings found) => new()
        {
            ["place"] = found.Place,
            ["parts"] = new JsonArray([.. found.Parts.Select(part => new JsonObject
            {
                ["name"] = part.Name,
                ["images"] = part.Count,
                ["labels"] = part.Labels,
                ["label_fault"] = part.LabelFault,
                ["classes"] = new JsonObject(part.Classes.Select(entry => KeyValuePair.Create(entry.Name, (JsonNode?)entry.Count))),
                ["left_out"] = Texts(part.LeftOut),
            })]),
            ["sizes"] = new JsonArray([.. found.Sizes.Select(entry => new JsonObject
            {
                ["width"] = entry.Size.Width, ["height"] = entry.Size.Height, ["images"] = entry.Count,
            })]),
            ["broken"] = new JsonArray([.. found.Broken.Select(fault => new JsonObject
            {
                ["name"] = fault.Name, ["reason"] = fault.Reason,
            })]),
            ["odd"] = new JsonArray([.. found.Odd.Select(odd => new JsonObject { ["kind"] = odd.Kind, ["names"] = Texts(odd.Names) })]),
            ["double"] = new JsonArray([.. found.Doubles.Select(JsonOf)]),
            ["near"] = new JsonArray([.. found.Near.Select(JsonOf)]),
            ["near_is_complete"] = found.NearIsComplete,
            ["faults"] = found.HasFaults,
        };

        private static JsonNode JsonOf(DoubledImages group) => new JsonObject
        {
            ["names"] = Texts(group.Names),
            ["across_parts"] = group.IsAcrossParts,
            ["different_labels"] = group.IsOfSeveralClasses,
        };

        private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);
    }
}
