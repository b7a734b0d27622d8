using System.Buffers.Text;
using System.Collections;
using System.Text;

namespace OrleansInbox.Bench;

/// <summary>Compares what was acknowledged with what every stream got. Publish n goes to user n % users, stream i watches user i % users; the publishes of one user go over one connection, so their order is certain.</summary>
internal sealed class DeliveryCheck : IStreamListener
{
    private static readonly byte[] Marker = Encoding.ASCII.GetBytes(Requests.Marker);
    private readonly long _run;
    private readonly int _users;
    private readonly PublishSchedule _schedule;
    private readonly Sample _sample;
    private readonly bool[] _acknowledged;
    private readonly BitArray[] _seen;
    private readonly long[] _last;
    private long _delivered, _measured, _doubled, _misordered, _strayed;

    public DeliveryCheck(long run, int users, int streams, PublishSchedule schedule, Sample sample)
    {
        (_run, _users, _schedule, _sample) = (run, users, schedule, sample);
        _acknowledged = new bool[schedule.Total];
        var perUser = (int)((schedule.Total + users - 1) / users);
        _seen = [.. Enumerable.Range(0, streams).Select(_ => new BitArray(perUser))];
        _last = new long[streams];
        Array.Fill(_last, -1);
    }

    /// <summary>From the scheduled time of the publish to the arrival of its event.</summary>
    public Histogram Times { get; } = new();

    public void Acknowledge(long number) => _acknowledged[number] = true;

    public void Event(int stream, ReadOnlySpan<byte> data, long at)
    {
        if (!TryRead(data, out var run, out var number) || run != _run) return; // ready, marked, another run's
        if (number < 0 || number >= _schedule.Total || number % _users != stream % _users)
        {
            Interlocked.Increment(ref _strayed);
            return;
        }
        var seq = number / _users;
        if (_seen[stream][(int)seq])
        {
            Interlocked.Increment(ref _doubled);
            return;
        }
        _seen[stream][(int)seq] = true;
        if (seq < _last[stream]) Interlocked.Increment(ref _misordered);
        else _last[stream] = seq;
        if (_schedule.IsMeasured(number))
        {
            Times.RecordTicks(at - _schedule.Due(number));
            Interlocked.Increment(ref _measured);
        }
        Interlocked.Increment(ref _delivered);
    }

    public void Ended(int stream, Exception reason) => _sample.Failed(reason);

    /// <summary>Not a matter of how many came: a publish that failed after the server took it is delivered too.</summary>
    public bool IsComplete
    {
        get
        {
            Expected(out var lost);
            return lost == 0;
        }
    }

    /// <summary>Events of the measured part that arrived.</summary>
    public long Measured => Interlocked.Read(ref _measured);

    public void Report()
    {
        var expected = Expected(out var lost);
        _sample["expected"] = expected;
        _sample["delivered"] = _delivered;
        foreach (var (name, times) in new[] { ("lost", lost), ("doubled", _doubled), ("misordered", _misordered), ("strayed", _strayed) })
        {
            _sample[name] = times;
            _sample.Failed(name, times);
        }
    }

    private long Expected(out long lost)
    {
        var expected = 0L;
        lost = 0;
        for (var stream = 0; stream < _seen.Length; stream++)
        {
            var seq = 0;
            for (long number = stream % _users; number < _schedule.Total; number += _users, seq++)
            {
                if (!_acknowledged[number]) continue;
                expected++;
                if (!_seen[stream][seq]) lost++;
            }
        }
        return expected;
    }

    /// <summary>Servers wrap the notification differently, and some drop <c>data</c>; the title they all keep.</summary>
    private static bool TryRead(ReadOnlySpan<byte> data, out long run, out long number)
    {
        (run, number) = (0, 0);
        var at = data.IndexOf(Marker);
        return at >= 0 && Utf8Parser.TryParse(data[(at + Marker.Length)..], out run, out var used) && used == Requests.Digits
            && data[(at + Marker.Length + used + 1)..] is var rest && Utf8Parser.TryParse(rest, out number, out _);
    }
}
