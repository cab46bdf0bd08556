namespace Diffusion.Specs.Runtime;

/// <summary>Specs that compare runs bit for bit run alone: dropout draws from libtorch's generator, of which a process has one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalRandomness
{
    public const string Name = "libtorch's own generator";
}
