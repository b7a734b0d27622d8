using System.Runtime.InteropServices;

namespace OrleansInbox.Chaos;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Any(a => a is "--help" or "-h"))
        {
            Console.WriteLine(ChaosOptions.Help);
            return 0;
        }
        var (options, mistake) = ChaosOptions.Read(args);
        if (options is null)
        {
            Console.Error.WriteLine(mistake);
            return 2;
        }
        using var stop = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // everything that was started is ended first
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        if (Directory.Exists(options.Folder)) Directory.Delete(options.Folder, recursive: true);
        Directory.CreateDirectory(options.Folder);
        using var history = new History(Path.Combine(options.Folder, "history.jsonl"));
        var run = new Run(options, history, Console.Error);
        try
        {
            await run.Go(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("interrupted: no verdict");
            return 2;
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 2;
        }
        var verdict = Checker.Check(history.All, mayLeaveOut: options.RedisCluster);
        foreach (var flaw in verdict.Flaws) Console.WriteLine(flaw);
        foreach (var line in Figures.Lines(history.All, run.QuietFrom, run.QuietUntil)) Console.WriteLine(line);
        Console.WriteLine($"{(verdict.IsExact ? "EXACT" : "NOT EXACT")}: {run.Kills} kills, {verdict.Acknowledged} acknowledged, {verdict.Delivered} delivered; "
            + $"lost {verdict.Lost}, doubled {verdict.Doubled}, misordered {verdict.Misordered}, wrong counts, flags or views {verdict.Wrong}");
        return verdict.IsExact ? 0 : 1;
    }
}
