using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>While it lives, products on a GPU are computed in full single precision, not in the shortened format (TF32).</summary>
public readonly struct ExactProducts : IDisposable
{
    private readonly bool _applies;
    private readonly (bool Products, bool Convolutions) _before;

    /// <summary>Begins; dispose it to go back to what was before.</summary>
    public ExactProducts(Device device)
    {
        _applies = device.type == DeviceType.CUDA;
        if (!_applies)
            return;
        _before = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (false, false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_applies)
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = _before;
    }
}
