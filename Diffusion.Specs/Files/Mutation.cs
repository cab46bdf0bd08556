using System.Buffers.Binary;
using System.Text;

namespace Diffusion.Specs.Files;

/// <summary>A way to damage a file. Places are fractions, so that one mutation fits files of any size, and shrunk files too.</summary>
public abstract record Mutation
{
    private static readonly long[] Extremes =
        [0, 1, -1, 255, 65535, int.MaxValue, uint.MaxValue, long.MaxValue, long.MinValue, 1_000_000_000_000_000_000, 1L << 40];

    private Mutation()
    {
    }

    /// <summary>One to four mutations, most of them at the two ends of a file, where its structure is.</summary>
    /// <remarks>Where the words of the format have a brace, values of its dictionaries change too.</remarks>
    public static Gen<Mutation[]> Several(byte[][] words)
    {
        var one = words.Any(word => word is [(byte)'{']) ? Gen.Frequency((3, One(words)), (1, OfDictionaries)) : One(words);
        return Gen.Choose(1, 4).SelectMany(count => Gen.ArrayOf(one, count));
    }

    /// <summary>The damaged file.</summary>
    public abstract byte[] Apply(byte[] file);

    /// <summary>One bit becomes the other.</summary>
    public sealed record Flip(Place At, int Bit) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy => copy[At.In(copy.Length)] ^= (byte)(1 << Bit));
    }

    /// <summary>A digit becomes another, or what is no digit becomes one.</summary>
    public sealed record Digit(Place At, int Value) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy =>
        {
            // The next digit, where there is one: that is where numbers in text are.
            var from = At.In(copy.Length);
            var digit = copy.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
            copy[from + Max(digit, 0)] = (byte)('0' + Value);
        });
    }

    /// <summary>A number of 1 to 8 bytes becomes an extreme one.</summary>
    public sealed record Number(Place At, int Size, long Value) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy =>
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, Value);
            var at = At.In(copy.Length);
            bytes[..Min(Size, copy.Length - at)].CopyTo(copy.AsSpan(at));
        });
    }

    /// <summary>The same with the highest byte first.</summary>
    public sealed record BigNumber(Place At, int Size, long Value) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy =>
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, Value);
            var at = At.In(copy.Length);
            bytes[^Size..][..Min(Size, copy.Length - at)].CopyTo(copy.AsSpan(at));
        });
    }

    /// <summary>A value of a dictionary, written <c>key: value</c>, becomes another.</summary>
    public sealed record DictionaryValue(Place At, string Value) : Mutation
    {
        public static IReadOnlyList<string> Values { get; } =
        [
            "null", "true", "0", "-1", "1", "1.5", "1e999", "-0", "9223372036854775807", "9223372036854775808", "4294967296", "[]", "{}",
            "[[]]", "[0]", "[-1, 1]",
            "\"\"", "\"F64\"", "\"\\ud800\"", "'<f8'", "(1,)", "(0, 9)", "True",
        ];

        public override byte[] Apply(byte[] file)
        {
            var from = At.In(file.Length);
            var colon = file.AsSpan(from).IndexOf((byte)':');
            if (colon < 0)
                return file;
            var start = from + colon + 1;
            var length = file.AsSpan(start).IndexOfAny(",}])"u8);
            return [.. file.AsSpan(0, start), .. Encoding.UTF8.GetBytes(Value), .. file.AsSpan(length < 0 ? file.Length : start + length)];
        }
    }

    /// <summary>Something is written over what is there.</summary>
    public sealed record Overwriting(Place At, byte[] Bytes) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy =>
        {
            var at = At.In(copy.Length);
            Bytes.AsSpan(0, Min(Bytes.Length, copy.Length - at)).CopyTo(copy.AsSpan(at));
        });

        public override string ToString() => $"Overwriting {{ At = {At}, Bytes = {Convert.ToHexString(Bytes)} }}";
    }

    /// <summary>Something appears between two bytes.</summary>
    public sealed record Insertion(Place At, byte[] Bytes) : Mutation
    {
        public override byte[] Apply(byte[] file)
        {
            var at = At.In(file.Length);
            return [.. file.AsSpan(0, at), .. Bytes, .. file.AsSpan(at)];
        }

        public override string ToString() => $"Insertion {{ At = {At}, Bytes = {Convert.ToHexString(Bytes)} }}";
    }

    /// <summary>Some bytes disappear.</summary>
    public sealed record Removal(Place At, int Count) : Mutation
    {
        public override byte[] Apply(byte[] file)
        {
            var at = At.In(file.Length);
            return [.. file.AsSpan(0, at), .. file.AsSpan(Min(at + Count, file.Length))];
        }
    }

    /// <summary>All after a place disappears.</summary>
    public sealed record Truncation(Place At) : Mutation
    {
        public override byte[] Apply(byte[] file) => file[..At.In(file.Length)];
    }

    /// <summary>Some bytes are written over others: names twice, records out of order, data into each other.</summary>
    public sealed record Copy(Place From, Place To, int Count) : Mutation
    {
        public override byte[] Apply(byte[] file) => Change(file, copy =>
        {
            var (from, to) = (From.In(copy.Length), To.In(copy.Length));
            file.AsSpan(from, Min(Count, copy.Length - Max(from, to))).CopyTo(copy.AsSpan(to));
        });
    }

    private static Gen<Mutation> OfDictionaries =>
        Place.Generator.SelectMany(
            at => Gen.Elements(DictionaryValue.Values.ToArray()).Select(value => (Mutation)new DictionaryValue(at, value)));

    private static Gen<Mutation> One(byte[][] words) => Gen.OneOf(
        Place.Generator.SelectMany(at => Gen.Choose(1, 8).SelectMany(size =>
            Gen.Elements(Extremes).Select(value => (Mutation)new BigNumber(at, size, value)))),
        Place.Generator.SelectMany(at => Gen.Elements(words).Select(word => (Mutation)new Overwriting(at, word))),
        Place.Generator.SelectMany(at => Gen.Choose(0, 7).Select(bit => (Mutation)new Flip(at, bit))),
        Place.Generator.SelectMany(at => Gen.Choose(0, 9).Select(value => (Mutation)new Digit(at, value))),
        Place.Generator.SelectMany(at => Gen.Choose(1, 8).SelectMany(size =>
            Gen.Elements(Extremes).Select(value => (Mutation)new Number(at, size, value)))),
        Place.Generator.SelectMany(at => Gen.Elements(words).Select(word => (Mutation)new Insertion(at, word))),
        Place.Generator.SelectMany(at => Gen.Choose(1, 40).Select(count => (Mutation)new Removal(at, count))),
        Place.Generator.Select(at => (Mutation)new Truncation(at)),
        Place.Generator.SelectMany(from => Place.Generator.SelectMany(to =>
            Gen.Choose(1, 80).Select(count => (Mutation)new Copy(from, to, count)))));

    private static byte[] Change(byte[] file, Action<byte[]> change)
    {
        var copy = file.ToArray();
        if (copy.Length > 0)
            change(copy);
        return copy;
    }
}

/// <summary>A place in a file.</summary>
public sealed record Place(int Region, double Fraction)
{
    // Where headers and directories are, at either end of a file.
    private const int Edge = 1200;

    public static Gen<Place> Generator =>
        from region in Gen.Choose(0, 4)
        from fraction in Gen.Choose(0, 1 << 20)
        select new Place(region, fraction / (1.0 + (1 << 20)));

    public int In(int length) => Region switch
    {
        0 or 1 => (int)(Fraction * Min(length, Edge)),
        2 or 3 => length - Min(length, 1 + (int)(Fraction * Edge)),
        _ => (int)(Fraction * length),
    };
}
