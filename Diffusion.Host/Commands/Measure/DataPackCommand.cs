using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Writes images to one file, decoded, cut and scaled.</summary>
    /// <param name="Place">A folder, an archive of one, another pack, or the name of a data set.</param>
    /// <param name="Output">The file.</param>
    /// <param name="Options">Size and channels of the images, and where a data set's files are.</param>
    public sealed record DataPack(string Place, string Output, TrainOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            OutputException.RequireWritable(Output);
            var lines = new LookLines(session, "packing");
            if (!Path.Exists(Place) && Dataset.Find(Place) is { } dataset)
            {
                RefuseSize($"the images of {dataset.Title} are {dataset.Shape.Height}×{dataset.Shape.Width}");
                Machine.Ready(session, DeviceChoice.Cpu, 1);
                using var data = RunSetup.Located(dataset, Options, session);
                session.Say(data.Line);
                ImagePack.Write(Output, data, lines, session.Stopping);
            }
            else if (ImagePack.IsAt(Place))
            {
                RefuseSize("a pack has its size already: pack the images themselves");
                Machine.Ready(session, DeviceChoice.Cpu, 1);
                using var data = ImagePack.OpenAll(Place);
                ImagePack.Write(Output, data, lines, session.Stopping);
            }
            else
                ImagePack.Write(Output, Place, new(Split.Train,
                    Options.Size is { } size ? new ImageFit.CentralCrop(size.Height, size.Width) : new ImageFit.Unchanged())
                {
                    Bad = Options.Bad,
                    Channels = Options.Channels ?? ImageChannels.Colour,
                    Advice = "--skip-bad skips those that cannot",
                    SizeAdvice = "--size N makes them so",
                    Progress = lines,
                    Stopping = session.Stopping,
                });
            Answer(session, ImagePack.Describe(Output));
            return ExitCode.Success;
        }

        private void RefuseSize(string reason)
        {
            if (Options.Size is { } size)
                throw new InputException("--size", FormattableString.Invariant($"{size.Height}×{size.Width}"), $"nothing: {reason}");
            if (Options.Channels is not null)
                throw new InputException("--channels", "the channels of images that have theirs", $"nothing: {reason}");
        }

        private void Answer(Session session, Sequence<Provenance> parts)
        {
            var length = new FileInfo(Output).Length;
            session.Answer(
                string.Join('\n', (string[])
                [
                    .. parts.Select(part => $"{part.Description.Split.ToString().ToLowerInvariant(),-6} " + PackFacts.Text(part)),
                    $"{Output}, {ByteCount.Text(length)}; to train: {ResumeLine.Call} train "
                        + $"{(Path.Exists(Place) ? null : Dataset.Find(Place)?.Name) ?? "folder"} --data {ResumeLine.Quoted(Output)}",
                ]),
                new JsonObject
                {
                    ["file"] = Output,
                    ["bytes"] = length,
                    ["parts"] = new JsonArray([.. parts.Select(PackFacts.Json)]),
                });
        }
    }
}
