namespace Diffusion.Model.Formats.Torch;

/// <summary>What a pickle may name and build.</summary>
internal enum PickleVocabulary
{
    /// <summary>Tensors, dictionaries of them, and plain values.</summary>
    Tensors,

    /// <summary>Modules with their classes' names, arguments and states, as data: what <c>pickle.dump</c> writes of a network.</summary>
    Modules,

    /// <summary>Arrays of numpy in dictionaries and lists, as data; texts of Python 2 with a long length are bytes.</summary>
    Arrays,
}
