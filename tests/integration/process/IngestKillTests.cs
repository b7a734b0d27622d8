using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansInbox.Tests.Processes;

/// <summary>kill -9 of a server that reads a stream, again and again: each entry is there once, and in order for each user.</summary>
public sealed class IngestKillTests
{
    private const int Count = 2_000;
    private const int Users = 20;

    [Fact]
    public async Task Killed_while_it_reads_a_stream_it_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        await using var publisher = await StreamPublisher.Connect(redis);
        await publisher.Add(0, Count, Users);
        string[] arguments = ["--ConnectionStrings:Redis", redis.Address, "--Ingest:Streams:0", StreamPublisher.Stream, "--Ingest:Batch", "100"];
        await using (var killed = await ServerProcess.Start(folder.FullName, arguments))
        {
            await publisher.Falls(to: Count - 200); // two batches, and in the middle of another
            await killed.Kill();
        }
        Assert.NotEqual(0, await publisher.Length()); // else it proves nothing
        await using var server = await ServerProcess.Start(folder.FullName, arguments);
        await publisher.Drained();
        using var http = server.Publisher();
        for (var user = 0; user < Users; user++)
        {
            using var page = await http.GetFromJsonAsync<JsonDocument>($"v1/users/user-{user}/notifications?limit=100&status=all");
            var titles = page!.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString());
            Assert.Equal(Enumerable.Range(0, Count).Where(n => n % Users == user).Select(n => $"{n}").Reverse(), titles);
            Assert.Equal(JsonValueKind.Null, page.RootElement.GetProperty("next").ValueKind);
        }
    }
}
