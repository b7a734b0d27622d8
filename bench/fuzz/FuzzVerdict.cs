using System.Globalization;

namespace OrleansInbox.Fuzz;

/// <summary>What was sent, what came back, and what must not have.</summary>
internal sealed class FuzzVerdict(int seed)
{
    private const int _shown = 20;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _statuses = [];
    private readonly List<string> _faults = [];
    private long _faultCount;
    private long _requests;

    public long Requests => Volatile.Read(ref _requests);
    public int Probes { get; private set; }
    public IReadOnlyList<string> Faults => _faults;
    public bool Held => _faultCount == 0;

    /// <summary>Memory and handles of the server after a quarter and at the end; null when it is not ours.</summary>
    public string? Footprint { get; set; }

    /// <summary>Calls of the server to its endpoint.</summary>
    public long Webhooks { get; set; }

    public void Sent(int requests) => Interlocked.Add(ref _requests, requests);

    public void Answered(int status)
    {
        lock (_lock) _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
    }

    public void Probed()
    {
        lock (_lock) Probes++;
    }

    public void IsFaulty(string what)
    {
        lock (_lock)
            if (++_faultCount <= _shown) _faults.Add($"fault: {what}");
    }

    public override string ToString()
    {
        lock (_lock)
            return string.Create(CultureInfo.InvariantCulture, $"{(Held ? "HELD" : "NOT HELD")}: seed {seed}, {Requests} requests, {Probes} probes, {Webhooks} webhooks, {_faultCount} faults; answers {string.Join(' ', _statuses.Select(s => $"{s.Key}:{s.Value}"))}{Footprint}");
    }
}
