using System.Diagnostics;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.Samples.Ingest;

/// <summary>samples/ingest: what each publisher writes to Redis is in the inbox, as HTTP shows it.</summary>
public sealed class PublisherTests
{
    private const string Title = """He said "hello" \ ünïcödé 🎉""";

    [Fact]
    public async Task What_publishers_of_each_language_write_is_in_the_inbox()
    {
        await using var redis = await RedisServer.Start();
        await using var server = await ApiServer.Start(redis.Address, settings: ["Ingest:Streams:0=inbox-in:{default}:0"]);
        List<(string Program, string Sample)> publishers = [("bash", "publish.sh"), ("node", "publish.mjs"), ("python3", "publish.py")];
        publishers.RemoveAll(publisher => publisher.Program != "bash" && !IsHere(publisher.Program));
        foreach (var (program, sample) in publishers)
            for (var i = 0; i < 2; i++) // the second one has the same key
                await Run(redis, program, sample, "ann", sample, $"{Title} {sample}");

        List<string> titles = [];
        await Eventually.Is(async () =>
        {
            var page = await ApiFixture.Body(await server.Publisher().GetAsync(ApiFixture.Path("ann")));
            titles = [.. page["items"]!.AsArray().Select(item => item!["title"]!.GetValue<string>())];
            return titles.Count >= publishers.Count;
        }, "the notifications to be in the inbox");
        Assert.Equal(publishers.Select(publisher => $"{Title} {publisher.Sample}").Reverse(), titles);
    }

    private static async Task Run(RedisServer redis, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.Combine(Checkout.Root, "samples", "ingest"), RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDIS"] = redis.Address;
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }

    private static bool IsHere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
