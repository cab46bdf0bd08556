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
        ("k-lms", "lms", Meant("lms")),
        ("plms pndm f-pndm ipndm", "unipc", "multistep samplers here are lms, dpm++2m and unipc"),
        ("ddpm-large ddpm-fixed-large ddpmscheduler p-sample", "ddpm", Meant("ddpm")),
        ("ddpm-fixed-small", "ddpm-small", Meant("ddpm-small")),
        ("ancestral", "ddpm", "did you mean ddpm (large variance) or ddpm-small?"),
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
        ("distill distillation progressive-distillation student", "distil", Meant("distil")),
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
        ("--timesteps --num-timesteps --diffusion-steps --num-diffusion-steps --num-train-timesteps", "--set",
            Meant("--set schedule.count=1000")),
        ("--use-ddim --ddim", "--sampler", Meant("--sampler ddim")),
        ("--timestep-respacing --respacing", "--spacing", Meant("--spacing")),
        ("--gif --animate --video --save-gif", "--animation", Meant("--animation -o x.gif")),
        ("--num-steps --n-steps --num-inference-steps --inference-steps --sampling-steps --ddim-steps --timesteps --num-timesteps --nfe",
            "--steps", Meant("--steps")),
        ("--cfg --cfg-scale --guidance-scale", "--guidance-scale", Meant("--guidance-scale")),
        ("-w --w --guidance-weight --cfg-weight --guidance-strength", "--guidance", Meant("--guidance")),
        ("--weights --guidance-weights --strengths --scales --guidance-scales", "guidance|samplers",
            "did you mean --guidance (w), or --guidance-scale (s = 1 + w)?"),
        ("--cfg-rescale --rescale-cfg --guidance-rescale-factor", "--guidance-rescale", Meant("--guidance-rescale")),
        ("--cfg-interval --guidance-limits --limited-interval --guidance-range", "--guidance-interval", Meant("--guidance-interval")),
        ("--cfg-schedule --dynamic-cfg --guidance-weight-schedule", "--guidance-schedule", Meant("--guidance-schedule")),
        ("--autoguide --guiding-model --gnet --bad-model", "--autoguidance", Meant("--autoguidance")),
        ("--negative --negative-label --negative-prompt", "--not", Meant("--not")),
        ("--dynamic-thresholding --thresholding --dynamic-thresholding-ratio", "--clipping", Meant("--clipping dynamic:0.995")),
        ("--clip-denoised --clip --clip-sample", "--clipping", Meant("--clipping clip")),
        ("--image-size --img-size --resolution --side", "--size", Meant("--size")),
        ("--image-size --img-size --resolution --side --size", "--set",
            "the images of this data set have a size; train folder --size N is for your own"),
        ("--scale", "--guidance-scale", "did you mean --guidance-scale or --zoom?"),
        ("--scale --enlarge --dpi", "--zoom", Meant("--zoom")),
        ("--class --classes --class-label --class-labels", "--label", Meant("--label")),
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
        ("--init --init-from --initialize-from --pretrained --pretrained-model --finetune --fine-tune --finetune-from --warm-start",
            "--from", Meant("--from")),
        ("--save-every --save-interval --checkpoint-interval --checkpointing-steps", "--checkpoint-every", Meant("--checkpoint-every")),
        ("--dtype --precision --mixed-precision --amp --bf16 --fp16", "--set", Meant("--set precision=bfloat16")),
        ("--ema-decay --ema-rate --ema", "--set", Meant("--set ema.0=0.9999")),
        ("--ema", "--sampler", "samples are of the EMA; diffusion ema RUN makes one of another length"),
        ("--class-cond --class-conditional --conditional", "--labels", Meant("--labels")),
        ("--optimizer --optimiser --optim", "--set",
            "the optimiser is Adam, with --set optimiser.weightDecay=0.01 AdamW; for Muon --set optimiser.matrices=muon"),
        ("--weight-decay --wd", "--set", Meant("--set optimiser.weightDecay=0.01")),
        ("--learn-sigma --learned-variance", "--set", "the recipe cifar10-hybrid learns variances: train cifar10-hybrid"),
        ("--cfg-dropout --cond-drop-prob --p-uncond --uncond-prob --label-dropout --class-dropout-prob", "--set",
            Meant("--set labels.dropout=0.1")),
        ("--lr-warmup --warmup --warmup-steps --lr-warmup-steps --num-warmup-steps", "--set", Meant("--set optimiser.rate.warmup=500")),
        ("--dropout", "--set", Meant("--set network.residual.dropout=0.1")),
        ("--beta-schedule --noise-schedule --schedule", "--set", Meant("--set schedule=cosine")),
        ("--wandb --log-dir --logdir", "--tensorboard", Meant("--tensorboard")),
        ("--config", "RECIPE", "a recipe comes first: train recipe.json"),
        ("--config --recipe", "--set", "a recipe is a word of train: train recipe.json"),
        // options of measuring
        ("--isc --is", "--inception-score", Meant("--inception-score")),
        ("--prc --prdc --precision --recall", "--precision-recall", Meant("--precision-recall")),
        ("--metric --metrics", "--kid", "each metric is a flag: --kid, --inception-score, --precision-recall; FID is always there"),
        ("--kid --isc --fid --precision-recall --inception-score", "--metric", "did you mean --metric NAME?"),
        // options of all
        ("--output-dir --outdir --output --out-dir --save --save-dir --results-folder", "--out", Meant("--out")),
        ("--data-dir --dataset --data-path --data-root --train-data-dir --folder", "--data", Meant("--data")),
        ("--gpu --cuda --gpus --use-cuda --gpu-id", "--device", "did you mean --device cuda, or cuda:1 for the second one?"),
        ("--workers --num-workers --n-workers -j --jobs", "--threads", "there are no loading workers; did you mean --threads?"),
        ("--random-seed --manual-seed", "--seed", Meant("--seed")),
        ("-v -vv --debug", "--verbose", Meant("--verbose")),
        ("-q --silent", "--quiet", Meant("--quiet")),
        ("--version -V", "", "diffusion --version prints the program's"),
        // Nothing is like these, whatever they look like.
        ("--arch --lambda --lam --lamb", "", ""),
    ];

    // Settings of recipes, with underscores and capitals gone; the last name of a path counts.
    private static readonly Sequence<(string Others, string Path)> Settings =
    [
        ("lr learningrate", "optimiser.rate.peak"), ("wd", "optimiser.weightDecay"), ("batchsize", "length.batch"),
        ("optimizer", "optimiser"), ("betaschedule noiseschedule", "schedule"), ("numtraintimesteps timesteps", "schedule.count"),
        ("predictiontype", "prediction"),
    ];

    private static readonly Sequence<(string Others, string Value)> Predictions =
        [("epsilon eps", "noise"), ("v vprediction vpred", "velocity"), ("sample x0 xstart", "clean")];

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
        return hint is "" ? "" : hint is null ? Suggestion.Among(known.Where(word => !IsPlaceholder(word.Typed)), typed) : $"; {hint}";
    }

    /// <summary>"; did you mean PATH=VALUE?" for a setting of another program's recipes, or nothing.</summary>
    public static string OfSetting(string path, string value)
    {
        string Ours(Sequence<(string Others, string Own)> table, string word) =>
            table.FirstOrDefault(row => row.Others.Split(' ').Contains(Plain(word))).Own ?? word;
        var setting = Ours(Settings, path);
        var own = setting is "prediction" or "prediction.kind" ? Ours(Predictions, value) : value;
        return setting == path && own == value ? "" : $"; {Meant($"{setting}={own}")}";
    }

    private static string Plain(string word) =>
        word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string Meant(string word) => $"did you mean {word}?";

    // RUN stands for an argument, and is no word to type.
    private static bool IsPlaceholder(string word) => word.Length > 0 && word.All(char.IsAsciiLetterUpper);
}
