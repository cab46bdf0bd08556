using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Samplers;

namespace Diffusion.Specs.Host;

/// <summary>Words of other programs lead to the words of this one.</summary>
public sealed class SynonymsSpecs
{
    private static readonly HashSet<string> Options =
    [
        .. new Grammar().Verbs.SelectMany(verb => verb.Options.Select(option => option.Name)
            .Concat(verb.Arguments.Select(argument => argument.Name)).Append(verb.Name)),
        .. new Grammar().SharedOptions.Select(option => option.Name),
        .. SamplerCatalogue.Entries.Select(entry => entry.Name), .. NoiseChoice.Schedules.Select(choice => choice.Word),
        .. NoiseChoice.Clippings.Select(choice => choice.Word), "cuda", "cpu",
    ];

    [Theory]
    [InlineData("cifar10 --lr 1e-4", "--set optimiser.rate.peak=1e-4")]
    [InlineData("cifar10 --learning_rate 1e-4", "--set optimiser.rate.peak=1e-4")]
    [InlineData("cifar10 --bs 8", "--batch")]
    [InlineData("cifar10 --batch_size 8", "--batch")]
    [InlineData("cifar10 --gpu 1", "did you mean --device cuda, or cuda:1 for the second one?")]
    [InlineData("cifar10 --cuda", "did you mean --device cuda, or cuda:1 for the second one?")]
    [InlineData("cifar10 --workers 4", "--threads")]
    [InlineData("cifar10 --num_workers=4", "--threads")]
    [InlineData("cifar10 -v", "--verbose")]
    [InlineData("cifar10 --outdir x", "--out")]
    [InlineData("cifar10 --output x", "--out")]
    [InlineData("cifar10 --ckpt x", "--resume")]
    [InlineData("cifar10 --fp16", "--set precision=bfloat16")]
    [InlineData("cifar10 --schedule cosine", "--set schedule=cosine")]
    [InlineData("cifar10 --num_epochs 3", "--epochs")]
    [InlineData("sample a --num 4", "--count")]
    [InlineData("sample a --n 4", "--count")]
    [InlineData("sample a --num-samples 4", "--count")]
    [InlineData("sample a --n_samples 4", "--count")]
    [InlineData("sweep guidance a --weights 0,1", "did you mean --guidance (w), or --guidance-scale (s = 1 + w)?")]
    [InlineData("sweep guidance a --scales 1,2", "did you mean --guidance (w), or --guidance-scale (s = 1 + w)?")]
    [InlineData("sample a --cfg 4", "--guidance-scale")]
    [InlineData("sample a --cfg-scale 4", "--guidance-scale")]
    [InlineData("sample a --guidance-weight 4", "--guidance")]
    [InlineData("sample a --resolution 64", "--size")]
    [InlineData("sample a --image-size 64", "--size")]
    [InlineData("sample a --num-inference-steps 64", "--steps")]
    [InlineData("sample a --timesteps 64", "--steps")]
    [InlineData("sample --ckpt a", "the run or checkpoint comes first: sample RUN")]
    [InlineData("sample --checkpoint a", "the run or checkpoint comes first: sample RUN")]
    [InlineData("sample --model a", "the run or checkpoint comes first: sample RUN")]
    [InlineData("sample a --version", "diffusion --version prints the program's")]
    [InlineData("sample a --scale 4", "did you mean --guidance-scale or --zoom?")]
    [InlineData("vary a eta 0 --scale 4", "did you mean --guidance-scale or --zoom?")]
    [InlineData("sample a --w 4", "--guidance")]
    [InlineData("sample a --ema", "samples are of the EMA")]
    [InlineData("sample a --gif", "--animation -o x.gif")]
    [InlineData("sample a --use_ddim", "--sampler ddim")]
    [InlineData("sample a --timestep_respacing 50", "--spacing")]
    [InlineData("sample a --class_labels 1", "--label")]
    [InlineData("sample a --sampler ddpm-large", "ddpm")]
    [InlineData("sample a --sampler plms", "multistep samplers here are lms")]
    [InlineData("sample a --sampler PNDM", "multistep samplers here are lms")]
    [InlineData("fid a b --isc", "--inception-score")]
    [InlineData("fid a b --prc", "--precision-recall")]
    [InlineData("fid a b --metric fid", "each metric is a flag")]
    [InlineData("sweep guidance a --kid", "--metric NAME")]
    [InlineData("mnist --image-size 64", "the images of this data set have a size")]
    [InlineData("train folder --image-size 64", "--size")]
    [InlineData("mnist --timesteps 500", "--set schedule.count=1000")]
    [InlineData("mnist --ema 0.99", "--set ema.0=0.9999")]
    [InlineData("mnist --class_cond", "--labels")]
    [InlineData("mnist --optimizer adam", "the optimiser is Adam")]
    [InlineData("mnist --weight_decay 0.01", "--set optimiser.weightDecay=0.01")]
    [InlineData("cifar10 --learn_sigma", "the recipe cifar10-hybrid learns variances")]
    [InlineData("mnist-cfg --cfg_dropout 0.1", "--set labels.dropout=0.1")]
    [InlineData("mnist --lr_warmup 100", "--set optimiser.rate.warmup=500")]
    [InlineData("mnist --config x.json", "a recipe is a word of train")]
    [InlineData("train --config x.json", "a recipe comes first: train recipe.json")]
    [InlineData("mnist --set prediction=epsilon", "prediction=noise")]
    [InlineData("mnist --set prediction=v_prediction", "prediction=velocity")]
    [InlineData("mnist --set prediction_type=v", "prediction=velocity")]
    [InlineData("mnist --set lr=1e-4", "optimiser.rate.peak=1e-4")]
    [InlineData("sample a --sampler euler_a", "euler-ancestral")]
    [InlineData("sample a --sampler dpmpp_2m", "dpm++2m")]
    [InlineData("sample a --sampler DPMpp_2M_SDE", "sde-dpm++2m")]
    [InlineData("plan --schedule squaredcos_cap_v2", "cosine")]
    [InlineData("sample a --device mps", "CUDA and the CPU are supported")]
    [InlineData("generate a", "sample")]
    [InlineData("evaluate a", "fid")]
    [InlineData("eval a", "fid")]
    [InlineData("test a", "fid")]
    [InlineData("fid-score a", "fid")]
    [InlineData("resume a", "train --resume RUN")]
    [InlineData("ls", "info RUN describes a run")]
    [InlineData("list", "recipes lists what can be trained")]
    [InlineData("version", "diffusion --version prints it")]
    [InlineData("cifar", "cifar10")]
    [InlineData("cifar-10", "cifar10")]
    [InlineData("train cifar", "cifar10")]
    [InlineData("train cifar-10", "cifar10")]
    public void A_word_of_another_program_leads_to_ours(string line, string hint)
    {
        var reason = Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason;
        Assert.True(reason.EndsWith($"; did you mean {hint}?", StringComparison.Ordinal)
            || (reason.Contains($"; {hint}", StringComparison.Ordinal) || reason.Contains($", {hint}", StringComparison.Ordinal)), reason);
    }

    [Theory]
    [InlineData("mnist --arch unet")]
    [InlineData("interpolate a --lambda 0.5")]
    public void A_word_that_only_looks_like_ours_leads_nowhere(string line) => Assert.DoesNotContain(
        "mean", Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason, StringComparison.Ordinal);

    [Fact]
    public void Every_hint_leads_to_a_word_that_there_is() =>
        Assert.All(Synonyms.Rows.Where(row => row.Word.Length > 0), row => Assert.Contains(row.Word, Options));

    [Fact]
    public void No_hint_is_for_a_word_that_means_the_same_already() =>
        Assert.DoesNotContain(
            Synonyms.Rows, row => row.Other == row.Word && row.Other.StartsWith('-') && row.Word != "--guidance-scale");
}
