using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>Everything that a run passes through.</summary>
/// <param name="States">x, row after row, beginning with the start.</param>
/// <param name="Estimates">The estimate that each step uses, after any limit.</param>
/// <param name="Asked">The levels at which the model was asked.</param>
public sealed record Trajectory(IReadOnlyList<double> States, IReadOnlyList<double> Estimates, IReadOnlyList<NoiseLevel> Asked)
{
    public static Trajectory Of(PeerRun run, ReferenceObject item, PeerNoise noise)
    {
        PeerModel Model() => new(item.Number("data_mean"), item.Number("data_std"), run.Prediction);
        var model = Model();
        var interpreter = new Interpreter<double[]>(new NumberSpace(noise.SampleSize), model, noise);
        var slots = interpreter.Begin(run.Plan);
        List<double> states = [.. slots[Slot.State]], estimates = [];
        foreach (var step in run.Plan.Steps)
        {
            slots = interpreter.Step(slots, step);
            if (run.Rows == Rows.GuessAndResult && step.NetworkCalls == 2)
                states.AddRange(slots[Slot.Predicted]);
            states.AddRange(slots[Slot.State]);
            estimates.AddRange(slots.GetValueOrDefault(Slot.Limited, model.Latest));
        }
        // Running the plan at once, forgetting what no later step reads, ends at the same bits.
        Assert.Equal(slots[Slot.State], (interpreter with { Denoiser = Model() }).Run(run.Plan));
        return new(states, estimates, model.Asked);
    }
}
