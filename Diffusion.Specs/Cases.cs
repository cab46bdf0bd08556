using System.Reflection;
using Diffusion.Math.Values;

namespace Diffusion.Specs;

/// <summary>The cases of closed unions, and values of them made of settings that their constructors accept.</summary>
internal static class Cases
{
    private const int Draws = 60;
    private const int Looks = 500;

    private static readonly MethodInfo SequenceMaker =
        typeof(Cases).GetMethod(nameof(SequenceOf), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The cases that may stand where a union, or a part of one, is asked for.</summary>
    public static Type[] Of(Type union) =>
    [
        .. RootOf(union).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)
            .Where(type => !type.IsAbstract && union.IsAssignableFrom(type)).OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>The values of a generator, and as many of the cases that it never draws.</summary>
    /// <remarks>
    /// So a new case meets every law that takes such values, whether or not anyone thought of the generator. Its settings are numbers of
    /// any size that its constructor accepts: for laws that hold for some of them only, a line in the generator says so.
    /// </remarks>
    public static Gen<T> WithEveryCase<T>(Gen<T> known)
    {
        var drawn = known.Sample(Looks, new Rnd(1), 50).Select(value => value!.GetType()).ToHashSet();
        Type[] unknown = [.. Of(typeof(T)).Where(type => !drawn.Contains(type))];
        if (unknown.Length == 0)
            return known;
        var inner = new Dictionary<Type, Gen<object>> { [typeof(T)] = known.Select(value => (object)value!) };
        return Gen.OneOf([known, .. unknown.Select(type => Any(type, inner, Number).Select(value => (T)value))]);
    }

    /// <summary>Values of a type, made of values of its constructor's parameters' types.</summary>
    /// <param name="type">A number, enum, record, union or sequence.</param>
    /// <param name="known">Generators of types that are not to be made so.</param>
    /// <param name="numbers">Real numbers.</param>
    public static Gen<object> Any(Type type, IReadOnlyDictionary<Type, Gen<object>> known, Gen<double> numbers) => type switch
    {
        _ when known.TryGetValue(type, out var generator) => generator,
        { IsEnum: true } => Gen.Elements(Enum.GetValues(type).Cast<object>()),
        _ when type == typeof(double) => numbers.Select(number => (object)number),
        _ when type == typeof(int) => Gen.OneOf(Gen.Choose(1, 4), Gen.Choose(5, 60)).Select(number => (object)number),
        _ when Nullable.GetUnderlyingType(type) is { } given => Any(given, known, numbers),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(Sequence<>) =>
            Any(type.GetGenericArguments()[0], known, numbers).ArrayOf(3)
                .Select(items => SequenceMaker.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [items])!),
        { IsAbstract: true } => Gen.OneOf(Of(type).Select(option => Any(option, known, numbers))),
        _ => Accepted(type, known, numbers),
    };

    /// <summary>What a constructor makes of arguments; null where it refuses them.</summary>
    public static object? Made(ConstructorInfo constructor, object[] arguments)
    {
        try
        {
            return constructor.Invoke(arguments);
        }
        catch (TargetInvocationException wrapper) when (wrapper.InnerException is ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Every value of the mathematics that a value consists of, itself among them.</summary>
    public static IEnumerable<object> Within(object? value)
    {
        if (value is null or string || value.GetType() is var type && (type.IsPrimitive || type.IsEnum))
            yield break;
        if (value is System.Collections.IEnumerable items)
        {
            foreach (var part in items.Cast<object?>().SelectMany(Within))
                yield return part;
            yield break;
        }
        yield return value;
        var constructor = value.GetType().GetConstructors().MaxBy(candidate => candidate.GetParameters().Length);
        foreach (var parameter in constructor?.GetParameters() ?? [])
            if (value.GetType().GetProperty(parameter.Name!) is { } property)
                foreach (var part in Within(property.GetValue(value)))
                    yield return part;
    }

    // Of any size, since what breaks a formula is often far from what its author had in mind.
    private static Gen<double> Number => Gen.OneOf(
        Gen.Choose(0, 1000).Select(part => part / 1000.0),
        Gen.Choose(-500, 1000).Select(part => part / 100.0),
        Gen.Choose(0, 1000).Select(part => (double)part));

    // What the constructor refuses, such as order 3 of a form that goes up to 2, is drawn anew, for some time.
    private static Gen<object> Accepted(Type type, IReadOnlyDictionary<Type, Gen<object>> known, Gen<double> numbers)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        if (constructor.GetParameters().Length == 0)
            return Gen.Constant(constructor.Invoke([]));
        return constructor.GetParameters()
            .Aggregate(Gen.Constant<object[]>([]), (list, parameter) =>
                list.SelectMany(_ => Any(parameter.ParameterType, known, numbers), (values, value) => (object[])[.. values, value]))
            .ArrayOf(Draws)
            .Select(many => many.Select(arguments => Made(constructor, arguments)).FirstOrDefault(value => value is not null)
                ?? throw new InvalidOperationException(
                    $"{type} refuses {Draws} draws of its settings: it needs a generator of its own, in {nameof(Arbitraries)}."));
    }

    private static Sequence<T> SequenceOf<T>(object[] items) => items.Cast<T>().ToSequence();

    private static Type RootOf(Type type)
    {
        while (type.BaseType is { IsAbstract: true } parent && parent != typeof(ValueType))
            type = parent;
        return type;
    }
}
