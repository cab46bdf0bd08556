namespace Diffusion.Model.FeatureNetworks;

/// <summary>Everything that decides which features an image has. Distances of different identities do not compare.</summary>
/// <param name="Name">The network: <c>inception</c>, <c>lenet</c> or <c>cifarnet</c>.</param>
/// <param name="WeightsSha256">64 hexadecimal digits over the weights file.</param>
/// <param name="Preparation">How images are resized and scaled for it, by name.</param>
/// <param name="Arithmetic">In which numbers it computes.</param>
public sealed record ExtractorIdentity(string Name, string WeightsSha256, string Preparation, FeatureArithmetic Arithmetic)
{
    /// <summary>What made the features of a statistics file that does not say.</summary>
    public static ExtractorIdentity Unknown { get; } = new("unknown", "", "unknown", FeatureArithmetic.Float32);

    /// <summary>
    /// What a Fréchet distance of these features is called: <c>fid</c> for the weights that define it, else <c>fd_</c> and the name.
    /// </summary>
    public string DistanceName => NameOf("fid", "fd");

    /// <summary>
    /// What a measure of these features is called: its own name for the weights that define it, else with the network's name behind.
    /// </summary>
    /// <param name="genuine">Its name in the literature, such as <c>kid</c>.</param>
    /// <param name="other">What it is called, before an underscore and the network's name, with other features.</param>
    internal string NameOf(string genuine, string other) => WeightsSha256 == InceptionV3.GenuineSha256 ? genuine : $"{other}_{Name}";

    /// <summary>One line for a person.</summary>
    public override string ToString() => this == Unknown ? Name
        : $"{Name}, weights {(WeightsSha256.Length == 0 ? "unknown" : WeightsSha256)}, resize {Preparation}, " +
            $"{Arithmetic.ToString().ToLowerInvariant()}";

    /// <inheritdoc cref="NameOf(string, string)"/>
    public string NameOf(string genuine) => NameOf(genuine, genuine);
}

/// <summary>In which numbers a feature network computes.</summary>
public enum FeatureArithmetic
{
    /// <summary>IEEE single precision, on a GPU without its shortened formats.</summary>
    Float32,

    /// <summary>Double precision: several times slower, equal to other tools to nine digits.</summary>
    Float64,
}
