using System.Runtime.CompilerServices;

namespace Orleans.InProcess;

/// <summary>Calls that wait for their answer, oldest first. All have the same time-out, so one look at the oldest now and then is enough: no timer per call.</summary>
internal sealed class PendingCalls(TimeProvider time, TimeSpan timeout)
{
    private readonly Shard[] _shards = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Shard())];

    public void Add(Call call)
    {
        call.Since = time.GetTimestamp();
        var shard = Of(call);
        lock (shard)
        {
            if (call.IsOver)
                return; // answered meanwhile: its Remove has been here before us
            call.IsListed = true;
            call.Earlier = shard.Last;
            if (shard.Last is null)
                shard.First = call;
            else
                shard.Last.Later = call;
            shard.Last = call;
        }
    }

    public void Remove(Call call)
    {
        var shard = Of(call);
        lock (shard)
        {
            if (!call.IsListed)
                return;
            call.IsListed = false;
            if (call.Earlier is null)
                shard.First = call.Later;
            else
                call.Earlier.Later = call.Later;
            if (call.Later is null)
                shard.Last = call.Earlier;
            else
                call.Later.Earlier = call.Earlier;
            (call.Earlier, call.Later) = (null, null);
        }
    }

    public void FailOverdue()
    {
        foreach (var shard in _shards)
        {
            while (Volatile.Read(ref shard.First) is { } oldest && time.GetElapsedTime(oldest.Since) >= timeout)
            {
                oldest.Fail(new TimeoutException($"No answer within {timeout} to {oldest.Rules.Name} of {oldest.Target.GrainId}; it may have been done all the same."));
                Remove(oldest);
            }
        }
    }

    private Shard Of(Call call) => _shards[(uint)RuntimeHelpers.GetHashCode(call) % (uint)_shards.Length];

    private sealed class Shard
    {
        public Call? First;
        public Call? Last;
    }
}
