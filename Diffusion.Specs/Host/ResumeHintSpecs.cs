using System.Net;
using System.Text.RegularExpressions;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>What is needed to go on with a run is remembered or printed.</summary>
public sealed class ResumeHintSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("runs/a-b_1.2", "runs/a-b_1.2")]
    [InlineData("my runs", "'my runs'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("a$b", "'a$b'")]
    [InlineData("~a", "'~a'")]
    [InlineData("Läufe", "'Läufe'")]
    public void A_word_is_quoted_where_a_shell_needs_it(string word, string quoted) => Assert.Equal(quoted, ResumeLine.Quoted(word));

    [Fact]
    public void The_line_holds_the_settings_that_the_run_does_not_remember() => Assert.Equal(
        "diffusion mnist-cfg --resume 'my runs/a' --inception 'w x.pth' --device cpu --threads 2 --offline --checkpoint-every " +
            "5 --keep 1 --tensorboard",
        ResumeHint.Of("my runs/a", new()
        {
            Verb = "mnist-cfg", Data = "d", Inception = "w x.pth", Device = DeviceChoice.Cpu, Threads = 2,
            Downloads = DownloadPolicy.Offline, CheckpointEvery = 5, Keep = 1, Events = EventFiles.TensorBoard,
        }));

    [Fact]
    public void A_run_remembers_where_its_images_are_and_says_where_they_have_moved()
    {
        Assert.DoesNotContain("which were in", _run.GoOn("--steps", "7"), StringComparison.Ordinal);

        var (old, now) = (_run.Place["photos"], _run.Place["elsewhere"]);
        Directory.Move(old, now);
        Assert.Equal($"{old}: found nothing; the images of the run were there; expected the images, or --data DIR with their new folder",
            _run.Refusal("--steps", "8"));
        Assert.Contains($"the images of the run, formerly in {old}, are read from {now}", _run.GoOn("--steps", "8", "--data", now),
            StringComparison.Ordinal);
        Assert.DoesNotContain("which were in", _run.GoOn("--steps", "9"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_remembers_that_images_are_skipped()
    {
        Directory.Delete(_run.Folder, recursive: true);
        File.WriteAllText(_run.Place["photos/all/bad.png"], "no image");
        _run.Begin(SmallRun.Recipe, "--skip-bad");
        var said = _run.GoOn("--steps", "7");
        Assert.Contains("checkpoints: after evaluations only; --checkpoint-every N", said, StringComparison.Ordinal);
        _run.Succeeds("report", _run.Folder);
        Assert.Contains(" --skip-bad", File.ReadAllText(_run.Place["run/report.html"]), StringComparison.Ordinal);
        _run.Succeeds("train", _run.Place["run/recipe.json"], "--out", _run.Place["again"], "--device", "cpu", "--threads", "1");
    }

    [Fact]
    public void Images_that_moved_with_the_run_are_found()
    {
        foreach (var name in new[] { "run", "photos" })
            Directory.Move(_run.Place[name], _run.Place[$"else where/{name}"]);
        var said = _run.Succeeds("train", "--resume", _run.Place["else where/run"], "--steps", "7", "--threads", "1");
        Assert.Contains($"are read from {_run.Place["else where/photos"]}", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_images_are_refused_wherever_they_are()
    {
        File.WriteAllBytes(_run.Place["photos/all/200.png"], Encoded.AsPng(Encoded.Plain(8, 8, 1, 2, 3)));
        Assert.Contains("which the recipe was made for", _run.Refusal("--steps", "8"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_of_the_report_page_works_as_it_is_pasted()
    {
        _run.Succeeds("report", _run.Folder);
        // No longer beside its images, so that the page alone says where they are.
        File.Delete(_run.Place["run/data.json"]);
        string[] lines = [.. Regex.Matches(File.ReadAllText(_run.Place["run/report.html"]), "<code>(diffusion .*?)</code>")
            .Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];
        Assert.Equal(["report", "sample", "train", "train"], lines.Select(line => line.Split(' ')[1]).Order());
        Assert.All(lines.Where(line => line.Contains("train", StringComparison.Ordinal)),
            line => Assert.EndsWith("--device cpu --threads 1", line, StringComparison.Ordinal));
        foreach (var line in lines.Where(line => !line.Contains("--resume", StringComparison.Ordinal)))
            _run.Succeeds([.. SmallRun.Pasted(line).Select(word => word == "samples.png" ? _run.Place["samples.png"] : word)]);
        Assert.Equal(_run.Weights(6), Checkpoint.Read(Path.Combine(_run.Folder + "-again", "checkpoint", "step-000000006")).Files
            .First(file => file.Name == "weights.safetensors").Sha256);
    }

    [Fact]
    public void Weights_alone_are_refused_in_a_sentence()
    {
        Directory.Delete(_run.Folder, recursive: true);
        using var network = new UNet(SmallRun.Recipe.Network, new Seed(1));
        new CheckpointStore(_run.Place["run/checkpoint"]).Save(network, SmallRun.Recipe);
        File.WriteAllText(_run.Place["run/recipe.json"], RecipeText.Write(SmallRun.Recipe));
        Assert.Equal(
            $"{_run.Folder}: found weights only, as written by import, ema and export; expected a run trained by this program; " +
                $"a new run begins with such weights: diffusion train --from {_run.Folder}",
            _run.Refusal());
    }

    [Fact]
    public void A_run_of_another_recipe_is_refused_with_the_way_to_go_on()
    {
        var refusal = _run.Fails("cifar10", "--resume", _run.Folder, "--threads", "1");
        Assert.StartsWith($"{_run.Folder}: found a run of small; expected one of cifar10", refusal, StringComparison.Ordinal);
        _run.Succeeds(SmallRun.Pasted(refusal));
    }
}
