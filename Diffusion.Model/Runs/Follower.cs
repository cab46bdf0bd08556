using System.Diagnostics;
using System.Globalization;
using Diffusion.Math.Json;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>A process other than rank 0: does what that one says, and writes nothing.</summary>
/// <param name="processes">The processes.</param>
/// <param name="device">Where this one's tensors live.</param>
/// <param name="stopping">Ends the drawing of samples early; whatever else is asked for is done, so that rank 0 can save the run.</param>
public sealed class Follower(ICommunicator processes, torch.Device device, CancellationToken stopping)
{
    /// <summary>The images of a run; null where nothing is trained.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>Works until rank 0 is done.</summary>
    public void Serve()
    {
        using var models = new OpenModels(device);
        while (Order.Next(processes) is { Kind: not OrderKind.End } order)
        {
            switch (order.Kind)
            {
                case OrderKind.Train:
                    Train(UnionJson.Read<Recipe>(order.Text));
                    break;
                case OrderKind.Messages:
                    MessageTrial.Measured(processes, (int)order.Number);
                    break;
                default:
                    Draw(order, models.Find);
                    break;
            }
        }
    }

    private void Train(Recipe recipe)
    {
        var data = Data ?? throw new InvalidOperationException("There are no images to train on.");
        using var run = TrainingRun.Unfilled(recipe, data.Train, device, data.Test);
        while (Order.Next(processes) is { Kind: not OrderKind.Done } order)
            Do(order, run, data);
    }

    private void Do(Order order, TrainingRun run, TrainingData data)
    {
        switch (order.Kind)
        {
            case OrderKind.Advance:
                run.Advance();
                break;
            case OrderKind.Renew:
                run.GoOnBy(UnionJson.Read<Recipe>(order.Text));
                break;
            case OrderKind.Gather:
                run.State.Whole(new((int)order.Number)).Dispose();
                break;
            case OrderKind.Scatter:
                run.State.Replace(new((int)order.Number), _ => { });
                break;
            case OrderKind.Counters:
                run.ContinueFrom(order.Number, int.Parse(order.Text, CultureInfo.InvariantCulture));
                break;
            case OrderKind.Finite:
                run.State.AreFinite();
                break;
            case OrderKind.Average when order.Number == 0 && run.Network is UNet:
                TrainedModel.OfRun(run, data.Train.Provenance.Shape, model => DrawUntilDone(_ => model));
                break;
            case OrderKind.Average:
                run.WithEma((int)order.Number, (torch.nn.Module _) => DrawUntilDone(_ => throw new UnreachableException()));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private int DrawUntilDone(Func<string?, TrainedModel> open)
    {
        var drawn = 0;
        for (; Order.Next(processes) is { Kind: not OrderKind.Done } order; drawn++)
            Draw(order, open);
        return drawn;
    }

    private void Draw(Order order, Func<string?, TrainedModel> open)
    {
        var asked = SharedDraw.Parse(order.Text);
        using var sampler = new ModelSampler(open(asked.Checkpoint), asked.Request);
        sampler.Follow((int)order.Number, stopping);
    }

    // A sweep asks for many samples of one model, or of a few.
    private sealed class OpenModels(torch.Device device) : IDisposable
    {
        private readonly Dictionary<string, TrainedModel> _models = new(StringComparer.Ordinal);

        public TrainedModel Find(string? checkpoint)
        {
            var place = checkpoint ?? throw new InvalidOperationException("There is no run to draw samples from.");
            if (!_models.TryGetValue(place, out var model))
                _models[place] = model = TrainedModel.Open(place, device, _ => { });
            return model;
        }

        public void Dispose()
        {
            foreach (var model in _models.Values)
                model.Dispose();
        }
    }
}
