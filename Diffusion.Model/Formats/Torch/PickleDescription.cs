using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Walks through the tree of a pickle and names everything in it by the way to it.</summary>
internal sealed class PickleDescription(ReadBudget budget)
{
    // What a description takes besides the characters of its name and text.
    private const int EntryCost = 200;

    private readonly List<TensorDescription> _tensors = [];
    private readonly List<NoteDescription> _notes = [];

    /// <summary>Describes the content of a file of that many bytes.</summary>
    /// <exception cref="InvalidFileException">The names take more memory than a file of its size may.</exception>
    public FileDescription Describe(PickleValue content, long byteCount)
    {
        Walk("", content);
        return new FileDescription(FileFormat.TorchPickle, byteCount, _tensors.ToSequence(), _notes.ToSequence());
    }

    private void Walk(string name, PickleValue value)
    {
        switch (value)
        {
            case PickleValue.Tensor { Value: var tensor }:
                budget.Charge(EntryCost, 0);
                _tensors.Add(new TensorDescription(name, tensor.Type, tensor.Shape));
                break;
            case PickleValue.Dictionary dictionary:
                foreach (var (key, inner) in dictionary.Entries)
                    Walk(Join(name, key is PickleValue.Text text ? text.Value : key.ToString()), inner);
                break;
            case PickleValue.List list:
                WalkAll(name, list.Items);
                break;
            case PickleValue.Tuple tuple:
                WalkAll(name, tuple.Items);
                break;
            case PickleValue.Instance when PickledModule.Of(value) is { } module:
                foreach (var (inner, tensor) in module.Tensors())
                    _tensors.Add(new TensorDescription(Join(name, inner), tensor.Type, tensor.Shape));
                break;
            default:
                var words = value is PickleValue.Text plain ? plain.Value : value.ToString();
                budget.Charge(EntryCost + sizeof(char) * words.Length, 0);
                _notes.Add(new NoteDescription(name, words));
                break;
        }
    }

    private void WalkAll(string name, Sequence<PickleValue> items)
    {
        for (var index = 0; index < items.Count; index++)
            Walk(Join(name, $"{index}"), items[index]);
    }

    private string Join(string name, string key)
    {
        budget.Charge(EntryCost + sizeof(char) * ((long)name.Length + key.Length), 0);
        return name.Length == 0 ? key : $"{name}.{key}";
    }
}
