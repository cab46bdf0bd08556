using System.Diagnostics;
using System.Reflection;
using Diffusion.Host.Commands;
using Diffusion.Math.Likelihood;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

/// <summary>TorchSharp frees a number that nobody holds, even if libtorch is about to read it. Nothing of ours lets that happen.</summary>
public sealed class NumberLifetimeSpecs
{
    // How often each thing is done beside a collecting thread, where the usual share is too small to be sure; 300000 calls are.
    private const string CallsVariable = "DIFFUSION_CALLS";

    private static readonly Type[] Keepers = [typeof(Number), typeof(TensorArithmetic)];

    private static readonly Assembly[] Ours =
        [typeof(UNet).Assembly, typeof(CommandLineApp).Assembly, typeof(NumberLifetimeSpecs).Assembly];

    /// <summary>Every operation that takes a number or makes one, and the same as TorchSharp writes it.</summary>
    public static TheoryData<string> Operations => [.. All.Keys];

    private static readonly Lazy<HashSet<MethodBase>> Makers = new(FindMakers);

    private static Dictionary<string, (Func<Tensor, Tensor> Ours, Func<Tensor, Tensor> Theirs)> All { get; } = new()
    {
        ["a + b"] = (a => a.Plus(a), a => a + a),
        ["a + 1.5"] = (a => a.Plus(1.5), a => a + 1.5),
        ["a + 3"] = (a => a.Plus(3), a => a + 3),
        ["a - 1.5"] = (a => a.Minus(1.5), a => a - 1.5),
        ["a - 3"] = (a => a.Minus(3), a => a - 3),
        ["a * 1.5"] = (a => a.Times(1.5), a => a * 1.5),
        ["a * 3"] = (a => a.Times(3), a => a * 3),
        ["a / 1.5"] = (a => a.Over(1.5), a => a / 1.5),
        ["a / 3"] = (a => a.Over(3), a => a / 3),
        ["1.5 - a"] = (a => a.SubtractedFrom(1.5), a => 1.5 - a),
        ["a squared"] = (a => a.Squared(), a => a.square()),
        ["range"] = (_ => Number.Range(2, 9, float64, CPU), _ => arange(2, 9, float64)),
        ["a += b"] = (a => a.clone().add_(a, Number.One), a => a.clone().add_(a)),
        ["a += 2.5 b"] = (
            a => a.to(float64, copy: true).add_(a, alpha: Number.Of(2.5)),
            a => a.to(float64, copy: true).add_(a, alpha: 2.5)),
        ["clamp"] = (a => a.clamp(Number.Of(1), Number.Of(2)), a => a.clamp(1, 2)),
        ["a > 1"] = (a => a > Number.Of(1), a => a > 1),
        ["full"] = (_ => full(3, Number.Of(0.1), float32), _ => full(3, 0.1, float32)),
        ["script"] = (
            a => Scripted((script, b) => script.Call("scale", b, 2.5, 3L), a),
            a => Scripted((script, b) => script.invoke("scale", b, 2.5, 3L), a)),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Arithmetic_with_kept_numbers_is_that_of_TorchSharp_to_the_bit(string operation)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = All[operation];
        var numbers = tensor(new[] { 1.1, 2.7, 3.3 });
        foreach (var type in (ScalarType[])[float32, float64, bfloat16, int64, uint8])
        {
            var (own, usual) = (ours(numbers.to(type)), theirs(numbers.to(type)));
            Assert.Equal(usual.dtype, own.dtype);
            Assert.Equal(usual.bytes.ToArray(), own.bytes.ToArray());
        }
    }

    [Fact]
    public void Every_operation_keeps_its_numbers_whatever_the_collector_does()
    {
        var calls = Thoroughness(300);
        using var scope = NewDisposeScope();
        var numbers = tensor(new[] { 1.1, 2.7, 3.3 });
        var expected = All.ToDictionary(operation => operation.Key, operation => operation.Value.Ours(numbers).bytes.ToArray());
        var wrong = new List<string>();
        BesideCollections(() =>
        {
            for (var call = 0; call < calls; call++)
                foreach (var (name, (ours, _)) in All)
                {
                    using var inner = NewDisposeScope();
                    if (!ours(numbers).bytes.SequenceEqual(expected[name]))
                        wrong.Add($"{name}, call {call}");
                }
        });
        Assert.Empty(wrong);
    }

    [Fact]
    public void Training_takes_the_same_course_beside_a_busy_collector()
    {
        var updates = Thoroughness(2);
        using var images = Small.Images();
        byte[] Weights()
        {
            using var run = new TrainingRun(Small.Labelled, images, CPU);
            for (var update = 0; update < updates; update++)
                run.Advance();
            return run.Arena.Values.bytes.ToArray();
        }
        var alone = Weights();
        byte[] beside = [];
        BesideCollections(() => beside = Weights());
        Assert.Equal(alone, beside);
    }

    [Fact]
    public void A_kept_number_stays_what_it_is_for_many_more()
    {
        var first = Number.Of(7.5);
        for (var later = 0; later < 63; later++)
            Number.Of((double)later);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var seven = full(1, first, float64);
        Assert.Equal(7.5, seven.item<double>());
    }

    [Fact]
    public void Only_kept_numbers_are_given_to_libtorch()
    {
        Assert.Contains(typeof(Tensor).GetMethod("op_Addition", [typeof(Tensor), typeof(Tensor)])!, Makers.Value);
        Assert.DoesNotContain(typeof(Tensor).GetMethod("op_Subtraction", [typeof(Tensor), typeof(Tensor)])!, Makers.Value);
        Assert.Empty(
            from assembly in Ours
            from method in MethodCalls.MethodsOf(assembly)
            where !Keepers.Contains(method.DeclaringType) && !IsHere(method)
            from called in MethodCalls.From(method).Where(Makers.Value.Contains)
            // Beside ours, TorchSharp's own optimiser is timed; its weights are thrown away.
            where method.DeclaringType?.DeclaringType?.Name != "UpdateComparison"
            select $"{MethodCalls.Describe(method)} calls {MethodCalls.Describe(called)}");
    }

    // These specs compare with TorchSharp's own way.
    private static bool IsHere(MethodBase method)
    {
        var type = method.DeclaringType;
        while (type?.DeclaringType is { } outer)
            type = outer;
        return type == typeof(NumberLifetimeSpecs);
    }

    [Fact]
    public void The_keepers_make_numbers_in_one_place_and_hand_on_others_to_scripts_alone()
    {
        var made = from type in Keepers
                   from method in type.GetMethods(MethodCalls.Declared).Concat<MethodBase>(type.GetConstructors(MethodCalls.Declared))
                   from called in MethodCalls.From(method).Where(Makers.Value.Contains)
                   select $"{method.Name}: {called.Name}";
        Assert.Equal([".cctor: ToScalar", "Call: invoke", "Of: ToScalar", "Of: ToScalar"], made.Order(StringComparer.Ordinal));
    }

    // The compiler lets it pass, and TorchSharp throws when it is carried out.
    [Fact]
    public void No_number_of_libtorch_is_given_where_a_tensor_is_asked_for() => Assert.Empty(
        from assembly in Ours
        from method in MethodCalls.MethodsOf(assembly)
        where MethodCalls.From(method).Contains(typeof(Tensor).GetMethod("op_Implicit", [typeof(Scalar)]))
        select MethodCalls.Describe(method));

    // One that is kept in a variable may be given to a call after many others were made.
    [Fact]
    public void Numbers_of_libtorch_are_in_no_variable() => Assert.Empty(
        from assembly in Ours
        from method in MethodCalls.MethodsOf(assembly)
        where !Keepers.Contains(method.DeclaringType) && !IsHere(method)
        where method.GetMethodBody()?.LocalVariables.Any(local => local.LocalType == typeof(Scalar)) == true
            || method.DeclaringType!.GetFields(MethodCalls.Declared).Any(field => field.FieldType == typeof(Scalar))
        select MethodCalls.Describe(method));

    [Fact]
    public void The_library_and_the_program_are_optimised()
    {
        bool IsOptimised(Type type) => !(type.Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled ?? false);
        Assert.All(
            [typeof(UNet), typeof(CommandLineApp), typeof(VariationalBound)], type =>
                Assert.True(IsOptimised(type), type.Assembly.FullName));
        Assert.False(IsOptimised(typeof(NumberLifetimeSpecs)));
    }

    [Fact]
    public void Adam_parameter_by_parameter_is_that_of_TorchSharp_to_the_bit()
    {
        using var scope = NewDisposeScope();
        Parameter[] own = [new(tensor(new[] { 0.3f, -2, 7 })), new(tensor(new[] { 1.5f })), new(tensor(new[] { 4f }))];
        Parameter[] usual = [.. own.Select(parameter => new Parameter(parameter.detach().clone()))];
        using var ours = new ParameterAdam(own, decay: 0.01);
        using var theirs = optim.AdamW(usual, 1e-2, weight_decay: 0.01);
        for (var step = 0; step < 3; step++)
        {
            ours.Forget();
            theirs.zero_grad();
            // The last one is without a gradient.
            foreach (var parameters in (Parameter[][])[own, usual])
                (parameters[0].square().sum() * parameters[1]).sum().backward();
            ours.Step(1e-2);
            theirs.step();
        }
        Assert.All(own.Zip(usual), pair => Assert.Equal(pair.Second.bytes.ToArray(), pair.First.bytes.ToArray()));
    }

    [Fact]
    public void The_norm_of_a_tensor_is_that_of_the_linear_algebra_to_the_bit()
    {
        using var scope = NewDisposeScope();
        foreach (var type in (ScalarType[])[float32, float64])
        {
            var rows = randn(37, 4096, type);
            Assert.Equal(linalg.vector_norm(rows, dims: [1]).bytes.ToArray(), rows.norm(dim: 1).bytes.ToArray());
            Assert.Equal(linalg.vector_norm(rows).bytes.ToArray(), rows.norm().bytes.ToArray());
        }
    }

    // What makes a scalar, or calls what does. A call of what is overridden may be one of the overriding method; not so of what modules
    // compute, for ours are all our own.
    private static HashSet<MethodBase> FindMakers()
    {
        var callers = new Dictionary<MethodBase, List<MethodBase>>();
        var found = new Queue<MethodBase>();
        var library = typeof(Tensor).Assembly;
        void Note(MethodBase called, MethodBase caller) =>
            (callers.TryGetValue(called, out var known) ? known : callers[called] = []).Add(caller);

        foreach (var method in MethodCalls.MethodsOf(library))
        {
            if (method.DeclaringType == typeof(ScalarExtensionMethods))
                found.Enqueue(method);
            if (method.DeclaringType == typeof(Scalar) && (method.IsConstructor || method.Name == "op_Implicit"))
                found.Enqueue(method);
            foreach (var called in MethodCalls.From(method).Where(called => called.Module.Assembly == library))
                Note(called, method);
            if (method is MethodInfo { IsVirtual: true, Name: not "forward" } overriding)
                Note(method, overriding.GetBaseDefinition());
        }
        var making = new HashSet<MethodBase>();
        while (found.TryDequeue(out var method))
            if (making.Add(method))
                foreach (var caller in callers.GetValueOrDefault(method) ?? [])
                    found.Enqueue(caller);
        return making;
    }

    private static readonly jit.CompilationUnit Script = jit.compile("""
        def scale(a: Tensor, by: float, more: int) -> int:
            a.mul_(by).add_(more)
            return 0

        """);

    private static Tensor Scripted(Action<jit.CompilationUnit, Tensor> call, Tensor a)
    {
        var result = a.to(float64, copy: true);
        call(Script, result);
        return result;
    }

    private static int Thoroughness(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(CallsVariable), out var wanted) ? wanted : usual;

    private static void BesideCollections(Action work)
    {
        var stop = false;
        var collecting = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();
        try
        {
            work();
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collecting.Join();
        }
    }
}
