using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>Words of other programs, for which a hint names the word of this one.</summary>
internal static class Synonyms
{
    // What other programs call it, with dashes for underscores; the word that must be there for the hint to be of use, or none; the hint.
    private static readonly Sequence<(string Others, string Word, string Hint)> Table =
    [
        // values
        ("gpu nvidia gpu:0", "cuda", Meant("cuda")),
        ("mps metal rocm hip xpu xla tpu tpu:0", "cuda", "CUDA and the CPU are supported"),
        ("none", "cpu", Meant("cpu")),
        ("euler-a k-euler-a k-euler-ancestral eulera", "euler-ancestral", Meant("euler-ancestral")),
        ("k-euler", "euler", Meant("euler")),
        ("k-heun heun2", "heun", Meant("heun")),
        ("k-lms plms pndm", "lms", Meant("lms")),
        ("dpmpp-2m dpm++-2m dpmpp2m dpmsolver++ dpm-solver++ dpmsolverpp k-dpmpp-2m dpmpp", "dpm++2m", Meant("dpm++2m")),
        ("dpmpp-2m-sde dpm++-2m-sde dpmpp-sde k-dpmpp-2m-sde sde-dpmsolver++", "sde-dpm++2m", Meant("sde-dpm++2m")),
        ("dpmpp-2s dpmpp-2s-a dpmpp2s", "dpm++2s", Meant("dpm++2s")),
        ("dpmpp-3m dpmpp3m", "dpm++3m", Meant("dpm++3m")),
        ("dpmsolver dpm-solver dpm-solver-2", "dpm2m", Meant("dpm2m")),
        ("dpm-solver-3", "dpm3m", Meant("dpm3m")),
        ("squaredcos squared-cos squaredcos-cap-v2 cos", "cosine", Meant("cosine")),
        ("scaled-linear sqrt-linear", "quadratic", Meant("quadratic")),
        ("vpsde", "vp", Meant("vp")),
        ("vesde", "ve", Meant("ve")),
        ("threshold thresholding dynamic-thresholding", "dynamic", Meant("dynamic")),
        // commands
        ("generate generation draw inference", "sample", Meant("sample")),
        ("evaluate eval evaluation test measure metrics kid is fid-score", "fid", Meant("fid")),
        ("resume continue", "train", Meant("train --resume RUN")),
        ("fit", "train", Meant("train")),
        ("inpaint inpainting repaint sdedit img2img", "edit", Meant("edit")),
        ("slerp", "interpolate", Meant("interpolate")),
        ("nll bpd elbo", "likelihood", Meant("likelihood")),
        ("posthoc-ema post-hoc-ema", "ema", Meant("ema")),
        ("ls list runs", "recipes", "recipes lists what can be trained, info RUN describes a run, report RUNS compares runs"),
        ("version", "", "diffusion --version prints it"),
        ("describe inspect show", "info", Meant("info")),
        ("benchmark", "bench", Meant("bench")),
        ("ddpm ddim", "sample", "a sampler is an option: sample RUN --sampler ddim, plan --sampler ddim"),
        // options of sampling
        ("-n --n --num --num-samples --n-samples --nsamples --samples --number --num-images", "--count", Meant("--count")),
        ("--num-steps --n-steps --num-inference-steps --inference-steps --sampling-steps --ddim-steps --timesteps --nfe",
            "--steps", Meant("--steps")),
        ("--cfg --cfg-scale --guidance-scale", "--guidance-scale", Meant("--guidance-scale")),
        ("-w --w --guidance-weight --cfg-weight --guidance-strength", "--guidance", Meant("--guidance")),
        ("--clip-denoised --clip --clip-sample", "--clipping", Meant("--clipping clip")),
        ("--image-size --img-size --resolution --side", "--size", Meant("--size")),
        ("--image-size --img-size --resolution --side --size", "--set",
            "images of a data set have one size; train folder --data DIR --size N scales your own"),
        ("--scale --enlarge --dpi", "--zoom", Meant("--zoom")),
        ("--class --classes --class-label", "--label", Meant("--label")),
        ("--scheduler --method --solver", "--sampler", Meant("--sampler")),
        ("--ckpt --checkpoint --model --model-path --ckpt-path --checkpoint-path --run --weights",
            "RUN", "the run or checkpoint comes first: sample RUN"),
        ("--beta-schedule --noise-schedule", "--schedule", Meant("--schedule")),
        // options of training
        ("--lr --learning-rate", "--set", Meant("--set optimiser.rate.peak=1e-4")),
        ("--batch-size --bs --train-batch-size", "--batch", Meant("--batch")),
        ("--max-steps --num-train-steps --train-steps --iterations --iters --train-num-steps", "--steps", Meant("--steps")),
        ("--num-epochs --n-epochs --max-epochs", "--epochs", Meant("--epochs")),
        ("--ckpt --model --continue --restart --resume-from-checkpoint --resume-from --weights", "--resume", Meant("--resume")),
        ("--save-every --save-interval --checkpoint-interval --checkpointing-steps", "--checkpoint-every", Meant("--checkpoint-every")),
        ("--dtype --precision --mixed-precision --amp --bf16 --fp16", "--set", Meant("--set precision=bfloat16")),
        ("--ema-decay --ema-rate", "--set", Meant("--set ema.0.decay=0.9999")),
        ("--dropout", "--set", Meant("--set network.dropout=0.1")),
        ("--beta-schedule --noise-schedule --schedule", "--set", Meant("--set schedule=cosine")),
        ("--wandb --log-dir --logdir", "--tensorboard", Meant("--tensorboard")),
        ("--config", "RECIPE", "a recipe comes first: train recipe.json"),
        // options of all
        ("--output-dir --outdir --output --out-dir --save --save-dir --results-folder", "--out", Meant("--out")),
        ("--data-dir --dataset --data-path --data-root --train-data-dir --folder", "--data", Meant("--data")),
        ("--gpu --cuda --gpus --use-cuda", "--device", Meant("--device cuda")),
        ("--workers --num-workers --n-workers -j --jobs", "--threads", "there are no loading workers; did you mean --threads?"),
        ("--random-seed --manual-seed", "--seed", Meant("--seed")),
        ("-v -vv --debug", "--verbose", Meant("--verbose")),
        ("-q --silent", "--quiet", Meant("--quiet")),
        ("--version -V", "", "diffusion --version prints the program's"),
    ];

    private static readonly ILookup<string, (string Word, string Hint)> Known = Table
        .SelectMany(row => row.Others.Split(' ').Select(other => (Other: other, row.Word, row.Hint)))
        .ToLookup(row => row.Other, row => (row.Word, row.Hint));

    /// <summary>Every row, for specs.</summary>
    internal static IEnumerable<(string Other, string Word, string Hint)> Rows =>
        Known.SelectMany(group => group.Select(row => (group.Key, row.Word, row.Hint)));

    /// <summary>"; did you mean x?" for a synonym or the nearest word, or nothing where there is neither.</summary>
    public static string Among(IEnumerable<string> words, string typed) => Among(words.Select(word => (word, word)), typed);

    /// <summary>The same where a word leads to another one, as a former name to the present one.</summary>
    public static string Among(IEnumerable<(string Typed, string Meant)> words, string typed)
    {
        var known = words.ToList();
        // -v is a letter of its own and no -V.
        var written = typed.Length == 2 && Known.Contains(typed) ? typed : typed.ToLowerInvariant().Replace('_', '-');
        var hint = Known[written].FirstOrDefault(row => row.Word.Length == 0 || known.Any(word => word.Meant == row.Word)).Hint;
        return hint is null ? Suggestion.Among(known.Where(word => !IsPlaceholder(word.Typed)), typed) : $"; {hint}";
    }

    private static string Meant(string word) => $"did you mean {word}?";

    // RUN stands for an argument, and is no word to type.
    private static bool IsPlaceholder(string word) => word.Length > 0 && word.All(char.IsAsciiLetterUpper);
}
