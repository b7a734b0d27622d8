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

    [Fact]
    public async Task The_Redis_user_of_the_documentation_may_write_to_its_tenant_s_streams_and_nothing_else()
    {
        var line = (await File.ReadAllLinesAsync(Path.Combine(Checkout.Root, "docs", "api.md"))).Single(line => line.Trim().StartsWith("ACL SETUSER", StringComparison.Ordinal));
        await using var redis = await RedisServer.Start();
        string[] admin = ["-e", "-p", $"{redis.Port}"], shop = [.. admin, "--user", "shop", "--pass", "secret", "--no-auth-warning"];
        await Run(redis, "redis-cli", [.. admin, .. line.Trim().Split(' ')]);
        await Run(redis, "redis-cli", [.. shop, "XADD", "inbox-in:{shop}:0", "*", "user", "ann", "notification", "{}"]);
        foreach (var refused in new string[][] { ["XADD", "inbox-in:{default}:0", "*", "a", "b"], ["XRANGE", "inbox-in:{shop}:0", "-", "+"], ["GET", "inbox-in:{shop}:0"] })
            Assert.Contains("NOPERM", await Output(redis, "redis-cli", [.. shop, .. refused], exitCode: 1), StringComparison.Ordinal);
    }

    private static Task<string> Run(RedisServer redis, string program, params string[] arguments) => Output(redis, program, arguments, exitCode: 0);

    private static async Task<string> Output(RedisServer redis, string program, string[] arguments, int exitCode)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.Combine(Checkout.Root, "samples", "ingest"), RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDIS"] = redis.Address;
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == exitCode, said);
        return said;
    }

    private static bool IsHere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
