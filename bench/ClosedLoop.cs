using System.Diagnostics;

namespace OrleansInbox.Bench;

/// <summary>The request that connection number <c>connection</c> sends as its <c>turn</c>-th.</summary>
internal delegate ReadOnlyMemory<byte> NextRequest(int connection, int turn);

/// <summary>Connections that each send the next request as soon as the last is answered: the most that a server takes. Latencies are of answered requests, so they hold for this load only.</summary>
internal sealed class ClosedLoop(Target target, int connections, TimeSpan timeout, NextRequest next)
{
    private enum Phase { Warmup, Measure, Over }

    private readonly Histogram _times = new();
    private volatile Phase _phase = Phase.Warmup;
    private long _left = long.MaxValue;
    private long _answered, _bytesIn, _bytesOut;

    /// <summary>Answers of the measured part so far.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Warms up, then measures for <paramref name="seconds"/> or <paramref name="count"/> requests (0: no limit), whichever is over first.</summary>
    public async Task Run(Sample sample, TimeSpan warmup, TimeSpan seconds, long count, CancellationToken stop)
    {
        var open = new HttpConnection?[connections];
        CpuMeter? cpu = null;
        long began = 0;
        if (warmup == TimeSpan.Zero) Measure();
        var workers = Enumerable.Range(0, connections).Select(i => Task.Run(() => Work(i, open, sample, stop), CancellationToken.None)).ToArray();
        var all = Task.WhenAll(workers);
        try
        {
            if (warmup > TimeSpan.Zero)
            {
                await Task.WhenAny(all, Task.Delay(warmup, stop));
                Measure();
            }
            await Task.WhenAny(all, Task.Delay(seconds, stop));
            _phase = Phase.Over;
            var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
            sample["perSecond"] = Interlocked.Read(ref _answered) / elapsed;
            sample.Times(_times);
            sample["answered"] = _answered;
            sample["seconds"] = elapsed;
            cpu!.Stop(sample, _answered);
        }
        finally
        {
            _phase = Phase.Over;
            await Task.WhenAny(all, Task.Delay(timeout, CancellationToken.None));
            // Whoever still waits has waited longer than an answer may take.
            foreach (var connection in open) connection?.Dispose();
            await all;
        }
        stop.ThrowIfCancellationRequested();
        sample["bytesIn"] = _bytesIn;
        sample["bytesOut"] = _bytesOut;

        void Measure()
        {
            cpu = CpuMeter.Start(target);
            began = Stopwatch.GetTimestamp();
            if (count > 0) Interlocked.Exchange(ref _left, count);
            _phase = Phase.Measure;
        }
    }

    private async Task Work(int index, HttpConnection?[] open, Sample sample, CancellationToken stop)
    {
        for (var turn = 0; _phase != Phase.Over && !stop.IsCancellationRequested; turn++)
        {
            try
            {
                var connection = open[index] ??= await HttpConnection.Open(target, timeout);
                if (Interlocked.Decrement(ref _left) < 0) return;
                var (bytesIn, bytesOut, measured) = (connection.BytesIn, connection.BytesOut, _phase == Phase.Measure);
                var sent = Stopwatch.GetTimestamp();
                var status = await connection.Exchange(next(index, turn));
                if (connection.Closes) Drop(open, index);
                if (status is < 200 or > 299) sample.Failed($"status {status}");
                else if (measured && _phase == Phase.Measure)
                {
                    _times.RecordTicks(Stopwatch.GetTimestamp() - sent);
                    Interlocked.Increment(ref _answered);
                    Interlocked.Add(ref _bytesIn, connection.BytesIn - bytesIn);
                    Interlocked.Add(ref _bytesOut, connection.BytesOut - bytesOut);
                }
            }
            catch (Exception e) when (Sample.IsWire(e))
            {
                sample.Failed(e);
                Drop(open, index);
                // Not as fast as it can: a server that is away would be all this loop does.
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private static void Drop(HttpConnection?[] open, int index)
    {
        open[index]?.Dispose();
        open[index] = null;
    }
}
