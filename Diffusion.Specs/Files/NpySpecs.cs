using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class NpySpecs
{
    [Fact]
    public void Tensors_of_both_orders_are_read_again_to_the_bit() =>
        Prop.ForAll(Tensors, Orders, (stored, order) =>
        {
            using var scope = torch.NewDisposeScope();
            using var folder = new TemporaryFolder();
            var tensor = stored.Make();
            Npy.Write(folder["a"], NpyArray.Of(tensor, order));
            using var file = Npy.Open(folder["a"]);
            return file.Array.Order == order && StoredTensor.Same(tensor, file.Array.Load());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Managed_arrays_of_every_type_and_both_orders_are_read_again()
    {
        RoundTrip<bool>();
        RoundTrip<byte>();
        RoundTrip<sbyte>();
        RoundTrip<short>();
        RoundTrip<ushort>();
        RoundTrip<Half>();
        RoundTrip<int>();
        RoundTrip<uint>();
        RoundTrip<float>();
        RoundTrip<double>();
        RoundTrip<long>();
        RoundTrip<ulong>();
    }

    [Fact]
    public void Fortran_order_runs_through_the_first_index_fastest()
    {
        using var scope = torch.NewDisposeScope();
        using var file = Open(1, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", [0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0]);
        Assert.Equal([0, 1, 2, 3, 4, 5], file.Array.Read<short>().Values);
        var tensor = file.Array.Load();
        Assert.Equal([1L, 2L], tensor.stride());
        Assert.Equal([0, 1, 2, 3, 4, 5], tensor.contiguous().data<short>().ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_versions_of_the_header_are_read(byte version)
    {
        using var file = Open(version, "{\"shape\":(2,), 'fortran_order':False,\n'descr':'|u1'}  \n", [7, 8]);
        Assert.Equal([7, 8], file.Array.Read<byte>().Values);
    }

    [Fact]
    public void A_scalar_is_an_array_of_no_dimensions()
    {
        using var file = Open(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", [0, 0, 128, 63]);
        Assert.Empty(file.Array.Shape);
        Assert.Equal([1f], file.Array.Read<float>().Values);
    }

    [Fact]
    public void Elements_are_not_converted()
    {
        using var file = Open(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", [0, 0, 128, 63]);
        Assert.Contains("float32, but float64 is needed", Assert.Throws<InvalidFileException>(() => file.Array.Read<double>()).Reason);
        Assert.Throws<ArgumentException>(() => file.Array.Read<char>());
    }

    [Fact]
    public void What_NumPy_does_not_have_is_not_written()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => Npy.Write(folder["a"], NpyArray.Of(torch.zeros(1, torch.bfloat16))));
        Assert.Throws<ArgumentException>(() => NpyArray.Of(new NdArray<int>(TensorShape.Of(2, 2), [1, 2, 3])));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void A_bool_of_two_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var file = Open(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", [1, 2]);
        Assert.Throws<InvalidFileException>(() => file.Array.Load());
        Assert.Throws<InvalidFileException>(() => file.Array.Read<bool>());
    }

    [Theory]
    [InlineData("", "expected '{'")]
    [InlineData("{}", "lacks descr")]
    [InlineData("{'descr': '<f4', 'shape': (1,)}", "lacks fortran_order")]
    [InlineData("{'descr': '<f4', 'descr': '<f4'}", "'descr'; expected")]
    [InlineData("{'descr': '<f4', 'order': 'C'}", "'order'; expected")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "'>f4'; supported are")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "'|O'; supported are")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "not records")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "must be True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "0 or more")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "0 or more")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 1000000000000)}", "more elements than can be counted")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000000,)}", "1000000000000000000 times 4 are needed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "2 times 4 are needed")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "goes on after")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1;", "expected ')'")]
    [InlineData("{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,)}", "not records")]
    public void A_header_that_breaks_the_format_is_refused_with_the_reason(string header, string reason)
    {
        var exception = Assert.Throws<InvalidFileException>(() => Open(1, header, new byte[4]));
        Assert.Contains(reason, exception.Reason);
    }

    [Fact]
    public void Other_versions_other_files_and_cut_files_are_refused()
    {
        Assert.Contains("format 4.0", Assert.Throws<InvalidFileException>(() => Open(4, "{}", [])).Reason);
        Assert.Contains("an empty file", Assert.Throws<InvalidFileException>(() => Npy.Open(FileBytes.Of("made up", []))).Reason);
        var whole = Bytes(2, "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", [7]);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidFileException>(() => Npy.Open(FileBytes.Of("made up", whole[..length])));
    }

    private static Arbitrary<StoredTensor> Tensors =>
        StoredTensor.Generator.Where(stored => stored.Type != torch.ScalarType.BFloat16).ToArbitrary();

    private static Arbitrary<NpyOrder> Orders => Gen.Elements(NpyOrder.C, NpyOrder.Fortran).ToArbitrary();

    private static void RoundTrip<T>()
        where T : unmanaged =>
        Prop.ForAll(Gen.Choose(0, 4).SelectMany(rank => Gen.ArrayOf(Gen.Choose(0, 4), rank)).ToArbitrary(), Orders, (sizes, order) =>
        {
            using var folder = new TemporaryFolder();
            var shape = TensorShape.Of([.. sizes.Select(size => (long)size)]);
            var values = new T[shape.Elements];
            for (var index = 0; index < values.Length; index++)
                values[index] = (T)Convert<T>(index);
            Npy.Write(folder["a"], NpyArray.Of(new NdArray<T>(shape, values), order));
            using var file = Npy.Open(folder["a"]);
            var read = file.Array.Read<T>();
            return read.Shape.Equals(shape) && read.Values.SequenceEqual(values);
        }).QuickCheckThrowOnFailure();

    private static object Convert<T>(int index) =>
        typeof(T) == typeof(Half) ? (Half)index
        : typeof(T) == typeof(bool) ? index % 3 == 0
        : System.Convert.ChangeType(index % 128, typeof(T), System.Globalization.CultureInfo.InvariantCulture);

    private static NpyFile Open(byte version, string header, byte[] data) =>
        Npy.Open(FileBytes.Of("made up", Bytes(version, header, data)));

    private static byte[] Bytes(byte version, string header, byte[] data)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        var length = BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. version == 1 ? length[..2] : length, .. text, .. data];
    }
}
