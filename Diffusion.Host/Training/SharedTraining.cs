using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Training;

/// <summary>A run that several processes train: what they have to agree on before its first step.</summary>
/// <param name="source">What is trained, as it was typed.</param>
/// <param name="options">What was asked for besides.</param>
internal sealed class SharedTraining(RecipeSource source, TrainOptions options)
{
    // So many divide well among the usual numbers of processes.
    private const int UsualShards = 8;

    /// <summary>The recipe of a new run, divided into shards where several processes train it and nobody said into how many.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="processes">How many there are.</param>
    public Recipe Sharded(Recipe recipe, int processes)
    {
        var shards = Max(UsualShards, processes);
        return processes == 1 || recipe.Length.Shards > 1 || recipe.Length.Batch % shards != 0 || !int.IsPow2(processes)
            || options.Changes.Any(change => change.Path == "length.shards")
            ? recipe : recipe with { Length = recipe.Length with { Shards = shards } };
    }

    /// <summary>On rank 0, once it has the images: has the others open theirs, and refuses other ones.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="place">Where a folder's images are; null where that follows from the recipe.</param>
    /// <param name="data">The images.</param>
    /// <exception cref="DisagreementException">A rank has another recipe, or other images.</exception>
    public void Lead(Recipe recipe, string? place, TrainingData data)
    {
        if (!World.Current.HasFollowers())
            return;
        new Order(OrderKind.Images, 0, new JsonObject
        {
            ["recipe"] = JsonNode.Parse(RecipeText.Write(recipe)),
            ["place"] = place,
        }.ToJsonString()).Give(World.Current);
        Agree(IsOwn ? RecipeText.Write(recipe) : "", data);
    }

    /// <summary>On the other ranks: opens the images, and takes part until the run is done.</summary>
    /// <exception cref="DisagreementException">The own recipe, or the own images, are not those of rank 0.</exception>
    public void Follow(Session session)
    {
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var order = Order.Next(World.Current);
        if (order.Kind != OrderKind.Images)
            throw new FollowerReleasedException();
        var asked = JsonNode.Parse(order.Text) ?? throw new JsonException("There is nothing.");
        var recipe = RecipeText.Read(asked["recipe"]!.ToJsonString(), "rank 0");
        using var data = RunSetup.Images(recipe, options with { Data = (string?)asked["place"] }, session);
        Agree(IsOwn ? RecipeText.Write(Sharded(
            RunSetup.NewRecipe(source, options, machine, data.Train.Provenance), World.Current.Size)) : "", data);
        new Follower(World.Current, machine.Device, session.Stopping) { Data = data }.Serve();
    }

    // A run that is gone on with is rank 0's to open, and so are the weights of another run.
    private bool IsOwn => options is { Resume: null, From: null } && source is RecipeSource.BuiltIn or RecipeSource.File;

    private static void Agree(string recipe, TrainingData data)
    {
        Agreement.Require(World.Current, "recipe", recipe);
        Agreement.Require(World.Current, "hash of the images", data.Train.Provenance.Sha256);
    }
}
