using System.Reflection;
using System.Text.Json.Nodes;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Sampling;

namespace Diffusion.Specs;

/// <summary>
/// What is added to a union is met by its laws, has a word and stands in the schema, or is missing for a reason that is given.
/// </summary>
public sealed class CompletenessSpecs
{
    private const int Draws = 500;

    // What plans hold once they are rewritten, or of a network with a variance of its own: PlanGuidanceSpecs, PlanEditingSpecs and
    // VarianceSpecs make those.
    private static readonly Type[] Undrawn =
    [
        typeof(Instruction.DenoiseWithVariance), typeof(Instruction.Modulate), typeof(Instruction.Gradient), typeof(Instruction.Recall),
        typeof(Instruction.Restore),
    ];

    // What has no word of its own, and why.
    private static readonly Dictionary<Type, string> Wordless = new()
    {
        [typeof(NoiseSchedule.ExplicitBetas)] = "is a list of numbers",
        [typeof(NoiseSchedule.ExplicitAlphaBars)] = "is a list of numbers",
        [typeof(NoiseSchedule.Respaced)] = "is made of another schedule and a spacing",
        [typeof(TimestepSpacing.All)] = "is what there is without any",
        [typeof(TimestepSpacing.Explicit)] = "is a list of numbers",
        [typeof(TimestepSpacing.LinspaceWithin)] = "needs two bounds",
        [typeof(TimestepSpacing.KarrasWithin)] = "needs two bounds",
        [typeof(TimestepSpacing.TrailingFloor)] = "is how one other program rounds",
        [typeof(TimestepSpacing.WithoutLast)] = "changes another spacing",
        [typeof(TimestepSpacing.ToFirstLevel)] = "changes another spacing",
        [typeof(TimestepSpacing.FixedStride)] = "changes another spacing",
        [typeof(TimestepSpacing.WholeTimes)] = "changes another spacing",
        [typeof(TimestepSpacing.Last)] = "changes another spacing",
        [typeof(SolverVariable.StochasticNoise)] = "neither starts without signal nor reaches clean data, as schedules and samples do",
        [typeof(Variance.LearnedLogarithm)] = "is no choice of sampling: the network was trained for it",
        [typeof(SigmaCurve.SquareRoot)] = "is a setting of one sampler in a recipe",
        [typeof(SigmaCurve.Preserving)] = "is a setting of one sampler in a recipe",
        [typeof(StateScale.Preserving)] = "is a setting of one sampler in a recipe",
    };

    public static TheoryData<Type> Unions =>
    [
        .. typeof(Seed).Assembly.GetExportedTypes()
            .Where(type => type.IsAbstract && type.IsClass && type.GetMethod("<Clone>$") is not null),
    ];

    [Theory]
    [MemberData(nameof(Unions))]
    public void Every_case_of_every_union_of_the_mathematics_is_drawn_where_laws_draw(Type union) =>
        Assert.Empty(Cases.Of(union).Except(Drawn.Value).Except(Undrawn).Select(type => type.FullName));

    [Fact]
    public void What_is_said_not_to_be_drawn_is_not() => Assert.Empty(Drawn.Value.Intersect(Undrawn));

    [Theory]
    [InlineData(typeof(NoiseSchedule))]
    [InlineData(typeof(TimestepSpacing))]
    [InlineData(typeof(Sampler))]
    [InlineData(typeof(Clipping))]
    [InlineData(typeof(Variance))]
    [InlineData(typeof(SolverVariable))]
    [InlineData(typeof(SigmaCurve))]
    [InlineData(typeof(StateScale))]
    public void Every_case_has_a_word_on_the_command_line_or_a_reason_to_have_none(Type union)
    {
        var named = NoiseChoice.Schedules.Select(choice => (object)choice.Schedule)
            .Concat(NoiseChoice.Spacings.Select(choice => choice.Spacing.Grid(10)))
            .Append(TimestepSpacing.Parse("10,20")).Append(TimestepSpacing.Parse("ddim10"))
            .Concat(NoiseChoice.Clippings.Select(choice => choice.Clipping))
            .Concat(SamplerCatalogue.Entries.SelectMany(entry => Cases.Within(entry.Sampler)))
            .Select(value => value.GetType()).ToHashSet();
        Assert.Equal(
            Wordless.Keys.Where(union.IsAssignableFrom).Select(type => type.Name).Order(),
            Cases.Of(union).Except(named).Select(type => type.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Unions))]
    public void Every_case_stands_in_the_schema_of_recipes_where_its_union_does(Type union)
    {
        var definitions = JsonNode.Parse(RecipeText.Structure())!["$defs"]!.AsObject();
        if (definitions.ContainsKey(union.Name) && union.DeclaringType is null)
            Assert.All(Cases.Of(union), type => Assert.Contains($"{union.Name}.{type.Name}", definitions.Select(entry => entry.Key)));
    }

    /// <summary>A sampler that forgot what becomes of estimates out of range would take the option and do nothing.</summary>
    [Property]
    public Property Every_sampler_does_to_its_estimates_what_it_is_asked_to() => Prop.ForAll(SamplerArbitraries.Setting(), setting =>
    {
        int Count<T>(Clipping clipping)
            where T : Instruction =>
            (setting with { Sampler = setting.Sampler with { Clipping = clipping } }).Plan().Steps
                .Sum(step => step.Instructions.OfType<T>().Count());
        var calls = Count<Instruction.Denoise>(new Clipping.None());
        Assert.Equal((0, 0), (Count<Instruction.Clip>(new Clipping.None()), Count<Instruction.Threshold>(new Clipping.None())));
        Assert.Equal((calls, 0), (Count<Instruction.Clip>(new Clipping.Clip(2)), Count<Instruction.Threshold>(new Clipping.Clip(2))));
        Assert.Equal(calls, Count<Instruction.Threshold>(new Clipping.Dynamic(new(0.9, 2))));
    });

    private static readonly Lazy<HashSet<Type>> Drawn = new(() =>
    {
        var generators = ((Type[])[typeof(Arbitraries), typeof(SamplerArbitraries)])
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Arbitrary<>));
        var look = typeof(CompletenessSpecs).GetMethod(nameof(Look), BindingFlags.NonPublic | BindingFlags.Static)!;
        return generators.SelectMany(method => (IEnumerable<Type>)look
            .MakeGenericMethod(method.ReturnType.GetGenericArguments()).Invoke(null, [method.Invoke(null, [])])!).ToHashSet();
    });

    private static HashSet<Type> Look<T>(Arbitrary<T> values) =>
        values.Generator.Sample(Draws, new Rnd(2), 50)
            .SelectMany(value => Cases.Within(value).Concat(value is Setting setting ? Cases.Within(setting.Plan()) : []))
            .Select(part => part.GetType()).ToHashSet();
}
