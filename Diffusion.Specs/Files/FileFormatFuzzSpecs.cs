using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged files of which nobody says what they are.</summary>
public sealed class FileFormatFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Files_of_any_format_are_recognised_or_refused() =>
        Tell(new Fuzz([.. Real("*.safetensors"), .. Real("*.npz"), .. Real("*.pth")], PickleWords, (file, _) =>
        {
            FileFormats.Describe(file);
            return 0;
        }));

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
