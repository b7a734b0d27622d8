using System.Runtime.InteropServices;
using OrleansInbox.Bench.Comparisons;

namespace OrleansInbox.Bench;

/// <summary>Verbs, rounds, exit codes; what is measured and how stands in the runs.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Length == 0 || args.Any(a => a is "--help" or "-h"))
        {
            Console.WriteLine(OptionsReader.Help());
            return args.Length == 0 ? 2 : 0;
        }
        if (args[0] == "compare") return Refused(ComparisonOptions.Read(args[1..], out var comparison)) ?? await WithSignals(1, stop => Comparison.Run(comparison, Console.Out, Console.Error, stop));
        var (options, mistakes) = OptionsReader.Read(args);
        return Refused(mistakes) ?? await WithSignals(options!.Threads, stop => Run(options, Console.Out, Console.Error, stop));
    }

    private static int? Refused(IReadOnlyList<string> mistakes)
    {
        foreach (var mistake in mistakes) Console.Error.WriteLine(mistake);
        return mistakes.Count > 0 ? 2 : null;
    }

    private static async Task<int> WithSignals(int threads, Func<CancellationToken, Task<int>> run)
    {
        UseFewThreads(threads);
        using var stop = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // end the round, report what there is, exit by ourselves
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        return await run(stop.Token);
    }

    /// <param name="restart">Gives a target that was started afresh, before each of its rounds.</param>
    internal static async Task<int> Run(Options options, TextWriter output, TextWriter progress, CancellationToken stop, Func<Target, Task<Target>>? restart = null)
    {
        var workload = Create(options, progress.WriteLine);
        var report = new Report(options, workload.MainFigure);
        var interrupted = false;
        try
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var target in options.Targets)
                {
                    var server = restart is null ? target : await restart(target);
                    // A fresh server is in its first round each time.
                    foreach (var sample in await workload.Round(server, restart is null ? round : 0, stop))
                    {
                        report.Add(target, sample);
                        progress.WriteLine(Report.Round(target, round, sample));
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            interrupted = true;
            progress.WriteLine("interrupted");
        }
        foreach (var line in report.Lines(interrupted)) output.WriteLine(line);
        return interrupted ? 130 : report.HasErrors ? 1 : 0;
    }

    private static IWorkload Create(Options options, Action<string> progress) => options.Verb switch
    {
        Verb.Publish => new PublishRun(options),
        Verb.Fanout => new FanoutRun(options, progress),
        Verb.List => new ListRun(options, progress),
        Verb.Connections => new ConnectionsRun(options, progress),
        Verb.Idle => new IdleRun(options),
        Verb.Ingest => new IngestRun(options),
        Verb.Scan => new ScanRun(options, progress),
        Verb.Topics => new TopicsRun(options, progress),
        _ => new SoakRun(options, progress),
    };

    /// <summary>Answers are handled on the thread that polls the sockets: half the cost per request, and nothing here blocks it. Read by the runtime when the first socket is made.</summary>
    private static void UseFewThreads(int threads)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
