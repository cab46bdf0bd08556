using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Diffusion.Math.Json;

namespace Diffusion.Math.Plans;

/// <summary>The name of a plan by what it does: equal plans have equal hashes, on every machine.</summary>
/// <remarks>
/// SHA-256 of the plan's JSON without white space, fields in the order of the record, numbers rounded to 10 significant digits: logarithms
/// and roots differ in their last bits between systems, and that should not make another plan.
/// </remarks>
public static class PlanHash
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(SamplerPlan plan)
    {
        using var document = JsonDocument.Parse(UnionJson.Write(plan));
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            Write(document.RootElement, json);
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static void Write(JsonElement element, Utf8JsonWriter json)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Write(property.Value, json);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(item, json);
                json.WriteEndArray();
                break;
            case JsonValueKind.Number:
                json.WriteRawValue(element.GetDouble().ToString("G10", CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }
}
