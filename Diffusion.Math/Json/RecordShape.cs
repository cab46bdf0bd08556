using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Diffusion.Math.Json;

/// <summary>What a record is made of: its constructor, the property that each parameter became, and those set by name alone.</summary>
internal sealed record RecordShape(
    Type Type, ConstructorInfo Constructor, IReadOnlyList<RecordField> Positional, IReadOnlyList<RecordField> Named)
{
    /// <summary>All that can be set, in the order in which it is written.</summary>
    public IReadOnlyList<RecordField> Fields { get; } = [.. Positional, .. Named];

    /// <summary>The word that tells a union's case from its siblings; null for a record of its own.</summary>
    public string? Kind { get; } = RootOf(Type) == Type ? null : KindOf(Type);

    /// <summary>A record struct of one component stands for that component.</summary>
    public bool IsTransparent => Type.IsValueType && Fields.Count == 1;

    /// <exception cref="NotSupportedException">The type has no public constructor whose parameters are its properties.</exception>
    public static RecordShape Of(Type type)
    {
        foreach (var constructor in type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length))
        {
            RecordField?[] fields = [.. constructor.GetParameters().Select(parameter => FieldOf(type, parameter))];
            if (!fields.Contains(null) && (type.Namespace ?? "").StartsWith("Diffusion", StringComparison.Ordinal))
                return new(type, constructor, fields!, NamedFieldsOf(type, fields.Select(field => field!.Property.Name).ToHashSet()));
        }
        throw new NotSupportedException($"{type} is no record and has no JSON form.");
    }

    /// <summary>The cases of a union that may stand where <paramref name="declared"/> is asked for, by their words.</summary>
    public static IReadOnlyDictionary<string, Type> CasesOf(Type declared) =>
        RootOf(declared).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)
            .Where(type => !type.IsAbstract && declared.IsAssignableFrom(type))
            .ToDictionary(KindOf);

    /// <summary>The words of an enum, each with its name in code.</summary>
    public static IReadOnlyDictionary<string, string> WordsOf(Type type) =>
        Enum.GetNames(type).ToDictionary(NameOf);

    /// <summary>The name in JSON of what is called so in code.</summary>
    public static string NameOf(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static string KindOf(Type type) => NameOf(type.Name);

    /// <summary>The union that a case, or a part of a union, belongs to; a record of its own is its own.</summary>
    public static Type RootOf(Type type)
    {
        while (type.BaseType is { IsAbstract: true } parent && parent != typeof(ValueType) && parent != typeof(Enum))
            type = parent;
        return type;
    }

    private static RecordField? FieldOf(Type type, ParameterInfo parameter) =>
        type.GetProperty(parameter.Name!) is { } property && property.PropertyType == parameter.ParameterType
            ? new(property, parameter)
            : null;

    private static IReadOnlyList<RecordField> NamedFieldsOf(Type type, IReadOnlySet<string> positional) =>
    [
        .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => !positional.Contains(property.Name) && IsInitialised(property))
            .Select(property => new RecordField(property, null)),
    ];

    private static bool IsInitialised(PropertyInfo property) =>
        property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
}

/// <summary>A property that is part of a record's value, and the constructor's parameter it came from, if any.</summary>
internal sealed record RecordField(PropertyInfo Property, ParameterInfo? Parameter)
{
    /// <summary>The field's name in JSON.</summary>
    public string Name { get; } = RecordShape.NameOf(Property.Name);

    /// <summary>The type of its value.</summary>
    public Type Type => Property.PropertyType;

    /// <summary>Whether it has to be given.</summary>
    public bool IsRequired =>
        Parameter is null ? Property.IsDefined(typeof(RequiredMemberAttribute)) : !Parameter.HasDefaultValue && !MayBeNull;

    /// <summary>
    /// What stands where nothing is given; of no meaning for named fields, which then keep what the constructor gave them.
    /// </summary>
    public object? Default => Parameter is { HasDefaultValue: true } ? Parameter.DefaultValue : null;

    /// <summary>Whether nothing may stand here.</summary>
    public bool MayBeNull { get; } = new NullabilityInfoContext().Create(Property).ReadState == NullabilityState.Nullable;
}
