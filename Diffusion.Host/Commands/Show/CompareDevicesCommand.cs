using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Computes the same on a GPU and on the CPU, and says how far the results are apart.</summary>
    public sealed record CompareDevices : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var device = Machine.Ready(session, DeviceChoice.Auto, null).Device;
            if (device.type == DeviceType.CPU)
                session.Say("no GPU that this libtorch can use: the CPU is compared with itself");
            var rows = new List<(Agreement Asked, string Found, double Difference)>();
            foreach (var agreement in Agreement.All)
            {
                session.Stopping.ThrowIfCancellationRequested();
                rows.Add(Tried(agreement, device));
                session.Detail(Line(rows[^1], device));
            }
            session.Answer(string.Join('\n', rows.Select(row => Line(row, device))), new()
            {
                ["device"] = device.ToString(),
                ["comparisons"] = new JsonArray([.. rows.Select(row => new JsonObject
                {
                    ["name"] = row.Asked.Name,
                    ["device"] = device.ToString(),
                    ["difference"] = NumberText.Json(row.Difference),
                    ["tolerance"] = row.Asked.Tolerance,
                    ["outcome"] = row.Found,
                })]),
            });
            return rows.All(row => row.Found == Agrees) ? ExitCode.Success : ExitCode.Failure;
        }

        private const string Agrees = "ok";

        private static (Agreement Asked, string Found, double Difference) Tried(Agreement agreement, torch.Device device)
        {
            try
            {
                var difference = agreement.On(device);
                return (agreement, difference <= agreement.Tolerance ? Agrees : "too far apart", difference);
            }
            catch (Exception trouble) when (trouble is System.Runtime.InteropServices.ExternalException or InvalidOperationException
                or NotSupportedException)
            {
                return (agreement, $"failed: {Sentence.Of(trouble)}", double.NaN);
            }
        }

        private static string Line((Agreement Asked, string Found, double Difference) row, torch.Device device) =>
            string.Create(CultureInfo.InvariantCulture,
                $"{device,-5} {row.Asked.Name,-42} {row.Difference,10:0.0E+0} of {row.Asked.Tolerance,7:0.0E+0}  {row.Found}");
    }
}
