using Diffusion.Math.Values;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Model.Images;

namespace Diffusion.Host.Samplers;

/// <summary>What a command answers about an image that it has written.</summary>
public static class SheetAnswer
{
    /// <summary>Tells a person or a script.</summary>
    /// <param name="file">The image.</param>
    /// <param name="session">Receives the events.</param>
    /// <param name="samples">How many images were made.</param>
    public static void Answer(this SheetFile file, Session session, int samples)
    {
        var json = new JsonObject { ["file"] = file.Path, ["samples"] = samples };
        foreach (var (name, text) in file.Facts)
            json[name] = name is "step" or "seed" or "first" ? NumberText.Whole(text) : text;
        if (file.Request is not null)
            json[SheetFile.RequestNote] = file.Request.DeepClone();
        session.Answer($"{file.Path}: {Counted.Of(samples, "sample")}; {file.FactsText}", json);
    }
}
