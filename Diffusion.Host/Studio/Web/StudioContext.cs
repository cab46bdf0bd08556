using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Model.Checkpoints;

namespace Diffusion.Host.Studio.Web;

/// <summary>What the pages of a studio work with.</summary>
internal sealed class StudioContext : IDisposable
{
    private readonly Lazy<Machine> _machine;
    private readonly DeviceQueue _queue = new();

    /// <summary>Makes the device ready behind the first page.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="session">Who is talked to.</param>
    public StudioContext(StudioOptions options, Session session)
    {
        (Options, Session, Runs) = (options, session, new(options.Runs));
        _machine = new(() => Machine.Ready(session, options.Device, options.Threads));
        Models = new(() => _machine.Value.Device, session.Warn);
        // Whoever computes first learns what is wrong with it.
        _queue.Run(_ => _machine.Value, CancellationToken.None)
            .ContinueWith(ready => ready.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>What was asked for.</summary>
    public StudioOptions Options { get; }

    /// <summary>Who is talked to, and when to stop.</summary>
    public Session Session { get; }

    /// <summary>The runs.</summary>
    public RunsRoot Runs { get; }

    /// <summary>The runs that were begun here.</summary>
    public TrainingProcesses Trainings { get; } = new();

    /// <summary>The open models; to be used within <see cref="OnDevice"/> alone.</summary>
    public ModelShelf Models { get; }

    /// <summary>What is computed on.</summary>
    public Machine Machine => _machine.Value;

    /// <summary>Computes something when its turn comes: one thing at a time.</summary>
    /// <param name="work">The work; its token is cancelled when the client goes away or the studio stops.</param>
    /// <param name="gone">Cancelled when the client goes away.</param>
    /// <param name="ahead">Called with the number of those  before it, whenever that changes.</param>
    public Task<T> OnDevice<T>(Func<CancellationToken, T> work, CancellationToken gone, Action<int>? ahead = null) =>
        _queue.Run(stopping =>
        {
            // On this thread of the queue, too.
            _ = _machine.Value;
            TorchSharp.torch.set_num_threads(_machine.Value.Threads);
            return work(stopping);
        }, gone, ahead);

    /// <summary>The same with the model of a run, or one that the program carries.</summary>
    /// <param name="name">What the studio calls it.</param>
    /// <param name="work">The work.</param>
    /// <param name="gone">Cancelled when the client goes away.</param>
    /// <param name="ahead">Called with the number of those  before it.</param>
    public Task<T> OnModel<T>(
        string name, Func<TrainedModel, CancellationToken, T> work, CancellationToken gone, Action<int>? ahead = null)
    {
        var folder = Runs.FindModel(name);
        return OnDevice(stopping => work(Models.Open(folder), stopping), gone, ahead);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        Trainings.Dispose();
        Models.Dispose();
    }
}
