using Diffusion.Model.Checkpoints;
using TorchSharp;

namespace Diffusion.Host.Studio.Web;

/// <summary>The models that were used last, open. It is used where things are computed, and nowhere else.</summary>
/// <param name="device">Where the networks are wanted.</param>
/// <param name="damaged">Called with each checkpoint that is damaged and skipped.</param>
internal sealed class ModelShelf(Func<torch.Device> device, Action<string> damaged) : IDisposable
{
    private const int Most = 2;

    private readonly LinkedList<Opened> _open = [];

    /// <summary>The model of a folder: the latest whole checkpoint of it. It stays the shelf's.</summary>
    public TrainedModel Open(string folder)
    {
        var known = _open.FirstOrDefault(one => one.Folder == folder && one.Written == WrittenOf(folder));
        if (known is null)
        {
            foreach (var former in _open.Where(one => one.Folder == folder).Concat(_open.Skip(Most - 1)).Distinct().ToList())
            {
                _open.Remove(former);
                former.Model.Dispose();
            }
            var written = WrittenOf(folder);
            known = new(folder, written, TrainedModel.Open(folder, device(), damaged));
        }
        else
            _open.Remove(known);
        return _open.AddFirst(known).Value.Model;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _open)
            one.Model.Dispose();
        _open.Clear();
    }

    // A run that goes on writes its checkpoints beside each other.
    private static DateTime WrittenOf(string folder) =>
        Directory.GetLastWriteTimeUtc(Path.Combine(folder, CheckpointStore.FolderName));

    private sealed record Opened(string Folder, DateTime Written, TrainedModel Model);
}
