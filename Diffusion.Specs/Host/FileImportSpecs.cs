using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Interchange;
using TorchSharp;

namespace Diffusion.Specs.Host;

public sealed class FileImportSpecs : IDisposable
{
    private static readonly string[] Sampling = ["--count", "1", "--steps", "2", "--device", "cpu", "--threads", "1"];

    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pth")]
    public void A_run_exported_as_one_file_is_imported_by_its_name_draws_the_same_and_is_trained_on(string form)
    {
        var (file, run) = (_run.Place[$"mine.{form}"], Path.Combine(_run.Place.Path, "mine-run"));
        _run.Succeeds("export", _run.Folder, file, "--to", form);
        _run.Succeeds("import", file);
        AssertSame(_run.Folder, run);
        foreach (var (source, samples) in new[] { (_run.Folder, "own.npz"), (run, "again.npz") })
            _run.Succeeds(["sample", source, "-o", _run.Place[samples], .. Sampling]);
        Assert.Equal(ArraysOf("own.npz"), ArraysOf("again.npz"));
        var onward = Path.Combine(_run.Place.Path, "onward");
        _run.Succeeds("train", "--from", run, "--data", _run.Place["photos"], "--steps", "1", "--out", onward, "--threads", "1",
            "--device", "cpu");
        using var trained = TrainedModel.Open(onward, torch.CPU, _ => Assert.Fail());
        using var own = TrainedModel.Open(_run.Folder, torch.CPU, _ => Assert.Fail());
        Assert.Equal((own.Shape, own.Updates), (trained.Shape, trained.Recipe.From?.Steps));
    }

    private byte[] ArraysOf(string name)
    {
        using var arrays = Npz.Open(_run.Place[name]);
        using var images = arrays.Entries[0].Load();
        return [.. images.bytes];
    }

    [Fact]
    public void Bare_weights_of_PyTorch_take_the_recipe_that_is_named()
    {
        using (var model = TrainedModel.Open(_run.Folder, torch.CPU, _ => Assert.Fail()))
            TorchPickleWriter.Write(_run.Place["mine.pth"],
                model.Network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)));
        Assert.Contains("found weights without a recipe; expected --recipe",
            _run.Fails("import", _run.Place["mine.pth"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "mine-run")));
        _run.Succeeds(
            "import", _run.Place["mine.pth"], "--recipe", _run.Place["run/recipe.json"], "-o", Path.Combine(_run.Place.Path, "r"));
        AssertSame(_run.Folder, Path.Combine(_run.Place.Path, "r"), updates: false);
        Assert.StartsWith($"{_run.Place["mine.pth"]}: found ", _run.Fails(
            "import", _run.Place["mine.pth"], "--recipe", "mnist", "-o", Path.Combine(_run.Place.Path, "s")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "s")));
    }

    [Theory]
    [InlineData("diffusion.recipe", "{}", "found a recipe in the metadata that cannot be used: the recipe lacks the field \"name\", "
        + "a text; expected a recipe, or --recipe")]
    [InlineData("diffusion.recipe", "{", "found a recipe in the metadata that cannot be used: the text cannot be read as JSON")]
    [InlineData("Recipe", "{}", "found weights without a recipe: the metadata has 'Recipe', not 'diffusion.recipe'; expected --recipe")]
    [InlineData("diffusion.updates", "many", "found 'many' as diffusion.updates in the metadata; expected a whole number")]
    public void What_is_wrong_with_the_recipe_of_a_file_is_said(string key, string text, string reason)
    {
        using var scope = torch.NewDisposeScope();
        using var model = TrainedModel.Open(_run.Folder, torch.CPU, _ => Assert.Fail());
        var metadata = new Dictionary<string, string>(ModelFile.Metadata(model.Recipe, 3)) { [key] = text };
        if (key == "Recipe")
            metadata.Remove("diffusion.recipe");
        Safetensors.Write(_run.Place["odd.safetensors"],
            model.Network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)), metadata);
        Assert.Contains(reason, _run.Fails("import", _run.Place["odd.safetensors"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "odd-run")));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_neither_imported_nor_exported()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TrainedModel.Open(_run.Folder, torch.CPU, _ => Assert.Fail());
        using (torch.no_grad())
            foreach (var (place, number) in new[] { (0, float.NaN), (3, float.NegativeInfinity) })
                model.Network.get_parameter("conv_in.bias")![place].fill_(Number.Of(number));
        const string Fault = "found 'conv_in.bias' with 2 of 8 numbers that are not finite; expected ";
        Safetensors.Write(_run.Place["broken.safetensors"],
            model.Network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)),
            ModelFile.Metadata(model.Recipe, 3));
        Assert.Contains(Fault, _run.Fails("import", _run.Place["broken.safetensors"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "broken-run")));
        DiffusersFolder.Write(Path.Combine(_run.Place.Path, "broken"), model.Network, model.Recipe, null);
        Assert.Contains(Fault, _run.Fails("import", Path.Combine(_run.Place.Path, "broken")), StringComparison.Ordinal);
        new CheckpointStore(_run.Place["own/checkpoint"]).Save(model.Network, model.Recipe);
        foreach (var form in new[] { "pth", "run", "diffusers" })
        {
            Assert.Contains(Fault, _run.Fails("export", _run.Place["own"], Path.Combine(_run.Place.Path, "out"), "--to", form),
                StringComparison.Ordinal);
            Assert.False(Path.Exists(Path.Combine(_run.Place.Path, "out")));
        }
    }

    [Fact]
    public void A_checkpoint_of_guided_diffusion_becomes_a_run_that_is_sampled_by_any_sampler()
    {
        ForeignModel.Of("openai.json", "guided").Write(_run.Place["guided.pt"]);
        var run = Path.Combine(_run.Place.Path, "guided-run");
        _run.Succeeds("import", _run.Place["guided.pt"], "--as", "guided-diffusion", "--set", "network.heads=null", "--set",
            "network.headChannels=16", "--set", "data.size=8");
        foreach (var sampler in new[] { "ddim", "heun", "dpm++2m" })
            _run.Succeeds(["sample", run, "--sampler", sampler, "--label", "3", "-o", _run.Place[$"{sampler}.png"], .. Sampling]);
        using var model = TrainedModel.Open(run, torch.CPU, _ => Assert.Fail());
        Assert.Equal((5, 16), (model.Classes, model.Recipe.Network.HeadChannels));
    }

    [Fact]
    public void A_checkpoint_of_denoising_diffusion_pytorch_is_sampled_and_comes_back_from_an_export()
    {
        ForeignModel.Of("denoising-diffusion-pytorch.json", "linear_attention").Write(_run.Place["net.pt"]);
        var run = Path.Combine(_run.Place.Path, "net-run");
        _run.Succeeds("import", _run.Place["net.pt"], "--as", "denoising-diffusion-pytorch", "--set", "data.size=8");
        _run.Succeeds(["sample", run, "--sampler", "dpm++2m", "-o", _run.Place["net.png"], .. Sampling]);
        _run.Succeeds("export", run, _run.Place["again.safetensors"], "--to", "safetensors");
        _run.Succeeds("import", _run.Place["again.safetensors"]);
        AssertSame(run, Path.Combine(_run.Place.Path, "again-run"));
        Assert.Contains("found root mean square normalisation; expected a network that diffusers' UNet2DModel can express",
            _run.Fails("export", run, Path.Combine(_run.Place.Path, "folder"), "--to", "diffusers"), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_denoising_diffusion_pytorch_are_guided_edited_and_trained_on()
    {
        ForeignModel.Of("denoising-diffusion-pytorch.json", "classes").Write(_run.Place["net.pt"]);
        var run = Path.Combine(_run.Place.Path, "net-run");
        _run.Succeeds("import", _run.Place["net.pt"], "--as", "denoising-diffusion-pytorch", "--set", "data.size=8");
        _run.Succeeds(["sample", run, "--label", "1", "--guidance", "2", "--guidance-interval", "0.1,9", "--apg", "0",
            "--guidance-rescale", "0.5", "-o", _run.Place["a.png"], .. Sampling]);
        _run.Succeeds(["vary", run, "guidance", "0", "2", "-o", _run.Place["b.png"], .. Sampling]);
        _run.Succeeds("edit", run, _run.Place["photos"], "--mask", "left", "--guidance", "1", "--autoguidance", run, "--count", "1",
            "--steps", "2", "--device", "cpu", "--threads", "1", "-o", _run.Place["c.png"]);
        using var model = TrainedModel.Open(run, torch.CPU, _ => Assert.Fail());
        Assert.Equal((3, 5), (model.Classes, model.Network.Shape.Labels!.Rows + 1));
        var onward = Path.Combine(_run.Place.Path, "onward");
        Assert.Contains("found a network with labels beside the time; expected a network without labels beside the time", _run.Fails(
            "train", _run.Place["run/recipe.json"], "--from", run, "--data", _run.Place["photos"], "--out", onward, "--threads", "1",
            "--device", "cpu"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_EDM2_is_sampled_with_a_label_and_comes_back_from_an_export()
    {
        var run = Path.Combine(_run.Place.Path, "edm2");
        using var answer = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Success, CommandLineApp.Run(["import", Path.Combine(Repository.Golden, "imports", "edm2.pkl"), "-o", run],
            new(answer, TextWriter.Null, Display.Plain), CancellationToken.None));
        Assert.Equal($"{run}: network of EDM2, 11,551 parameters\n", answer.ToString());
        var trained = Path.Combine(_run.Place.Path, "trained");
        string[] training = ["train", "--from", run, "--data", _run.Place["photos"], "--out", trained, "--threads", "1", "--device", "cpu"];
        Assert.Equal("network.labels: found a network that needs a label for every image; expected --labels, which gives it a null label",
            _run.Fails(training));
        Assert.False(Directory.Exists(trained));
        _run.Succeeds(["sample", run, "--label", "2", "-o", _run.Place["edm2.png"], .. Sampling]);
        _run.Succeeds("export", run, _run.Place["mine.safetensors"], "--to", "safetensors");
        _run.Succeeds("import", _run.Place["mine.safetensors"]);
        AssertSame(run, Path.Combine(_run.Place.Path, "mine-run"));
    }

    [Fact]
    public void Its_noisy_classifier_steers_a_model()
    {
        ForeignModel.Of("openai.json", "classifier").Write(_run.Place["classifier.pt"]);
        ForeignModel.Of("openai.json", "guided_new_order").Write(_run.Place["uncond.pt"]);
        string[] as16 = ["--set", "network.headChannels=16", "--set", "data.size=16"];
        _run.Succeeds(["import", _run.Place["classifier.pt"], "--as", "guided-diffusion", .. as16]);
        _run.Succeeds(
            ["import", _run.Place["uncond.pt"], "--as", "guided-diffusion-new-order", "--set", "network.heads=null", .. as16]);
        _run.Succeeds(
            ["sample", Path.Combine(_run.Place.Path, "uncond-run"), "--classifier", Path.Combine(_run.Place.Path, "classifier-run"),
                "--classifier-scale", "2", "--label", "6", "-o", _run.Place["steered.png"], .. Sampling]);
    }

    [Fact]
    public void What_cannot_be_imported_is_named_in_one_line_and_nothing_is_written()
    {
        using var scope = torch.NewDisposeScope();
        TorchPickleWriter.Write(_run.Place["other.pt"], [("encoder.weight", torch.zeros(2, 2))]);
        Assert.Contains("found 1 tensor, such as 'encoder.weight', of an unknown network; expected weights under diffusers' names",
            _run.Fails("import", _run.Place["other.pt"]), StringComparison.Ordinal);
        Assert.StartsWith($"{_run.Place["missing.pt"]}: found no such file or folder; expected a file of weights, or a folder",
            _run.Fails("import", _run.Place["missing.pt"]), StringComparison.Ordinal);
        File.WriteAllText(_run.Place["page.pt"], "<!doctype html>");
        Assert.Contains("a web page instead of the data", _run.Fails("import", _run.Place["page.pt"]), StringComparison.Ordinal);
        Assert.Contains("found a folder; expected a file of weights, which",
            _run.Fails("import", _run.Place.Path, "--as", "guided-imagenet64"), StringComparison.Ordinal);
        Assert.EndsWith("found a run of this program; expected a model of another; sample, edit and train --from take a run",
            _run.Fails("import", _run.Folder), StringComparison.Ordinal);
        Assert.Contains("one is enough", _run.Fails(
            "import", _run.Place["other.pt"], "--as", "guided-imagenet64", "--recipe", "mnist"), StringComparison.Ordinal);
        Assert.Contains("guided-imagenet65 is not a model that import --help lists",
            _run.Fails("import", _run.Place["other.pt"], "--as", "guided-imagenet65"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "other-run")));
    }

    private static void AssertSame(string run, string imported, bool updates = true)
    {
        using var own = TrainedModel.Open(run, torch.CPU, _ => Assert.Fail());
        using var other = TrainedModel.Open(imported, torch.CPU, _ => Assert.Fail());
        Assert.Equal(RecipeText.Write(own.Recipe), RecipeText.Write(other.Recipe));
        Assert.Equal(updates ? own.Updates : 0, other.Updates);
        foreach (var ((name, expected), (_, found)) in own.Network.named_parameters().Zip(other.Network.named_parameters()))
            Assert.True(expected.eq(found).all().item<bool>(), name);
    }
}
