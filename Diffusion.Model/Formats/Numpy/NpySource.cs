using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>Where the bytes of an array in NumPy's format come from.</summary>
internal abstract record NpySource
{
    private NpySource(long length) => Length = length;

    /// <summary>Number of bytes, header and elements.</summary>
    public long Length { get; }

    /// <summary>The bytes.</summary>
    public abstract Stream Open();

    /// <summary>The exception that says what is wrong at <paramref name="position"/> of the bytes.</summary>
    public abstract InvalidFileException Invalid(long position, string reason);

    /// <summary>A file of its own.</summary>
    public sealed record Whole(FileBytes File) : NpySource(File.Length)
    {
        /// <inheritdoc/>
        public override Stream Open() => File.OpenStream(0, Length, "the array");

        /// <inheritdoc/>
        public override InvalidFileException Invalid(long position, string reason) => File.Invalid(position, reason);
    }

    /// <summary>An entry of a zip file.</summary>
    public sealed record Zipped(FileBytes File, ZipEntry Entry) : NpySource(Entry.Length)
    {
        /// <inheritdoc/>
        public override Stream Open() => Entry.Open(File);

        /// <inheritdoc/>
        public override InvalidFileException Invalid(long position, string reason) => Entry.Invalid(File, position, reason);
    }
}
