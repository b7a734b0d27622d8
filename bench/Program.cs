using System.Runtime.InteropServices;

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
        var (options, mistakes) = OptionsReader.Read(args);
        if (options is null)
        {
            foreach (var mistake in mistakes) Console.Error.WriteLine(mistake);
            return 2;
        }
        UseFewThreads(options.Threads);
        using var stop = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // end the round, report what there is, exit by ourselves
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        return await Run(options, Console.Out, Console.Error, stop.Token);
    }

    internal static async Task<int> Run(Options options, TextWriter output, TextWriter progress, CancellationToken stop)
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
                    foreach (var sample in await workload.Round(target, round, stop))
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
        _ => new ConnectionsRun(options, progress),
    };

    /// <summary>Answers are handled on the thread that polls the sockets: half the cost per request, and nothing here blocks it. Read by the runtime when the first socket is made.</summary>
    private static void UseFewThreads(int threads)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
