using System.Numerics;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Runs a pickle, a program for a stack machine that builds values, as far as tensors need its instructions.</summary>
/// <remarks>Everything else is refused by name before it does anything, calls of other functions above all. There is no recursion, and
/// all memory is charged to the budget.</remarks>
internal sealed class PickleMachine
{
    private const int HighestProtocol = 5;

    // What an object takes besides what it holds.
    private const int ObjectCost = 64;
    private const int TensorCost = 400;

    private readonly FileBytes _file;
    private readonly ReadBudget _budget;
    private readonly PickleInput _input;
    private readonly PickleStack _stack;
    private readonly PickleStorages _storages;
    private readonly PickleVocabulary _vocabulary;
    private long _position;

    private PickleMachine(FileBytes file, FileRange range, ReadBudget budget, PickleStorages storages, PickleVocabulary vocabulary)
    {
        (_file, _budget, _storages, _vocabulary) = (file, budget, storages, vocabulary);
        _input = new PickleInput(file, range);
        _stack = new PickleStack(budget, Refuse);
    }

    /// <summary>Runs the pickle at the beginning of <paramref name="range"/>.</summary>
    /// <returns>What it builds, and where in the file it ends.</returns>
    /// <exception cref="InvalidFileException">It is damaged, or does what no tensor needs.</exception>
    public static (PickleValue Value, long End) Run(
        FileBytes file, FileRange range, ReadBudget budget, PickleStorages storages, PickleVocabulary vocabulary = PickleVocabulary.Tensors)
    {
        var machine = new PickleMachine(file, range, budget, storages, vocabulary);
        var result = machine.Run();
        return (new PickleTree(budget, machine.Refuse, machine._position).Freeze(result), machine._input.Position);
    }

    /// <summary>Runs the pickle at the beginning of <paramref name="range"/>, which builds a storage by itself.</summary>
    /// <returns>The storage, and where in the file the pickle ends.</returns>
    /// <exception cref="InvalidFileException">It is damaged, or builds something else.</exception>
    public static (PickleStorage Storage, long End) RunStorage(FileBytes file, FileRange range, ReadBudget budget, PickleStorages storages)
    {
        var machine = new PickleMachine(file, range, budget, storages, PickleVocabulary.Tensors);
        var result = machine.Run();
        return result is PickleStorage storage
            ? (storage, machine._input.Position)
            : throw machine.Refuse($"the bytes of a storage hold a {result.Kind}");
    }

    private IPickleItem Run()
    {
        while (true)
        {
            _position = _input.Position;
            var opcode = (PickleOpcode)_input.Byte();
            if (opcode == PickleOpcode.Stop)
                break;
            Obey(opcode);
        }
        var result = _stack.Pop<IPickleItem>();
        return _stack.Count == 0 ? result : throw Refuse($"the pickle ends with {_stack.Count} items too many on the stack");
    }

    private void Obey(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: CheckProtocol(_input.Byte()); break;
            // A frame says how far to read ahead: all is in memory anyway.
            case PickleOpcode.Frame: _input.UInt64(); break;

            case PickleOpcode.None: Push(PickleValue.None.Value); break;
            case PickleOpcode.NewTrue: Push(new PickleValue.Truth(true), ObjectCost); break;
            case PickleOpcode.NewFalse: Push(new PickleValue.Truth(false), ObjectCost); break;
            case PickleOpcode.BinInt1: PushInteger(_input.Byte()); break;
            case PickleOpcode.BinInt2: PushInteger(_input.UInt16()); break;
            case PickleOpcode.BinInt: PushInteger(_input.Int32()); break;
            case PickleOpcode.Long1: PushInteger(_input.Integer(_input.Byte())); break;
            case PickleOpcode.BinFloat: Push(new PickleValue.Real(_input.Double()), ObjectCost); break;
            case PickleOpcode.BinString when _vocabulary == PickleVocabulary.Arrays: PushBytes(_input.UInt32()); break;
            case PickleOpcode.ShortBinUnicode or PickleOpcode.ShortBinString: PushText(_input.Byte()); break;
            case PickleOpcode.BinUnicode or PickleOpcode.BinString: PushText(_input.UInt32()); break;
            case PickleOpcode.BinUnicode8: PushText(_input.UInt64()); break;

            case PickleOpcode.EmptyTuple: PushTuple([]); break;
            case PickleOpcode.Tuple1: PushTuple(_stack.Pop(1, _position)); break;
            case PickleOpcode.Tuple2: PushTuple(_stack.Pop(2, _position)); break;
            case PickleOpcode.Tuple3: PushTuple(_stack.Pop(3, _position)); break;
            case PickleOpcode.Tuple: PushTuple(_stack.PopToMark(_position)); break;
            case PickleOpcode.EmptyList: Push(new GrowingList(), ObjectCost); break;
            case PickleOpcode.Append: Append([_stack.Pop<IPickleItem>()]); break;
            case PickleOpcode.Appends: Append(_stack.PopToMark(_position)); break;
            case PickleOpcode.EmptyDict: Push(new GrowingDictionary(PickleDictionaryKind.Plain), ObjectCost); break;
            case PickleOpcode.SetItem: Set(_stack.Pop(2, _position)); break;
            case PickleOpcode.SetItems: Set(_stack.PopToMark(_position)); break;

            case PickleOpcode.Mark: _stack.Mark(_position); break;
            case PickleOpcode.Memoize: _stack.Remember(_position); break;
            case PickleOpcode.BinPut: _stack.Remember(_input.Byte(), _position); break;
            case PickleOpcode.LongBinPut: _stack.Remember(_input.UInt32(), _position); break;
            case PickleOpcode.BinGet: Push(_stack.Recall(_input.Byte())); break;
            case PickleOpcode.LongBinGet: Push(_stack.Recall(_input.UInt32())); break;

            case PickleOpcode.Global: PushGlobal(_input.Line(), _input.Line()); break;
            case PickleOpcode.StackGlobal: PushStackGlobal(); break;
            case PickleOpcode.Reduce: Call(); break;
            case PickleOpcode.Build: Build(); break;
            case PickleOpcode.BinPersId: Push(_storages.Find(_stack.Pop<GrowingTuple>(), Refuse), ObjectCost); break;

            case PickleOpcode.EmptySet when HasObjects: Push(new GrowingList(), ObjectCost); break;
            case PickleOpcode.AddItems when HasObjects: Append(_stack.PopToMark(_position)); break;
            case PickleOpcode.NewObj when HasObjects: MakeObject(); break;
            case PickleOpcode.ShortBinBytes when HasObjects: PushBytes(_input.Byte()); break;
            case PickleOpcode.BinBytes when HasObjects: PushBytes(_input.UInt32()); break;
            case PickleOpcode.BinBytes8 when HasObjects: PushBytes(_input.UInt64()); break;

            default:
                throw Refuse(Enum.IsDefined(opcode)
                    ? $"the pickle instruction {opcode} is not one that tensors need"
                    : $"0x{(byte)opcode:X2} is not a pickle instruction");
        }
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol > HighestProtocol)
            throw Refuse($"pickle protocol {protocol} is not supported; 0 to {HighestProtocol} are");
    }

    private void PushInteger(BigInteger number) => Push(new PickleValue.Integer(number), ObjectCost + number.GetByteCount());

    private void PushText(ulong length)
    {
        _budget.Charge((long)Min(length, (ulong)_file.Length), sizeof(char), _position);
        Push(new PickleValue.Text(_input.Text(length)), ObjectCost);
    }

    private void PushTuple(IPickleItem[] items) => Push(new GrowingTuple(items), ObjectCost);

    private void Append(IPickleItem[] items)
    {
        var list = _stack.Top<GrowingList>().Items;
        foreach (var item in items)
            _budget.Add(list, item, _position);
    }

    private void Set(IPickleItem[] keysAndValues)
    {
        if (keysAndValues.Length % 2 != 0)
            throw Refuse("a key of a dictionary has no value");
        var entries = HasObjects && _stack.Top<IPickleItem>() is GrowingObject made
            ? made.Entries : _stack.Top<GrowingDictionary>().Entries;
        for (var index = 0; index < keysAndValues.Length; index += 2)
            _budget.Add(entries, new(keysAndValues[index], keysAndValues[index + 1]), _position);
    }

    private void PushStackGlobal()
    {
        var name = _stack.Pop<PickleValue.Text>().Value;
        PushGlobal(_stack.Pop<PickleValue.Text>().Value, name);
    }

    private void PushGlobal(string module, string name)
    {
        var named = _vocabulary switch
        {
            PickleVocabulary.Modules => PickleGlobal.FindInModules(module, name),
            PickleVocabulary.Arrays => PickleGlobal.FindInArrays(module, name),
            _ => PickleGlobal.Find(module, name),
        } ?? throw Refuse($"the pickle asks for '{module}.{name}', which no tensor needs");
        Push(named, ObjectCost + 2 * sizeof(char) * (module.Length + name.Length));
    }

    private void Call()
    {
        var arguments = _stack.Pop<GrowingTuple>().Items;
        var callee = _stack.Pop<PickleGlobal>();
        var result = callee.Call(new PickleArguments(arguments, callee.GetType().Name, Refuse));
        // A stride of 0 repeats elements without storing them: such a tensor must not fill the memory of whoever copies it.
        if (result is PickleValue.Tensor { Value: var tensor } && tensor.Shape.Elements > _budget.Total / tensor.Type.Size)
            throw Refuse($"the pickle spreads {tensor.Storage.Elements} elements over the shape {tensor.Shape}");
        if (callee is PickleGlobal.StorageBytes && result is PickleValue.Bytes bytes)
            result = TorchLegacy.ReadStorage(_file, new FileRange(bytes.Start, bytes.Count), _budget, _storages);
        Push(result, TensorCost);
    }

    private bool HasObjects => _vocabulary != PickleVocabulary.Tensors;

    // Python's cls.__new__(cls, *arguments), of a class that is only named.
    private void MakeObject()
    {
        var arguments = _stack.Pop<GrowingTuple>().Items;
        Push(new GrowingObject(_stack.Pop<PickleGlobal.Inert>().Name, arguments), ObjectCost);
    }

    private void PushBytes(ulong length)
    {
        var range = _input.Bytes(length);
        Push(new PickleValue.Bytes(range.Start, range.Length), ObjectCost);
    }

    // PyTorch hangs the versions of modules on a state dictionary as an attribute; they say nothing of the tensors.
    private void Build()
    {
        if (HasObjects)
        {
            var state = _stack.Pop<IPickleItem>();
            if (_stack.Top<IPickleItem>() is GrowingObject made)
                made.State = state;
            else
                _stack.Top<GrowingDictionary>();
            return;
        }
        _stack.Pop<GrowingDictionary>();
        _stack.Top<GrowingDictionary>();
    }

    private void Push(IPickleItem item, long cost)
    {
        _budget.Charge(cost, _position);
        Push(item);
    }

    private void Push(IPickleItem item) => _stack.Push(item, _position);

    private InvalidFileException Refuse(string reason) => _file.Invalid(_position, reason);
}
