using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged safetensors.</summary>
public sealed class SafetensorsFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_safetensors_are_read_or_refused() => Tell(new Fuzz(
        [.. Enumerable.Repeat(Small, SmallOnes), .. Real("*.safetensors")],
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"\":",
            "\"dtype\":\"F64\",", "\"shape\":[0],", "\"data_offsets\":[0,0]", "\"__metadata__\":{",
        ],
        (file, number) =>
        {
            using var tensors = Safetensors.Open(file);
            _ = tensors.Description;
            return Chosen(tensors.Entries, number).Sum(entry => Touch(tensors.Load(entry.Name)));
        }));

    // A real file has a hundred tensors, and is read as long as a hundred small ones: every eighth is one.
    private const int SmallOnes = 7;

    private static byte[] Small
    {
        get
        {
            var header = """
                {"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
                 "b":{"dtype":"I64","shape":[],"data_offsets":[24,32]},"c":{"dtype":"F16","shape":[4],"data_offsets":[32,40]}}
                """;
            return [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. Enumerable.Repeat((byte)60, 40)];
        }
    }

    [Fact]
    public void Whole_headers_of_damaged_safetensors_are_read_or_refused()
    {
        var whole = Real("*.safetensors")[0];
        var length = (int)BitConverter.ToInt64(whole);
        Tell(new Fuzz(
            [whole[8..(8 + length)]],
            ["{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"\":", "\"dtype\":\"F64\",",
                "\"shape\":[0],"],
            (file, number) =>
            {
                using var tensors = Safetensors.Open(file);
                return Chosen(tensors.Entries, number).Sum(entry => Touch(tensors.Load(entry.Name)));
            }) { Seal = header =>
                [.. BitConverter.GetBytes(header.LongLength), .. header, .. whole.AsSpan(8 + length)], Count = Few, LeastRead = 0.003 });
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
