using Diffusion.Math.Json;
using Diffusion.Math.Plans;
using Diffusion.Specs.Reference.Samplers;

namespace Diffusion.Specs.Reference;

public sealed class SamplersSpecs
{
    private static readonly ReferenceObject File = ReferenceFile.Open("samplers.json");
    private static readonly Dictionary<string, ReferenceObject> Cases = File.Objects("cases").ToDictionary(item => item.Text("name"));
    private static readonly PeerNoise Noise = PeerNoise.Of(File);

    public static TheoryData<string> Names => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_whole_trajectory_is_the_peers(string name)
    {
        var item = Cases[name];
        var run = PeerCase.Of(item);
        var trajectory = Trajectory.Of(run, item, Noise);
        Close(item, "x", trajectory.States);
        if (item.Has("pred_x0"))
            Close(item, "pred_x0", trajectory.Estimates);
        if (item.Has("native_float32_final"))
            Close(item, "native_float32_final", trajectory.States.TakeLast(Noise.Size), run.NativeTolerance);
        if (item.Has("x_diffusers_head"))
            Close(item, "x_diffusers_head", Trajectory.Of(run with { Plan = Diffusers.Newer(item) }, item, Noise).States);
        PeerCase.CheckLevels(item, run.Plan, trajectory.Asked);
        item.Ignore("name", "source", "note", "native_float32_max_abs_diff", "head_max_abs_diff");
        item.Complete();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plan_survives_being_written_and_read(string name)
    {
        var plan = PeerCase.Of(Cases[name]).Plan;
        Assert.Equal(plan, UnionJson.Read<SamplerPlan>(UnionJson.Write(plan)));
    }

    [Fact]
    public void The_file_holds_nothing_else()
    {
        File.Ignore("source", "split", "data_note", "noise_source", "cases", "shape", "x_T", "z");
        File.Complete();
    }

    private static void Close(ReferenceObject item, string what, IEnumerable<double> actual, double tolerance = 1e-9)
    {
        double[] expected = item.Numbers(what), found = [.. actual];
        Assert.True(expected.Length == found.Length, $"{item.Path} {what}: {found.Length} numbers instead of {expected.Length}");
        foreach (var (index, (wanted, value)) in expected.Zip(found).Index())
        {
            Assert.True(
                Abs(value - wanted) <= tolerance * Max(1, Abs(wanted)),
                FormattableString.Invariant($"{item.Path} {what}, row {index / Noise.Size}: {value:R} instead of {wanted:R}"));
        }
    }
}
