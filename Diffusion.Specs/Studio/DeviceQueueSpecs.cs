using System.Collections.Concurrent;
using Diffusion.Host.Studio.Web;

namespace Diffusion.Specs.Studio;

/// <summary>One after another, and nobody waits for those who have gone.</summary>
public sealed class DeviceQueueSpecs
{
    [Fact]
    public async Task Ten_clients_are_served_in_turn_on_one_thread()
    {
        using var queue = new DeviceQueue();
        using var gate = new ManualResetEventSlim();
        var (order, threads) = (new ConcurrentQueue<int>(), new ConcurrentBag<int>());
        var work = Enumerable.Range(0, 10).Select(client => queue.Run(_ =>
        {
            gate.Wait();
            order.Enqueue(client);
            threads.Add(Environment.CurrentManagedThreadId);
            return client;
        }, CancellationToken.None)).ToList();
        gate.Set();
        Assert.Equal(Enumerable.Range(0, 10), await Task.WhenAll(work));
        Assert.Equal(Enumerable.Range(0, 10), order);
        Assert.Single(threads.Distinct());
    }

    [Fact]
    public async Task Work_of_a_client_that_goes_away_is_cancelled_and_work_that_waits_is_passed_over()
    {
        using var queue = new DeviceQueue();
        using var leaving = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var passed = false;
        var atWork = queue.Run(stopping =>
        {
            begun.SetResult();
            stopping.WaitHandle.WaitOne();
            stopping.ThrowIfCancellationRequested();
            return 0;
        }, leaving.Token);
        var waiting = queue.Run(_ => passed = true, leaving.Token);
        await begun.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => atWork);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(passed);
        Assert.Equal(7, await queue.Run(_ => 7, CancellationToken.None));
    }

    [Fact]
    public async Task One_who_waits_and_can_no_longer_be_answered_holds_nobody_up()
    {
        using var queue = new DeviceQueue();
        using var gate = new ManualResetEventSlim();
        var first = queue.Run(_ =>
        {
            gate.Wait();
            return 1;
        }, CancellationToken.None);
        var answers = 0;
        var second = queue.Run(
            _ => 2, CancellationToken.None, _ => { if (answers++ > 0) throw new InvalidOperationException("It is gone."); });
        var third = queue.Run(_ => 3, CancellationToken.None);
        gate.Set();
        Assert.Equal((int[])[1, 2, 3], await Task.WhenAll(first, second, third));
    }

    [Fact]
    public async Task More_than_may_wait_are_refused_and_a_failure_is_reported_to_the_one_who_asked()
    {
        using var queue = new DeviceQueue();
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var first = queue.Run<int>(_ =>
        {
            begun.SetResult();
            gate.Wait();
            throw new InvalidOperationException("It failed.");
        }, CancellationToken.None);
        await begun.Task;
        var places = new List<int>();
        var rest = Enumerable.Range(0, DeviceQueue.MostWaiting).Select(_ => queue.Run(_ => 0, CancellationToken.None, places.Add)).ToList();
        Assert.Equal(Enumerable.Range(0, DeviceQueue.MostWaiting), places);
        Assert.Throws<RefusedException>(() => { _ = queue.Run(_ => 0, CancellationToken.None); });
        gate.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Task.WhenAll(rest);
    }
}
