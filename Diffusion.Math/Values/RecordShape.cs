using System.Reflection;
using System.Text.Json;

namespace Diffusion.Math.Values;

/// <summary>What a record is made of: its constructor, and the property that each parameter became.</summary>
internal sealed record RecordShape(Type Type, ConstructorInfo Constructor, IReadOnlyList<RecordField> Fields)
{
    /// <summary>The word that tells a union's case from its siblings; null for a record of its own.</summary>
    public string? Kind { get; } = RootOf(Type) == Type ? null : CamelCase(Type.Name);

    /// <summary>A record struct of one component stands for that component.</summary>
    public bool IsTransparent => Type.IsValueType && Fields.Count == 1;

    /// <exception cref="NotSupportedException">The type has no public constructor whose parameters are its properties.</exception>
    public static RecordShape Of(Type type)
    {
        foreach (var constructor in type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length))
        {
            RecordField?[] fields = [.. constructor.GetParameters().Select(parameter => FieldOf(type, parameter))];
            if (!fields.Contains(null) && (type.Namespace ?? "").StartsWith("Diffusion", StringComparison.Ordinal))
                return new(type, constructor, fields!);
        }
        throw new NotSupportedException($"{type} is no record and has no JSON form.");
    }

    /// <summary>The cases of a union that may stand where <paramref name="declared"/> is asked for, by their words.</summary>
    public static IReadOnlyDictionary<string, Type> CasesOf(Type declared) =>
        RootOf(declared).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)
            .Where(type => !type.IsAbstract && declared.IsAssignableFrom(type))
            .ToDictionary(type => CamelCase(type.Name));

    public static string CamelCase(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static Type RootOf(Type type)
    {
        while (type.BaseType is { IsAbstract: true } parent && parent != typeof(ValueType) && parent != typeof(Enum))
            type = parent;
        return type;
    }

    private static RecordField? FieldOf(Type type, ParameterInfo parameter) =>
        type.GetProperty(parameter.Name!) is { } property && property.PropertyType == parameter.ParameterType
            ? new(CamelCase(parameter.Name!), parameter, property)
            : null;
}

/// <summary>A constructor's parameter and its property.</summary>
internal sealed record RecordField(string Name, ParameterInfo Parameter, PropertyInfo Property)
{
    /// <summary>Whether nothing may stand here.</summary>
    public bool MayBeNull =>
        Nullable.GetUnderlyingType(Parameter.ParameterType) is not null || (Parameter.HasDefaultValue && Parameter.DefaultValue is null && !Parameter.ParameterType.IsValueType);
}
