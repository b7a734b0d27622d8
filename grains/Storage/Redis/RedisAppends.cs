using System.Globalization;
using StackExchange.Redis;

namespace OrleansInbox.Storage.Redis;

/// <summary>Appends batches of several inboxes with one script.</summary>
internal sealed class RedisAppends(RedisConnection redis, TimeSpan lifetime) : RedisGroup<RedisAppends.Waiting, IReadOnlyList<LogOutcome>>(redis, maxUnderWay: 2, maxTogether: 128)
{
    private readonly long _lifetime = (long)lifetime.TotalMilliseconds;

    public Task<IReadOnlyList<LogOutcome>> Append(string inbox, LogBatch batch) => Add(new(inbox, batch));

    protected override int BytesOf(Waiting item) => item.Batch.Entries.Sum(static entry => entry.Json.Length);

    protected override async Task Send(List<Waiting> together)
    {
        var (keys, values) = Arguments(together);
        var answers = (RedisResult[])(await Redis.Write(RedisScript.Append, keys, values).ConfigureAwait(false))!;
        for (var i = 0; i < together.Count; i++) together[i].Answered((RedisResult[])answers[i]!);
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
    private bool MayHaveLostItsEnd(LogBatch batch) => Redis.CanFailOver || Redis.SetBackAt is { } setBack && !(batch.LastCreatedAt >= setBack);

    internal sealed class Waiting : TaskCompletionSource<IReadOnlyList<LogOutcome>>
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
