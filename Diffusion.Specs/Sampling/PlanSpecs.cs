using Diffusion.Math.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class PlanSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly Golden Golden = Golden.Project with { Folder = Path.Combine(Repository.Golden, "plans") };

    public static TheoryData<string> Names => new(SamplerCatalogue.Entries.Select(entry => entry.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sampler_prints_as_a_person_would_check_it(string name) =>
        Golden.Text(PlanText.Print(PlanOf(name, 6)), name);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_plan_survives_being_written_and_read(string name)
    {
        var plan = PlanOf(name, 10);
        var read = UnionJson.Read<SamplerPlan>(UnionJson.Write(plan));
        Assert.Equal(plan, read);
        Assert.Equal(PlanHash.Of(plan), PlanHash.Of(read));
    }

    [Property(Arbitrary = [typeof(SamplerArbitraries)], MaxTest = 50)]
    public void Any_plan_survives_being_written_and_read(Setting setting) =>
        Assert.Equal(setting.Plan(), UnionJson.Read<SamplerPlan>(UnionJson.Write(setting.Plan())));

    [Property(Arbitrary = [typeof(SamplerArbitraries)])]
    public void A_sampler_is_a_value_that_survives_being_written_and_read(Sampler sampler) =>
        Assert.Equal(sampler, UnionJson.Read<Sampler>(UnionJson.Write(sampler)));

    [Property(Arbitrary = [typeof(SamplerArbitraries)])]
    public void The_calls_of_a_plan_are_those_that_are_made(Setting setting)
    {
        var plan = setting.Plan();
        var counted = new CountingDenoiser();
        new Interpreter<double[]>(new NumberSpace(1), counted, new GivenStart([0.3])).Run(plan);
        Assert.Equal(plan.NetworkCalls, counted.Calls);
        Assert.Equal(plan.NetworkCalls, plan.Steps.Sum(step => step.NetworkCalls));
    }

    [Property(Arbitrary = [typeof(SamplerArbitraries)])]
    public void Nothing_is_computed_in_vain(Setting setting)
    {
        HashSet<Slot> needed = [Slot.State];
        foreach (var instruction in setting.Plan().Steps.SelectMany(step => step.Instructions).Reverse())
        {
            Assert.True(needed.Overlaps(instruction.Writes), $"{setting}: {instruction}");
            needed.ExceptWith(instruction.Writes);
            needed.UnionWith(instruction.Reads);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_survives_a_step_does_not_grow_with_the_number_of_steps(string name) =>
        Assert.Equal(MostSurvivors(PlanOf(name, 24)), MostSurvivors(PlanOf(name, 240)));

    [Theory]
    [InlineData("ddpm", 1)]
    [InlineData("ddim", 1)]
    [InlineData("heun", 1)]
    [InlineData("edm", 1)]
    [InlineData("lms", 4)]
    [InlineData("dpm++2m", 2)]
    [InlineData("dpm++3m", 3)]
    [InlineData("sde-dpm++2m", 2)]
    [InlineData("dpm++2s", 3)]
    [InlineData("dpm++3s", 3)]
    [InlineData("unipc", 4)]
    [InlineData("unipc3", 5)]
    public void A_method_remembers_no_more_than_its_order_needs(string name, int slots) =>
        Assert.Equal(slots, MostSurvivors(PlanOf(name, 24)));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_step_costs_does_not_grow_with_the_number_of_steps(string name)
    {
        PlanOf(name, 500);
        var (few, many) = (Allocated(() => PlanOf(name, 250)), Allocated(() => PlanOf(name, 1000)));
        Assert.InRange((double)many / few, 3.5, 4.5);

        static long Allocated(Action action)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    // Worked out from the plan's JSON by another program in another language.
    [Fact]
    public void The_hash_is_the_same_on_every_machine() =>
        Assert.Equal("18b85135114a7c1c832d76f5bbef1febfa72e07d06d999840d4ddbeb2ed04b15", PlanHash.Of(PlanOf("ddim", 4)));

    [Fact]
    public void Another_weight_is_another_hash()
    {
        var hashes = SamplerCatalogue.Entries.Select(entry => PlanHash.Of(PlanOf(entry.Name, 5))).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void A_last_bit_is_no_other_hash()
    {
        var plan = PlanOf("ddim", 4);
        Assert.Equal(PlanHash.Of(plan), PlanHash.Of(plan with { InitialScale = BitIncrement(plan.InitialScale) }));
        Assert.NotEqual(PlanHash.Of(plan), PlanHash.Of(plan with { InitialScale = 1 + 1e-8 }));
    }

    private static SamplerPlan PlanOf(string name, int steps) =>
        SamplerCatalogue.Find(name)!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(steps));

    private static int MostSurvivors(SamplerPlan plan) => plan.Survivors().SkipLast(1).Max(slots => slots.Count);

    private sealed class CountingDenoiser : IDenoiser<double[]>
    {
        public int Calls { get; private set; }

        public double[] Denoise(double[] state, NoiseLevel level)
        {
            Calls++;
            return [0.1];
        }
    }
}
