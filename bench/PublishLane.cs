using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace OrleansInbox.Bench;

/// <summary>One connection of an open loop: its publishes go out one after the other, in the order in which they came due; what comes due while one is unanswered waits, and its clock runs.</summary>
internal sealed class PublishLane(Target target, Func<long, byte[]> template, PublishSchedule schedule, DeliveryCheck check, Histogram times, Sample sample, TimeSpan timeout) : IDisposable
{
    // Bounded by the schedule's total. Synchronous: the schedule's thread itself sends when the lane is idle.
    private readonly Channel<long> _due = Channel.CreateUnbounded<long>(new() { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
    private HttpConnection? _connection;
    private volatile bool _disposed;

    public void Send(long number) => _due.Writer.TryWrite(number);

    public void Complete() => _due.Writer.TryComplete();

    public async Task Connect() => _connection = await HttpConnection.Open(target, timeout);

    public async Task Work()
    {
        await foreach (var number in _due.Reader.ReadAllAsync())
        {
            if (_disposed) { sample.Failed("not sent in time"); continue; }
            try
            {
                if (_connection is null) await Connect();
                var status = await _connection!.Exchange(Numbered(template(number), number));
                if (schedule.IsMeasured(number)) times.RecordTicks(Stopwatch.GetTimestamp() - schedule.Due(number));
                if (status is < 200 or > 299) sample.Failed($"status {status}");
                else check.Acknowledge(number);
                if (_connection.Closes) Drop();
            }
            catch (Exception e) when (Sample.IsWire(e))
            {
                sample.Failed(e);
                Drop();
            }
        }
    }

    /// <summary>Writes the number over the template's; the templates of a user belong to one lane, so nobody else writes there.</summary>
    private static byte[] Numbered(byte[] request, long number)
    {
        var digits = request.AsSpan(request.AsSpan().LastIndexOf(MarkerBytes) + MarkerBytes.Length + Requests.Digits + 1, Requests.Digits);
        Utf8Formatter.TryFormat(number, digits, out _, new System.Buffers.StandardFormat('D', Requests.Digits));
        return request;
    }

    private static readonly byte[] MarkerBytes = Encoding.ASCII.GetBytes(Requests.Marker);

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }

    public void Dispose()
    {
        _disposed = true;
        Drop();
    }
}
