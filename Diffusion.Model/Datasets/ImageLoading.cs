using Diffusion.Math.Values;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>How image files become a set of images.</summary>
/// <param name="Split">Which part is wanted.</param>
/// <param name="Fit">How they come to one shape.</param>
/// <param name="Memory">Bytes of pixels to keep in memory at most; the images beyond that are read again whenever they are needed.</param>
public sealed record ImageLoading(Split Split, ImageFit Fit, long Memory = ImageLoading.DefaultMemory)
{
    /// <summary>One gibibyte of pixels.</summary>
    public const long DefaultMemory = 1L << 30;

    /// <summary>Bytes of pixels to keep in memory at most; at least 0.</summary>
    public long Memory { get; init => field = Require.AtLeast(value, 0, nameof(Memory)); } = Require.AtLeast(Memory, 0);

    /// <summary>What becomes of files that cannot be decoded.</summary>
    public BadImages Bad { get; init; }

    /// <summary>What a single folder is in which all others lie.</summary>
    public OuterFolder Outer { get; init; }

    /// <summary>What a person can do about files that cannot be decoded, for the message; may be empty.</summary>
    public string Advice { get; init; } = "";

    /// <summary>What a person can do about images of several sizes, for the message; may be empty.</summary>
    public string SizeAdvice { get; init; } = "";

    /// <summary>What is kept of the colours.</summary>
    public ImageChannels Channels { get; init; }

    /// <summary>What transparency is laid over, where alpha is not kept.</summary>
    public PixelColour Background { get; init; } = PixelColour.White;

    /// <summary>Folder where it is remembered which sets were looked through; null for nowhere.</summary>
    public string? Remembered { get; init; }

    /// <summary>Called with how many images were looked at, by any thread.</summary>
    public IProgress<ImagesLooked>? Progress { get; init; }

    /// <summary>Stops looking.</summary>
    public CancellationToken Stopping { get; init; }
}

/// <summary>What a single folder is in which all others lie, as in an archive that was made of a folder.</summary>
public enum OuterFolder
{
    /// <summary>Nothing: the folders in it are the parts and the classes.</summary>
    LookedThrough,

    /// <summary>The only class, as it was for runs of before.</summary>
    Class,
}

/// <summary>What becomes of image files that cannot be read or decoded.</summary>
public enum BadImages
{
    /// <summary>They are an error that names them.</summary>
    Refused,

    /// <summary>They are left out, counted and named.</summary>
    Skipped,
}
