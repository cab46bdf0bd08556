namespace Diffusion.Specs.Runtime;

/// <summary>Specs of what a process has only one of, such as libtorch's own generator or a GPU, run while no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
