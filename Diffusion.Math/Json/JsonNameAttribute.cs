namespace Diffusion.Math.Json;

/// <summary>The name in JSON of something that is called otherwise in code, so that files written before are still read.</summary>
/// <param name="name">The name of a field, the word of an enum, or the kind of a union's case.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class JsonNameAttribute(string name) : Attribute
{
    /// <summary>The name in JSON.</summary>
    public string Name => name;
}
