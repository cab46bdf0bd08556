using Diffusion.Model.Files;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Runtime;

public sealed class SharedObjectSpecs
{
    [LinuxFact]
    public void The_glue_library_needs_operators_of_libtorch()
    {
        var needed = SharedObject.NeededSymbols(LibTorch.GlueFile!);
        Assert.Contains("_ZN2at13globalContextEv", needed);
        Assert.InRange(needed.Count(name => name.StartsWith("_ZN2at4_ops", StringComparison.Ordinal)), 500, 2000);
        Assert.Equal(needed.Distinct().Order(StringComparer.Ordinal), needed);
    }

    [LinuxFact]
    public void A_mark_of_the_compilers_version_is_not_needed() =>
        Assert.DoesNotContain("_ZSt21ios_base_library_initv", SharedObject.NeededSymbols(LibTorch.GlueFile!));

    [Fact]
    public void Another_kind_of_file_is_named()
    {
        using var place = new TemporaryFolder();
        File.WriteAllText(place["note.txt"], "not a library");
        Assert.Contains("note.txt", Assert.Throws<InputException>(() => SharedObject.NeededSymbols(place["note.txt"])).Message);
    }

    [LinuxFact]
    public void A_damaged_library_is_an_error_not_a_crash()
    {
        using var place = new TemporaryFolder();
        var whole = File.ReadAllBytes(LibTorch.GlueFile!);
        foreach (var length in new[] { 16, 63, 64, 4096, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(place["cut.so"], whole[..length]);
            Assert.Contains("cut.so", Assert.Throws<InputException>(() => SharedObject.NeededSymbols(place["cut.so"])).Message);
        }
    }

    [Theory]
    [InlineData("_ZN2at4_ops4relu4callERKNS_6TensorE", "at::_ops::relu::call")]
    [InlineData("_ZNK2at6Tensor3sumEv", "at::Tensor::sum")]
    [InlineData("_ZN3c1010TensorImpl12mutable_gradEv", "c10::TensorImpl::mutable_grad")]
    [InlineData("malloc", "malloc")]
    [InlineData("_ZN", "_ZN")]
    [InlineData("_ZN99999999999999999999atE", "_ZN99999999999999999999atE")]
    [InlineData("_ZN5atE", "_ZN5atE")]
    public void A_symbol_is_shown_as_people_write_it(string symbol, string text) => Assert.Equal(text, SymbolName.Readable(symbol));

    [Theory]
    [InlineData("/tmp/a.so: undefined symbol: _ZNK3c105Error4whatEv", "c10::Error::what")]
    [InlineData("symbol lookup error: a.so: undefined symbol: _ZN2at4_ops4gone4callEv, version X", "at::_ops::gone::call")]
    [InlineData("cannot open shared object file: No such file or directory", null)]
    public void A_linkers_complaint_names_what_is_missing(string message, string? symbol) =>
        Assert.Equal(symbol, SymbolName.MissingIn(message));
}
