using System.Diagnostics;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.Samples.DotnetPublisher;

/// <summary>samples/dotnet-publisher is the example of client-dotnet/README.md, and prints what that says.</summary>
public sealed class DotnetPublisherTests
{
    private static readonly string _readme = File.ReadAllText(Path.Combine(Checkout.Root, "client-dotnet", "README.md"));

    [Fact]
    public void The_example_of_the_README_is_the_sample() =>
        Assert.Contains($"```csharp\n{File.ReadAllText(Path.Combine(Checkout.Root, "samples", "dotnet-publisher", "Program.cs"))}```\n", _readme, StringComparison.Ordinal);

    [Fact]
    public async Task It_prints_what_the_README_says()
    {
        await using var server = await ApiServer.Start(redis: null);
        var start = new ProcessStartInfo("dotnet", [Checkout.Program("OrleansInbox.Samples.DotnetPublisher"), server.Address.ToString()]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["INBOX_API_KEY"] = ApiServer.PublisherKey;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output + await error);
        var printed = _readme[_readme.IndexOf("It prints\n", StringComparison.Ordinal)..].Split('\n').Skip(2).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim());
        Assert.Equal(printed, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
