namespace OrleansInbox.Bench;

/// <summary>Many live streams; opened a few at a time, so that it is not the accept queue that is measured.</summary>
internal sealed class StreamSet : IAsyncDisposable
{
    private const int AtOnce = 32;
    private readonly LiveStream?[] _streams;

    private StreamSet(int count) => _streams = new LiveStream?[count];

    public int Opened { get; private set; }

    /// <summary>Opens what it can; streams that fail are in the sample's errors.</summary>
    public static async Task<StreamSet> Open(Target target, int count, Func<int, string> user, IStreamListener listener, TimeSpan timeout, Sample sample, CancellationToken stop)
    {
        var set = new StreamSet(count);
        var next = -1;
        var opened = 0;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, count)).Select(_ => Task.Run(async () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < count;)
                {
                    stop.ThrowIfCancellationRequested();
                    try
                    {
                        set._streams[i] = await LiveStream.Open(target, user(i), i, listener, timeout);
                        Interlocked.Increment(ref opened);
                    }
                    catch (Exception e) when (Sample.IsWire(e))
                    {
                        sample.Failed(e);
                        if (Volatile.Read(ref opened) == 0) return; // nobody gets in: do not try thousands of times
                    }
                }
            }, stop)));
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
        set.Opened = opened;
        return set;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams) stream?.Dispose();
        await Task.WhenAll(_streams.Select(s => s?.Reading ?? Task.CompletedTask));
    }
}
