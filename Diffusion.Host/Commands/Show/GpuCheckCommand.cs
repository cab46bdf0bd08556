using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.GpuChecks;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Everything that is to be known of a GPU, in one folder: checks, benchmarks, a training and its samples.</summary>
    /// <param name="Options">What is asked.</param>
    public sealed record GpuCheck(GpuCheckOptions Options) : Command
    {
        /// <summary>Carries out command lines.</summary>
        internal IPartRunner Runner { get; init; } = new PartProcess();

        /// <summary>Says why there is no PyTorch, which may need a GPU; null where there is one.</summary>
        internal Func<bool, string?> FindPython { get; init; } = PyTorchScript.Lacking;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var machine = Machine.Ready(session, Options.Device, null);
            // Unless a device was named, the check is of a GPU.
            var device = Options.Device == DeviceChoice.Auto ? DeviceChoice.Cuda : Options.Device;
            if (device.IsCuda && machine.Device.type != DeviceType.CUDA)
                throw Machine.WithoutCuda(CudaDriver.Cards, "gpu-check", "--device cpu rehearses the check with tiny settings");
            var plan = new GpuPlan(Options with { Device = device });
            var folder = GpuFolder.Open(Options.Out, device.ToString());
            PyTorchScript.Write(folder.Path);
            var run = new GpuCheckRun(plan, folder, Runner) { NoPython = FindPython(!plan.IsRehearsal) };
            Announce(session, machine, plan, run);
            var isWhole = run.Work(session);
            session.Answer(folder.Summary, new()
            {
                ["summary"] = folder.Summary,
                ["parts"] = new JsonArray([.. plan.Parts.Select(part => new JsonObject
                {
                    ["part"] = part.Name,
                    ["outcome"] = folder.ResultOf(part)?.Outcome.ToString().ToLowerInvariant(),
                    ["message"] = folder.ResultOf(part)?.Message,
                })]),
            });
            return isWhole ? ExitCode.Success : ExitCode.Failure;
        }

        private void Announce(Session session, Machine machine, GpuPlan plan, GpuCheckRun run)
        {
            var (budget, now) = (run.Budget, DateTimeOffset.Now);
            session.Say(string.Create(CultureInfo.InvariantCulture,
                $"{(plan.IsRehearsal ? "rehearsal" : "check")} on {machine}: {budget.Count} of {Counted.Of(plan.Parts.Count, "part")} in "
                + $"{Options.Time.TotalMinutes:0.##} minutes, until about {Duration.Clock(now + Options.Time, now)}; "
                + $"results in {Options.Out}"));
            foreach (var (part, time) in budget)
                session.Say($"  {part.Name}: {part.Title}, {(time > TimeSpan.Zero ? Duration.Text(time) : "skipped")}");
        }
    }
}
