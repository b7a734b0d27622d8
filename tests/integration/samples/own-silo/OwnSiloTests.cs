using System.Diagnostics;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Samples.OwnSilo;

/// <summary>samples/own-silo: a silo that is not ours, started as its README does, prints what its README says.</summary>
public sealed class OwnSiloTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    [Fact]
    public Task Inboxes_are_in_a_SQLite_file_of_a_foreign_silo() => PrintsWhatItsReadmeSays();

    [Fact]
    public async Task Inboxes_are_in_the_Redis_of_a_foreign_silo()
    {
        await using var redis = await RedisServer.Start();
        await PrintsWhatItsReadmeSays("--Redis", redis.Address);
        Assert.Empty(Directory.GetFileSystemEntries(_data.FullName));
    }

    public void Dispose() => _data.Dispose();

    private async Task PrintsWhatItsReadmeSays(params string[] arguments)
    {
        const string Command = "    dotnet run --project samples/own-silo -- --Data /tmp/shop ";
        var readme = await File.ReadAllLinesAsync(Path.Combine(Checkout.Root, "samples", "own-silo", "README.md"));
        var commands = Enumerable.Range(0, readme.Length).Where(i => readme[i].StartsWith(Command, StringComparison.Ordinal)).ToList();
        Assert.Equal(2, commands.Count);
        foreach (var command in commands)
        {
            var expected = readme.Skip(command + 2).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim());
            Assert.Equal(expected, await Run(["--Data", _data.FullName, .. readme[command][Command.Length..].Split(' '), .. arguments]));
        }
    }

    private static async Task<string[]> Run(string[] arguments)
    {
        string[] ports = ["--SiloPort", $"{FreePort.Next()}", "--GatewayPort", $"{FreePort.Next()}"];
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("OrleansInbox.Samples.OwnSilo"), .. arguments, .. ports]) { WorkingDirectory = Checkout.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
