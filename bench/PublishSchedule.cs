using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansInbox.Bench;

/// <summary>An open loop: number n is due at start + n / rate, whatever the server does. A server that stalls finds all that came due meanwhile, and its answers count from when they were due (no coordinated omission).</summary>
internal sealed class PublishSchedule(int rate, long total, long warmup)
{
    private long _start;
    private long _sent;

    /// <summary>How late the generator itself was; when this is large, the other times are not the server's.</summary>
    public Histogram Late { get; } = new();

    public long Total => total;

    /// <summary>How many came due before the run was stopped.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public bool IsMeasured(long number) => number >= warmup;

    /// <summary>In ticks of <see cref="Stopwatch"/>.</summary>
    public long Due(long number) => Volatile.Read(ref _start) + (long)(number * ((double)Stopwatch.Frequency / rate));

    /// <summary>Calls <paramref name="send"/> for every number when it is due, on a thread of its own; it must not block.</summary>
    public Task Run(Action<long> send, Action measuring, CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Loop(send, measuring, stop);
                done.SetResult();
            }
            catch (Exception e) // nobody else would hear of it
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "publish schedule" }.Start();
        return done.Task;
    }

    private void Loop(Action<long> send, Action measuring, CancellationToken stop)
    {
        Volatile.Write(ref _start, Stopwatch.GetTimestamp() + Stopwatch.Frequency / 100);
        for (var number = 0L; number < total && !stop.IsCancellationRequested; number++)
        {
            var due = Due(number);
            for (long left; (left = due - Stopwatch.GetTimestamp()) > 0 && !stop.IsCancellationRequested;) Wait(left);
            if (number == warmup) measuring();
            if (number >= warmup) Late.RecordTicks(Stopwatch.GetTimestamp() - due);
            send(number);
            Interlocked.Increment(ref _sent);
        }
    }

    /// <summary>Thread.Sleep knows whole milliseconds only, and spinning would take a core from the server.</summary>
    private static void Wait(long ticks)
    {
        var nanoseconds = Math.Min((long)(ticks * (1e9 / Stopwatch.Frequency)), 50_000_000);
        var time = new TimeSpec { Seconds = 0, Nanoseconds = (nint)nanoseconds };
        _ = NanoSleep(in time, IntPtr.Zero);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "nanosleep"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpec time, IntPtr left);
}
