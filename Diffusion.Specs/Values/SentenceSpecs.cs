using System.Reflection;
using System.Runtime.InteropServices;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Values;

public sealed class SentenceSpecs
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { new ArgumentOutOfRangeException("sigma", -1.0, "sigma is -1; it must be positive."), "sigma is -1; it must be positive" },
        { new ArgumentException("No such level.", "level"), "No such level" },
        { new ExternalException(
            "The size of tensor a (3) must match the size of tensor b (4).\nException raised from infer at a.cpp:1\nframe #0: x"),
            "The size of tensor a (3) must match the size of tensor b (4)" },
        { new ExternalException(
            "CUDA error: an illegal memory access\nSearch for `cudaErrorIllegalAddress'\nCUDA kernel errors might be reported later."),
            "CUDA error: an illegal memory access" },
        { new ExternalException("The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript:\n  File " +
            "\"x\", line 3\nRuntimeError: shapes differ\n"), "shapes differ" },
        { new ExternalException("[enforce fail at alloc_cpu.cpp:124] err == 0. " +
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes. Error code 12"),
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes. Error code 12" },
        { new ExternalException(""), "libtorch failed without a word" },
        { new TypeInitializationException("Some.Type", new IOException("Too many open files")), "Too many open files" },
        { new TargetInvocationException(new ArgumentException("No.", "x")), "No" },
        { new AggregateException(new IOException("One."), new IOException("Two.")), "One" },
        { new OutOfMemoryException(), "there is not enough memory" },
        { new IOException("a\u001b[2Jb\nc."), @"a\u001B[2Jb c" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_is_one_line_for_a_person(Exception trouble, string sentence) => Assert.Equal(sentence, Sentence.Of(trouble));

    [Theory]
    [InlineData("Could not find file '/a/b'.", "Could not find file")]
    [InlineData("No space left on device : '/a/b'", "No space left on device")]
    [InlineData("/a/b: at byte 3: no array", "at byte 3: no array")]
    [InlineData("Access to the path '/a/b' is denied.", "Access to the path is denied")]
    [InlineData("Could not find file '/a/other'.", "Could not find file '/a/other'")]
    public void A_place_is_named_once(string message, string rest) => Assert.Equal(rest, Sentence.Of(message, "/a/b"));

    [Fact]
    public void A_relative_place_is_known_again_in_its_full_name() =>
        Assert.Equal("Is a directory", Sentence.Of($"Is a directory : '{Path.GetFullPath("a/b")}'", "a/b"));

    [Fact]
    public void A_name_that_is_no_text_is_what_is_wrong_not_the_folder() =>
        Assert.Equal("dir\uFFFD: found a name that is not UTF-8, which cannot be opened; expected a folder.",
            new InputException("dir\uFFFD", "no such file or folder", "a folder").Message);

    [Fact]
    public void Refusals_of_files_are_one_plain_line_that_names_the_file_once()
    {
        var damage = new InvalidFileException("a\u001b.npz", 7, "a name \u202e of\ntwo lines");
        Assert.Equal(@"a\u001B.npz: at byte 7: a name \u202E of two lines", damage.Message);
        Assert.Equal("a.npz: found at byte 7: trouble; expected arrays.",
            new InputException("a.npz", new InvalidFileException("a.npz", 7, "trouble").Message, "arrays").Message);
    }
}
