using System.Runtime.InteropServices;

namespace OrleansInbox.Samples.GithubDemo;

internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        var code = await Run(arguments, Environment.GetEnvironmentVariable(Options.KeyVariable), Console.Out, Console.Error, terminal: !Console.IsOutputRedirected, cancellation.Token);
        return (int)code;

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true; // ends after the line is finished
            cancellation.Cancel();
        }
    }

    public static async Task<ExitCode> Run(
        IReadOnlyList<string> arguments, string? keyVariable, TextWriter output, TextWriter error, bool terminal, CancellationToken cancellation)
    {
        if (arguments.Contains("--help") || arguments.Contains("-h"))
        {
            await output.WriteLineAsync(Options.Help);
            return ExitCode.Done;
        }
        var (options, mistakes) = Options.Read(arguments, keyVariable);
        if (options is null)
        {
            foreach (var mistake in mistakes) await error.WriteLineAsync($"github-demo: {mistake}");
            return ExitCode.WrongArguments;
        }
        try
        {
            return await new Demo(options, output, error, terminal, TimeProvider.System).Run(cancellation);
        }
        catch (DemoException failure)
        {
            await error.WriteLineAsync($"github-demo: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }
}
