namespace Diffusion.Specs.Runtime;

/// <summary>Specs whose results depend on libtorch's generator, of which a process has one, run alone; so does the one that weighs the process.</summary>
/// <remarks>Those that train, but compare no two runs and expect no particular loss, need not: they only draw from it.</remarks>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalRandomness
{
    public const string Name = "libtorch's own generator";
}
