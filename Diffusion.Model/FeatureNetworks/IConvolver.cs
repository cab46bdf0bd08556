using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>How a convolution, its normalisation and its ReLU are computed.</summary>
internal interface IConvolver
{
    /// <summary>relu(normalise(convolve(input))), with the weights called <paramref name="name"/>.</summary>
    Tensor Run(Stage.Convolve stage, string name, Tensor input);
}
