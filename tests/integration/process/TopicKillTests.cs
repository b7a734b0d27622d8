using System.Net.Http.Json;
using System.Text.Json;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.Processes;

/// <summary>kill -9 of a server in the middle of a topic's job: the next one goes on, and every inbox has it once.</summary>
public sealed class TopicKillTests
{
    private const int Users = 3_000;

    [Fact]
    public async Task Killed_on_SQLite_the_job_goes_on()
    {
        using var folder = new TemporaryFolder();
        await KillInTheMiddle(folder.FullName);
    }

    [Fact]
    public async Task Killed_on_Redis_the_job_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        await KillInTheMiddle(folder.FullName, "--ConnectionStrings:Redis", redis.Address);
    }

    private static async Task KillInTheMiddle(string folder, params string[] arguments)
    {
        await using (var killed = await ServerProcess.Start(folder, arguments))
        {
            using var publisher = killed.Publisher();
            foreach (var some in Enumerable.Range(0, Users).Chunk(1_000))
                Assert.True((await publisher.PostAsync("v1/topics/t/subscribers", JsonContent.Create(new { add = some.Select(Name) }))).IsSuccessStatusCode);
            for (var i = 0; i < 2; i++) Assert.Equal(202, (int)(await publisher.PostAsync("v1/topics/t/notifications", ApiFixture.Json($$"""{"type":"t","title":"{{i}}"}"""))).StatusCode);
            await Eventually.Is(async () => await Total(publisher, Name(1_400)) > 0, "the job to be in its second page");
            await killed.Kill();
        }
        await using var server = await ServerProcess.Start(folder, arguments);
        using var http = server.Publisher();
        await Eventually.Is(async () => (await http.GetStringAsync("v1/jobs/t~2")).Contains("done", StringComparison.Ordinal), "the job to be done");
        foreach (var job in (string[])["t~1", "t~2"]) Assert.Equal($$"""{"state":"done","reached":{{Users}},"muted":0,"failed":0,"of":{{Users}}}""", await http.GetStringAsync("v1/jobs/" + job));
        for (var user = 0; user < Users; user += 7) Assert.Equal(2, await Total(http, Name(user)));
    }

    private static string Name(int user) => $"user-{user:0000}";

    private static async Task<int> Total(HttpClient http, string user) => (await http.GetFromJsonAsync<JsonElement>($"v1/users/{user}/counts")).GetProperty("total").GetInt32();
}
