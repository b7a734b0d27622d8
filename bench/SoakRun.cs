using System.Diagnostics;
using System.Globalization;

namespace OrleansInbox.Bench;

/// <summary>
/// A mixed load by the clock for a long time: publishes, lists, filters, searches, marks, what is taken back, and streams that come and go. Each minute it says
/// how much memory and how many open files the server has.
/// </summary>
internal sealed class SoakRun(Options options, Action<string> progress) : IWorkload, IStreamListener
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly string[] _lists = ["limit=20", "limit=20&status=unread", "limit=20&status=all&type=comment.created", "limit=20&q=queues", "limit=20&status=archived"];
    private static readonly string[] _marks = ["read", "unread", "archive", "unarchive", "seen"];
    private const double MiB = 1024 * 1024;

    private long _events;
    private long _ended;

    public string MainFigure => "rssEndMiB";

    public async Task<IReadOnlyList<Sample>> Round(Target target, int round, CancellationToken stop)
    {
        var sample = new Sample();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        enough.CancelAfter(options.Seconds);
        var work = Enumerable.Range(0, options.Connections).Select(i => Task.Run(() => Ask(target, new Random(i), sample, enough.Token), stop))
            .Append(Task.Run(() => Come(target, sample, enough.Token), stop)).ToArray();
        await Watch(target, sample, enough.Token);
        await Task.WhenAll(work);
        sample["events"] = Interlocked.Read(ref _events);
        sample.Failed("stream ended by the server", Interlocked.Read(ref _ended));
        return [sample];
    }

    public void Event(int stream, ReadOnlySpan<byte> data, long at) => Interlocked.Increment(ref _events);

    public void Ended(int stream, Exception reason) => Interlocked.Increment(ref _ended);

    private async Task Ask(Target target, Random dice, Sample sample, CancellationToken enough)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds((double)options.Connections / options.Rate));
        using var connection = await HttpConnection.Open(target, options.Timeout);
        var number = 0;
        while (await Tick(clock, enough))
        {
            var (what, request) = Next(target, User(dice), dice, ++number);
            try
            {
                var status = await connection.Exchange(request).AsTask().WaitAsync(options.Timeout, CancellationToken.None);
                if (status is < 200 or > 299) sample.Failed($"{what}: status {status}");
            }
            catch (Exception e) when (Sample.IsWire(e) || e is TimeoutException)
            {
                sample.Failed(e);
                return;
            }
            lock (sample) sample[what] = sample.Figures.GetValueOrDefault(what) + 1;
        }
    }

    private static (string What, byte[] Request) Next(Target target, string user, Random dice, int number) => dice.Next(100) switch
    {
        < 44 => ("publishes", Requests.Publish(target, user, number, Requests.Mark(0, number))),
        < 70 => ("lists", Requests.Get(target, $"/v1/users/{user}/notifications?{_lists[dice.Next(_lists.Length)]}")),
        < 80 => ("counts", Requests.Get(target, $"/v1/users/{user}/counts")),
        _ => ("marks", Requests.Post(target, $"/v1/users/{user}/notifications/{_marks[dice.Next(_marks.Length)]}", """{"all":true}""")),
    };

    /// <summary>One stream after the other is closed, and another one opened.</summary>
    private async Task Come(Target target, Sample sample, CancellationToken enough)
    {
        var dice = new Random(options.Connections);
        var open = new Queue<LiveStream>();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var number = 0; await Tick(clock, enough); number++)
        {
            try
            {
                open.Enqueue(await LiveStream.Open(target, User(dice), number, this, options.Timeout));
            }
            catch (Exception e) when (Sample.IsWire(e))
            {
                sample.Failed(e);
            }
            if (open.Count > options.Streams) open.Dequeue().Dispose();
            lock (sample) sample["streams"] = number;
        }
        foreach (var stream in open) stream.Dispose();
    }

    private async Task Watch(Target target, Sample sample, CancellationToken enough)
    {
        var began = Stopwatch.GetTimestamp();
        using var clock = new PeriodicTimer(options.Seconds < 2 * _minute ? options.Seconds / 3 : _minute);
        var rss = new List<double>();
        while (await Tick(clock, enough))
        {
            rss.Add(ProcessTree.Memory(target.Pids).Rss / MiB);
            var files = target.Pids.Sum(OpenFiles);
            sample["openFiles"] = files;
            progress(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} min: RSS {rss[^1]:0} MiB, {files} open files"));
        }
        if (rss.Count == 0) return;
        sample["rssBeginMiB"] = rss[0];
        sample["rssMiddleMiB"] = rss[rss.Count / 2];
        sample["rssEndMiB"] = rss[^1];
    }

    private string User(Random dice) => options.User("soak", dice.Next(options.Users));

    private static int OpenFiles(int pid) => Directory.Exists($"/proc/{pid}/fd") ? Directory.GetFiles($"/proc/{pid}/fd").Length : 0;

    private static async Task<bool> Tick(PeriodicTimer clock, CancellationToken enough)
    {
        try
        {
            return await clock.WaitForNextTickAsync(enough);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
