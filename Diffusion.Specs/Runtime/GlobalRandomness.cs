namespace Diffusion.Specs.Runtime;

/// <summary>Specs that train or sample at length run alone: libtorch's generator, of which a process has one, and its memory are theirs.</summary>
/// <remarks>
/// TorchSharp gives a number to libtorch in an object that the garbage collector may take back while libtorch reads it, if another thread
/// allocates much at that moment. Specs of whole commands are too long to be left to that chance.
/// </remarks>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalRandomness
{
    public const string Name = "libtorch's own generator";
}
