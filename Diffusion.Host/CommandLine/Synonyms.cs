using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>Words of other programs, for which a hint names the word of this one.</summary>
internal static class Synonyms
{
    // What other programs call it: the word that is meant, and what to type.
    private static readonly Dictionary<string, (string Word, string Hint)> Known = Table(
        ("gpu nvidia gpu:0", "cuda", "cuda"),
        ("none", "cpu", "cpu"),
        ("generate generation draw", "sample", "sample"),
        ("evaluate eval measure kid is metrics", "fid", "fid"),
        ("resume continue", "train", "train --resume RUN"),
        ("inpaint inpainting repaint sdedit img2img", "edit", "edit"),
        ("slerp", "interpolate", "interpolate"),
        ("nll bpd elbo", "likelihood", "likelihood"),
        ("posthoc-ema post-hoc-ema", "ema", "ema"),
        ("-n --n --num --num-samples --n-samples --samples --number", "--count", "--count"),
        ("--lr --learning-rate --learning_rate", "--set", "--set optimiser.rate.peak=1e-4"),
        ("--batch-size --batch_size --bs", "--batch", "--batch"),
        ("--num-steps --n-steps --num-inference-steps --timesteps --nfe", "--steps", "--steps"),
        ("--cfg --cfg-scale --guidance_scale", "--guidance-scale", "--guidance-scale"),
        ("--output-dir --outdir --save", "--out", "--out"),
        ("--clip-denoised --clip_denoised --clip", "--clipping", "--clipping clip"),
        ("--image-size --resolution", "--size", "--size"),
        ("--scale --enlarge --dpi", "--zoom", "--zoom"),
        ("--class --classes", "--label", "--label"),
        ("--dtype --precision", "--set", "--set precision=bfloat16"),
        ("--continue --restart", "--resume", "--resume"));

    /// <summary>"; did you mean x?" for a synonym or the nearest word, or nothing where there is neither.</summary>
    public static string Among(IEnumerable<string> words, string typed) => Among(words.Select(word => (word, word)), typed);

    /// <summary>The same where a word leads to another one, as a former name to the present one.</summary>
    public static string Among(IEnumerable<(string Typed, string Meant)> words, string typed)
    {
        var known = words.ToList();
        return Known.TryGetValue(typed.ToLowerInvariant(), out var synonym) && known.Any(word => word.Meant == synonym.Word)
            ? $"; did you mean {synonym.Hint}?"
            : Suggestion.Among(known, typed);
    }

    private static Dictionary<string, (string Word, string Hint)> Table(params (string Others, string Word, string Hint)[] rows) =>
        rows.SelectMany(row => row.Others.Split(' ').Select(other => (other, (row.Word, row.Hint)))).ToDictionary();
}
