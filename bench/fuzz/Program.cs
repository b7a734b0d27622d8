using System.Runtime.InteropServices;

namespace OrleansInbox.Fuzz;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Any(a => a is "--help" or "-h"))
        {
            Console.WriteLine(FuzzOptions.Help);
            return 0;
        }
        var (options, mistake) = FuzzOptions.Read(args);
        if (options is null)
        {
            await Console.Error.WriteLineAsync(mistake);
            return 2;
        }
        using var stop = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // the server that was started is ended first
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            var verdict = await FuzzRun.Go(options, Console.Error, stop.Token);
            foreach (var fault in verdict.Faults) Console.WriteLine(fault);
            Console.WriteLine(verdict);
            return verdict.Held ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted: no verdict");
            return 2;
        }
        catch (InvalidOperationException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 2;
        }
    }
}
