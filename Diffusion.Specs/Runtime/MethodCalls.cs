using System.Reflection;
using System.Reflection.Emit;

namespace Diffusion.Specs.Runtime;

/// <summary>What methods call, as their compiled form says.</summary>
internal static class MethodCalls
{
    public const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes =
        typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every method and constructor of an assembly, generated ones among them.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared))
        select method;

    /// <summary>The methods and constructors that one calls or hands on as a delegate; generic ones as they were declared.</summary>
    public static IEnumerable<MethodBase> From(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;
        for (var at = 0; at < code.Length;)
        {
            var instruction = code[at] == 0xFE ? Codes[unchecked((short)(0xFE00 | code[at + 1]))] : Codes[code[at]];
            at += instruction.Size;
            if (instruction.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } called)
                yield return called;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    /// <summary>A name to read in a failure.</summary>
    public static string Describe(MethodBase method) =>
        $"{method.DeclaringType?.FullName}.{method.Name}" +
        $"({string.Join(", ", method.GetParameters().Select(own => own.ParameterType.Name))})";

    private static MethodBase? Resolve(MethodBase caller, int token)
    {
        var typeArguments = caller.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var called = caller.Module.ResolveMethod(token, typeArguments, caller.IsGenericMethod ? caller.GetGenericArguments() : null);
        return called is null ? null : Declaration(called);
    }

    // An array's own methods are declared nowhere.
    private static MethodBase Declaration(MethodBase method) =>
        method.DeclaringType is { IsArray: true } ? method : method.Module.ResolveMethod(method.MetadataToken) ?? method;
}
