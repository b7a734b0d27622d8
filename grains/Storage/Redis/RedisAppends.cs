using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>
/// Group commit across inboxes: the batches that wait while scripts are under way go together with the next one. A script that comes alone keeps Redis busy for
/// 32 µs, of which the XADD is 6.6.
/// </summary>
internal sealed class RedisAppends(RedisConnection redis, TimeSpan lifetime)
{
    /// <summary>While Redis works on one script the next is on its way.</summary>
    private const int _maxUnderWay = 2;
    private const int _maxBatches = 128;
    private const int _maxBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly long _lifetime = (long)lifetime.TotalMilliseconds;
    private Queue<Waiting> _waiting = new();
    private int _underWay;

    public Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch)
    {
        var waiting = new Waiting(inbox, batch);
        if (redis.IsCluster)
        {
            // A script may touch one hash slot only. An inbox has one batch under way, so that there are no more of these than inboxes that are written to.
            _ = SendAlone(waiting);
            return waiting.Task;
        }
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_underWay >= _maxUnderWay) return waiting.Task;
            _underWay++;
        }
        _ = SendAll();
        return waiting.Task;
    }

    /// <summary>One script after the other; never throws. No await comes back to the grain whose call began it.</summary>
    private async Task SendAll()
    {
        while (Take() is { } together)
        {
            try
            {
                if (together.Count > 1 && await redis.HasSlots().ConfigureAwait(false)) // that was not known when they came
                {
                    foreach (var one in together) _ = SendAlone(one);
                    continue;
                }
                var (keys, values) = Arguments(together);
                Answered(together, await redis.Write(RedisScript.Append, keys, values).ConfigureAwait(false));
            }
            catch (Exception failure)
            {
                foreach (var waiting in together) waiting.TrySetException(failure);
                FailWaiting();
            }
        }
    }

    private async Task SendAlone(Waiting one)
    {
        try
        {
            List<Waiting> alone = [one];
            var (keys, values) = Arguments(alone);
            Answered(alone, await redis.Write(RedisScript.Append, keys, values).ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            one.TrySetException(failure);
        }
    }

    private static void Answered(List<Waiting> together, RedisResult result)
    {
        var answers = (RedisResult[])result!;
        for (var i = 0; i < together.Count; i++) together[i].Answered((RedisResult[])answers[i]!);
    }

    private List<Waiting>? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _underWay--;
                return null;
            }
            var together = new List<Waiting>(Math.Min(_waiting.Count, _maxBatches));
            for (var bytes = 0; together.Count < _maxBatches && bytes < _maxBytes && _waiting.TryDequeue(out var next);)
            {
                together.Add(next);
                foreach (var entry in next.Batch.Entries) bytes += entry.Json.Length;
            }
            return together;
        }
    }

    /// <summary>Redis does not answer: those that were not sent are told at once, instead of after a time-out each.</summary>
    private void FailWaiting()
    {
        Queue<Waiting> waiting;
        lock (_lock) (waiting, _waiting) = (_waiting, new());
        foreach (var unsent in waiting) unsent.TrySetException(new StorageUnavailableException("Redis does not answer; nothing was sent."));
    }

    private (RedisKey[], RedisValue[]) Arguments(List<Waiting> together)
    {
        var (keyCount, valueCount) = (0, 2);
        foreach (var waiting in together)
        {
            keyCount += waiting.Keys;
            valueCount += 6 + waiting.Batch.Entries.Count * (waiting.HasWaiting ? 8 : waiting.IsRich ? 6 : 2);
        }
        var (keys, values, k, v) = (new RedisKey[keyCount], new RedisValue[valueCount], 0, 1); // [0] is the connection's: not after
        values[v++] = _lifetime;
        foreach (var one in together)
        {
            var (inbox, batch, rich) = (one.Inbox, one.Batch, one.IsRich);
            keys[k++] = RedisKeys.Log(inbox);
            if (rich) (keys[k++], keys[k++]) = (RedisKeys.Expiries(inbox), RedisKeys.Collapse(inbox));
            if (one.HasWaiting) (keys[k++], keys[k++], keys[k++]) = (RedisKeys.Waiting(inbox), RedisKeys.Due(inbox), RedisKeys.WaitingKeys(inbox));
            values[v++] = batch.Epoch;
            values[v++] = batch.Head;
            values[v++] = batch.TrimBefore;
            values[v++] = batch.Writer;
            values[v++] = batch.Entries.Count;
            values[v++] = (rich ? 1 : 0) + (IsFirstOfDay(batch) ? 2 : 0) + (MayHaveLostItsEnd(batch) ? 4 : 0) + (one.HasWaiting ? 8 : 0);
            foreach (var entry in batch.Entries)
            {
                values[v++] = entry.Json;
                values[v++] = entry.CreatedAt.ToUnixTimeMilliseconds();
                if (!rich) continue;
                if (entry.IdempotencyKey is { } key) keys[k++] = RedisKeys.Idempotency(inbox, key);
                values[v++] = entry.IdempotencyKey is null ? 0 : (long)(entry.KeyLife ?? InboxLimits.IdempotencyWindow).TotalMilliseconds;
                values[v++] = entry.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0;
                values[v++] = entry.KeyHash ?? "";
                values[v++] = entry.CollapseKey ?? "";
                if (!one.HasWaiting) continue;
                values[v++] = entry.WaitingId ?? "";
                values[v++] = string.Join('\n', entry.Checks.Select(static check => string.Create(CultureInfo.InvariantCulture, $"{check.Id} {check.DueAt.ToUnixTimeMilliseconds()} {check.Options}")));
            }
        }
        return (keys, values);
    }

    /// <summary>
    /// The log's time to live is renewed by the first append of a day, so that the others write one command; and by each append whose time stands still, because
    /// then the clock was set back and a day may last long.
    /// </summary>
    private static bool IsFirstOfDay(LogBatch batch) =>
        batch.Entries[^1].CreatedAt == batch.LastCreatedAt || batch.Entries[^1].CreatedAt.UtcDateTime.Date != batch.LastCreatedAt.UtcDateTime.Date;

    /// <summary>Redis refuses an id that is not above the last one. One that leaves a gap is refused too where the log may have lost its end since it was read.</summary>
    private bool MayHaveLostItsEnd(LogBatch batch) => redis.CanFailOver || redis.SetBackAt is { } setBack && !(batch.LastCreatedAt >= setBack);

    private sealed class Waiting : TaskCompletionSource<IReadOnlyList<LogOutcome>>
    {
        public Waiting(string inbox, LogBatch batch) : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            (Inbox, Batch, Keys) = (inbox, batch, 1);
            foreach (var entry in batch.Entries)
            {
                if (entry is { IdempotencyKey: null, ExpiresAt: null, CollapseKey: null, WaitingId: null, Checks: [] }) continue;
                IsRich = true;
                HasWaiting |= entry is not { CollapseKey: null, WaitingId: null, Checks: [] };
                if (entry.IdempotencyKey is not null) Keys++;
            }
            if (IsRich) Keys += 2;
            if (HasWaiting) Keys += 3;
        }

        public string Inbox { get; }
        public LogBatch Batch { get; }

        /// <summary>Has keys or expiries.</summary>
        public bool IsRich { get; }

        /// <summary>Has to look at what waits, too.</summary>
        public bool HasWaiting { get; }

        public int Keys { get; }

        public void Answered(RedisResult[] answer)
        {
            var first = answer.Length > 0 ? (string)answer[0]! : "";
            if (first.StartsWith("CONFLICT", StringComparison.Ordinal))
                TrySetException(new LogConflictException("Somebody else wrote to this log: " + first));
            else if (first.StartsWith("REFUSED", StringComparison.Ordinal))
                TrySetException(new StorageUnavailableException("Redis refused: " + first));
            else
                TrySetResult(Outcomes(answer));
        }

        private LogOutcome[] Outcomes(RedisResult[] answers)
        {
            var outcomes = new LogOutcome[Batch.Entries.Count];
            var head = Batch.Head;
            for (var i = 0; i < outcomes.Length; i++)
            {
                var answer = i < answers.Length ? (string)answers[i]! : "0";
                if (answer == "0" || answer.StartsWith('='))
                {
                    outcomes[i] = new(++head, Batch.Entries[i].CreatedAt, Replayed: false) { Replaced = answer == "0" ? null : long.Parse(answer.AsSpan(1), CultureInfo.InvariantCulture) };
                }
                else
                {
                    outcomes[i] = answer == "-" ? LogOutcome.NotWaiting : RedisKnown.Parse(answer);
                }
            }
            return outcomes;
        }
    }
}
