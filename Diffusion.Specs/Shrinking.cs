using System.Reflection;

namespace Diffusion.Specs;

/// <summary>Shrinks records setting by setting; what a constructor refuses is not smaller but invalid, and left out.</summary>
public static class Shrinking
{
    public static Arbitrary<T> Arbitrary<T>(Gen<T> generator)
        where T : notnull =>
        Arb.From(generator, value => Smaller(value, typeof(T)).Cast<T>());

    private static IEnumerable<object> Smaller(object value, Type declared) => value switch
    {
        int number => number == 0 ? [] : [number / 2, number - Sign(number)],
        double number => Round(number) == number ? [] : [Round(number), Round(number, 1)],
        Enum => [],
        _ when value.GetType().Namespace?.StartsWith("Diffusion", StringComparison.Ordinal) != true => [],
        _ => SmallerRecords(value, declared),
    };

    private static IEnumerable<object> SmallerRecords(object value, Type declared)
    {
        var type = value.GetType();
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length);
        ParameterInfo[] parameters = constructor?.GetParameters() ?? [];
        if (parameters.Any(parameter => type.GetProperty(parameter.Name!) is null))
            yield break;
        object?[] settings = [.. parameters.Select(parameter => type.GetProperty(parameter.Name!)!.GetValue(value))];
        // What is wrapped is smaller than its wrapping.
        foreach (var inner in settings.Where(inner => inner is not null && declared.IsInstanceOfType(inner)))
            yield return inner!;
        for (var index = 0; index < settings.Length; index++)
        {
            foreach (var smaller in settings[index] is { } setting ? Smaller(setting, parameters[index].ParameterType) : [])
            {
                object?[] changed = [.. settings[..index], smaller, .. settings[(index + 1)..]];
                if (!smaller.Equals(settings[index]) && Construct(constructor!, changed) is { } record)
                    yield return record;
            }
        }
    }

    private static object? Construct(ConstructorInfo constructor, object?[] arguments)
    {
        try
        {
            return constructor.Invoke(arguments);
        }
        catch (TargetInvocationException refusal) when (refusal.InnerException is ArgumentException)
        {
            return null;
        }
    }
}
