using Diffusion.Host.Models;
using Diffusion.Host.Samplers;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Host;

public sealed class SmallExportSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    private string Small => Path.Combine(_run.Place.Path, "small");

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Its_weights_are_those_of_the_run_rounded_to_bfloat16()
    {
        Export();
        using var scope = torch.NewDisposeScope();
        using var own = TrainedModel.Open(_run.Folder, torch.CPU, _ => Assert.Fail());
        using var small = TrainedModel.Open(Small, torch.CPU, _ => Assert.Fail());
        Assert.Equal((own.Recipe, own.Updates, own.Shape), (small.Recipe, small.Updates, small.Shape));
        foreach (var ((name, expected), (_, found)) in own.Network.named_parameters().Zip(small.Network.named_parameters()))
        {
            Assert.Equal(torch.float32, found.dtype);
            Assert.True(found.eq(expected.to(torch.bfloat16).to(torch.float32)).all().item<bool>(), name);
        }
    }

    [Fact]
    public void It_takes_half_the_bytes_of_an_EMA_and_keeps_recipe_and_report()
    {
        Export();
        var (own, small) = (Directory.GetFiles(_run.Folder, "average-0.*", SearchOption.AllDirectories).Max()!,
            Directory.GetFiles(Small, "average-0.*", SearchOption.AllDirectories).Single());
        Assert.InRange(new FileInfo(small).Length, 1, 0.8 * new FileInfo(own).Length);
        foreach (var name in new[] { "recipe.json", "report.csv" })
            Assert.Equal(File.ReadAllText(Path.Combine(_run.Folder, name)), File.ReadAllText(Path.Combine(Small, name)));
        Assert.Empty(Directory.GetFiles(Small, "optimiser.*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Samples_are_drawn_from_it_and_no_run_is_resumed()
    {
        Export();
        _run.Succeeds("sample", Small, "--count", "2", "--device", "cpu", "--threads", "1", "--out", _run.Place["small.png"]);
        Assert.Contains("weights only", _run.Fails("train", "--resume", Small, "--device", "cpu", "--threads", "1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_not_written_into_a_run()
    {
        Export();
        foreach (var place in new[] { Small, _run.Folder })
            Assert.EndsWith("found an earlier run; expected a new or empty folder", _run.Fails(
                "export", Small == place ? _run.Folder : Small, place, "--to", "run"), StringComparison.Ordinal);
        Assert.EndsWith("found an earlier run; expected a new or empty folder",
            _run.Fails("train", "mnist", "--offline", "--dry-run", "--out", Small), StringComparison.Ordinal);
        var sub = Path.Combine(_run.Folder, "sub");
        Assert.Contains("a place inside the exported run", _run.Fails("export", _run.Folder, sub, "--to", "run"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(sub));
    }

    [Theory]
    [InlineData("pth")]
    [InlineData("safetensors")]
    public void A_folder_that_is_missing_is_named_as_it_was_typed(string form)
    {
        var place = Path.Combine(_run.Place.Path, "nowhere", $"mine.{form}");
        Assert.Equal($"{place} cannot be written: there is no folder {Path.GetDirectoryName(place)}",
            _run.Fails("export", _run.Folder, place, "--to", form));
    }

    [OrdinaryUserFact]
    public void A_folder_that_may_not_be_written_to_is_no_partial_one()
    {
        if (OperatingSystem.IsWindows())
            return;
        var closed = Directory.CreateDirectory(_run.Place["closed/"]).FullName;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var place = Path.Combine(closed, "exported");
        Assert.Equal($"{place} cannot be written: no permission", _run.Fails("export", _run.Folder, place, "--to", "diffusers"));
    }

    [Fact]
    public void A_run_whose_checkpoints_are_all_damaged_says_so_once()
    {
        foreach (var file in Directory.GetFiles(_run.Place["run/checkpoint"], "average-0.*", SearchOption.AllDirectories))
            File.WriteAllText(file, "damaged");
        var (_, said) = _run.Run("sample", _run.Folder, "--device", "cpu", "--threads", "1", "--out", _run.Place["x.png"]);
        Assert.StartsWith($"error: {_run.Folder}: found a run without an intact checkpoint (", said, StringComparison.Ordinal);
        Assert.DoesNotContain("using the previous", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_do_not_come_among_other_images()
    {
        string[] sampling = ["--device", "cpu", "--threads", "1", "--count", "1"];
        Assert.Contains("found a folder that holds other files",
            _run.Fails(["sample", _run.Folder, "-o", _run.Place["photos"], .. sampling]), StringComparison.Ordinal);
        Directory.CreateDirectory(_run.Place["drawn"]);
        _run.Succeeds(["sample", _run.Folder, "-o", _run.Place["drawn"], .. sampling]);
        _run.Succeeds(["sample", _run.Folder, "-o", _run.Place["drawn"], "--first", "1", .. sampling]);
        _run.Succeeds(["sample", _run.Folder, "-o", _run.Place["photos/"], .. sampling]);
        Assert.Contains("expected a sheet of at most 268 million pixels",
            _run.Fails("sample", _run.Folder, "--count", "1000000000", "-o", _run.Place["c.png"]), StringComparison.Ordinal);
        // More pixels than a whole number of 64 bits counts.
        foreach (var size in new[] { "200000x100000", "2147483647" })
            Assert.Contains("expected smaller images, as this is a sample that takes at least ", _run.Fails(
                ["sample", _run.Folder, "--size", size, "-o", _run.Place["c.npz"], .. sampling]), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => SheetRoom.Require(4, new(1, int.MaxValue, int.MaxValue), null));
    }

    [Fact]
    public void A_folder_that_holds_something_is_left_alone()
    {
        File.WriteAllText(_run.Place["small/mine.txt"], "mine");
        Assert.Contains("found a folder that holds other files",
            _run.Fails("export", _run.Folder, Small, "--to", "run"), StringComparison.Ordinal);
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(Small).Select(path => Path.GetFileName(path)));
    }

    private void Export() => _run.Succeeds("export", _run.Folder, Small, "--to", "run");
}

public sealed class CarriedModelSpecs
{
    public static TheoryData<string> Names => [.. CarriedModels.Names, .. CarriedModels.Classifiers];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_is_a_whole_run_folder_of_at_most_6_MB(string name)
    {
        var folder = CarriedModels.Resolve(name);
        Assert.True(CarriedModels.Owns(folder));
        Assert.Equal((name, "."), (CarriedModels.NameOf(folder), CarriedModels.ResultsOf(folder)));
        var header = CheckpointHeaderOf(folder);
        Assert.True(header.Updates > 0);
        Assert.InRange(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 1, 6_000_000);
        Assert.True(File.Exists(Path.Combine(folder, "report.csv")));
        Assert.NotNull(header.Recipe.Data.Sha256);
    }

    [Fact]
    public void None_of_them_can_be_trained_on_but_a_new_run_begins_with_it()
    {
        Assert.Equal("digits: found a model that comes with the program, its weights alone; expected the folder of a run; "
            + "train --from digits begins a run with its weights.",
            Assert.Throws<InputException>(() => CarriedModels.RequireRun("digits")).Message);
        CarriedModels.RequireRun("runs/digits");
    }

    // What the studio shows beside its rows of samples.
    [Theory]
    [InlineData("digits")]
    [InlineData("objects")]
    public void A_sweep_over_guidance_comes_with_it_and_is_of_its_weights(string name)
    {
        var folder = CarriedModels.Resolve(name);
        var weights = CheckpointHeaderOf(folder).Files.Single(file => file.Name == Checkpoint.EmaName(0)).Sha256[..12];
        var rows = ReportTable.Read(Path.Combine(folder, "guidance.csv")).Under(["method", "w", "samples"]).Rows.ToArray();
        Assert.Equal("real images, held out", rows[0][0]);
        Assert.True(rows.Length >= 6);
        Assert.All(rows[1..], row => Assert.Contains($" weights {weights} ", row[2], StringComparison.Ordinal));
    }

    [Fact]
    public void The_digits_are_drawn_by_their_name_and_recognised_by_the_feature_network()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TrainedModel.Open(CarriedModels.Resolve("digits"), torch.CPU, _ => Assert.Fail());
        using var sampler = new ModelSampler(model, new() { Steps = 8, Seed = 1 });
        using var extractor = FeatureExtractor.Small(SmallNetwork.For(model.Shape)!, torch.CPU);
        var samples = sampler.Draw(20);
        using var input = new EvaluationInput.OfTensor(samples, sampler.LabelOf);
        using var features = input.Measure(extractor, [.. new AccuracyMetric().OfSamples], new());
        Assert.InRange(new AccuracyMetric().Between(features, features).Values[0], 0.85, 1);
    }

    // Independent of the model: the feature network has seen no sample of it.
    [Fact]
    public void The_objects_are_drawn_by_their_name_and_mostly_recognised()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TrainedModel.Open(CarriedModels.Resolve("objects"), torch.CPU, _ => Assert.Fail());
        using var sampler = new ModelSampler(model, new() { Steps = 8, Seed = 1 });
        using var extractor = FeatureExtractor.Small(SmallNetwork.For(model.Shape)!, torch.CPU);
        using var input = new EvaluationInput.OfTensor(sampler.Draw(30), sampler.LabelOf);
        using var features = input.Measure(extractor, [.. new AccuracyMetric().OfSamples], new());
        Assert.InRange(new AccuracyMetric().Between(features, features).Values[0], 0.5, 1);
    }

    [Fact]
    public void The_classifier_reads_digits_through_noise_and_belongs_to_the_model_that_it_steers()
    {
        using var scope = torch.NewDisposeScope();
        using var classifier = TrainedClassifier.Open(CarriedModels.ResolveClassifier("digits"), torch.CPU, _ => Assert.Fail());
        using var model = TrainedModel.Open(CarriedModels.Resolve("digits"), torch.CPU, _ => Assert.Fail());
        new SteeringChoice(classifier, 1, null).RefuseUnlessFor(model);
        // Held-out digits, at timestep 200 of 1000.
        using var digits = Dataset.Mnist.Sample(Split.Test);
        using var clean = Pixels.ToNumbers(digits.Images.narrow(0, 0, 200));
        var level = model.Recipe.Schedule.At(200);
        using var noised = clean.Times(level.Alpha).Plus(
                torch.randn(clean.shape, generator: new torch.Generator(1, torch.CPU)).Times(level.Sigma));
        using var guess = classifier.Network.forward(noised, torch.full(200, Number.Of(200), torch.float32)).argmax(1);
        Assert.InRange(guess.eq(digits.Labels.narrow(0, 0, 200)).to(torch.float32).mean().item<float>(), 0.93, 1);
    }

    [Theory]
    [InlineData("digits-classifier")]
    [InlineData("digits")]
    [InlineData("mnist")]
    public void A_classifier_is_named_by_itself_or_by_the_model_that_it_steers(string word)
    {
        Assert.Equal("digits-classifier", CarriedModels.NameOf(CarriedModels.ResolveClassifier(word)));
        Assert.DoesNotContain("digits-classifier", CarriedModels.Names);
    }

    [Theory]
    [InlineData("mnist", "digits")]
    [InlineData("cifar10", "objects")]
    public void The_name_of_a_data_set_means_the_model_of_its_images(string set, string name)
    {
        Assert.Equal(CarriedModels.Resolve(name), CarriedModels.Resolve(set));
        using var model = TrainedModel.Open(CarriedModels.Resolve(set), torch.CPU, _ => Assert.Fail());
        Assert.Equal(set, model.Recipe.Data.Set);
    }

    [Fact]
    public void They_are_16_MB_together_at_most() => Assert.InRange(CarriedModels.Names.Concat(CarriedModels.Classifiers).Sum(name =>
        Directory.GetFiles(CarriedModels.Resolve(name), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length)),
        1, 16_000_000);

    [Fact]
    public void A_word_that_is_none_of_their_names_is_a_path() =>
        Assert.Equal(("runs/try", "runs/try", "runs/try"),
            (CarriedModels.Resolve("runs/try"), CarriedModels.NameOf("runs/try"), CarriedModels.ResultsOf("runs/try")));

    private static CheckpointHeader CheckpointHeaderOf(string folder) =>
        new CheckpointStore(Path.Combine(folder, CheckpointStore.FolderName))
            .Open(CheckpointUse.Sample, damage => Assert.Fail(damage))!.Header;
}
