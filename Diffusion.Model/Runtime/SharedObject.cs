using System.Buffers.Binary;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runtime;

/// <summary>What a shared library for Linux (ELF, 64 bits, little-endian) asks of other libraries.</summary>
/// <remarks>System V Application Binary Interface, chapter 4: section header table and symbol table.</remarks>
public static class SharedObject
{
    private const int HeaderLength = 64;
    private const int SectionLength = 64;
    private const int SymbolLength = 24;
    private const int RelocationLength = 24;
    private const uint Relocations = 4;
    private const int GlobalBinding = 1;

    /// <summary>Names of the functions and data that the library uses, and that others have to have, in ordinal order.</summary>
    /// <remarks>What is named but used nowhere, such as a mark of the compiler's version, is left out.</remarks>
    /// <param name="path">The library's file.</param>
    /// <exception cref="InputException">It is no such file, or a damaged one.</exception>
    public static IReadOnlyList<string> NeededSymbols(string path)
    {
        var file = File.ReadAllBytes(path);
        if (file.Length < HeaderLength || !file.AsSpan().StartsWith("\x7f"u8) || !file.AsSpan(1).StartsWith("ELF\x02\x01"u8))
            throw new InputException(path, "another kind of file", "a shared library for 64-bit Linux");
        try
        {
            return [.. Undefined(file)];
        }
        catch (Exception damage) when (damage is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new InputException(path, "tables that point outside the file", "an undamaged shared library", damage);
        }
    }

    private static IEnumerable<string> Undefined(byte[] file)
    {
        var sections = Sections(file);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var table in sections.Where(section => section.Type == Relocations))
        {
            var symbols = sections[checked((int)table.Link)];
            var texts = sections[checked((int)symbols.Link)];
            for (var at = table.Offset; at < checked(table.Offset + table.Length); at += RelocationLength)
            {
                // r_info; its upper half is the symbol's number.
                var number = checked((int)(BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8, 8)) >> 32));
                var symbol = file.AsSpan(checked(symbols.Offset + number * SymbolLength), SymbolLength);
                // st_name, st_info (binding in the upper half), st_other, st_shndx; 0 there means: defined elsewhere.
                var (name, binding) = (BinaryPrimitives.ReadUInt32LittleEndian(symbol), symbol[4] >> 4);
                if (name != 0 && binding == GlobalBinding && BinaryPrimitives.ReadUInt16LittleEndian(symbol[6..]) == 0)
                    names.Add(NameAt(file, checked(texts.Offset + (int)name)));
            }
        }
        return names;
    }

    private static Section[] Sections(byte[] file)
    {
        // e_shoff, e_shentsize, e_shnum.
        var first = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(0x28)));
        var size = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3A));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x3C));
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SectionLength);
        return [.. Enumerable.Range(0, count).Select(index => Section.Read(file.AsSpan(checked(first + index * size), SectionLength)))];
    }

    private static string NameAt(byte[] file, int offset)
    {
        var rest = file.AsSpan(offset..);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private readonly record struct Section(uint Type, int Offset, int Length, uint Link)
    {
        public static Section Read(ReadOnlySpan<byte> entry) => new(
            BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
            checked((int)BinaryPrimitives.ReadUInt64LittleEndian(entry[0x18..])),
            checked((int)BinaryPrimitives.ReadUInt64LittleEndian(entry[0x20..])),
            BinaryPrimitives.ReadUInt32LittleEndian(entry[0x28..]));
    }
}
