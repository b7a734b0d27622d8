using OrleansInbox.Tests.Deployment;

namespace OrleansInbox.Tests.ClientApi;

/// <summary><c>Inbox:SqliteSynchronous=NORMAL</c>: a power cut may take the last commits, and nothing on the disk tells of it.</summary>
public sealed class SqliteSynchronousTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("inbox-normal-");
    private readonly DirectoryInfo _saved = Directory.CreateTempSubdirectory("inbox-normal-saved-");

    public void Dispose()
    {
        _data.Delete(recursive: true);
        _saved.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_stored_with_FULL_is_listed_with_NORMAL_and_ids_go_on_above_it()
    {
        var before = await Run("FULL", http => Publish(http, 3));
        await Run("NORMAL", async http =>
        {
            var all = (List<string>)[.. before, .. await Publish(http, 2)];
            Assert.Equal(all.OrderBy(Parse), all);
            Assert.Equal(5, all.Distinct().Count());
            var page = await ApiFixture.Body(await http.GetAsync(ApiFixture.Path("ann")));
            Assert.Equal(Enumerable.Reverse(all), page["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>()));
            Assert.Equal((5, 5), ((int)page["counts"]!["unread"]!, (int)page["counts"]!["total"]!));
            return all;
        });
    }

    [Fact]
    public async Task The_ids_of_what_a_power_cut_took_are_not_assigned_again_and_who_has_one_loads_anew()
    {
        var kept = await Run("NORMAL", http => Publish(http, 5));
        Copy(_data, _saved);
        var lost = await Run("NORMAL", http => Publish(http, 5));
        foreach (var file in _data.GetFiles()) file.Delete();
        Copy(_saved, _data); // all of the folder: nothing is left that knows
        await Run("NORMAL", async http =>
        {
            var published = await Publish(http, 3);
            Assert.All(published, id => Assert.True(Parse(id) > Parse(lost[^1]), $"{id} is not above {lost[^1]}."));
            using var events = await EventReader.Open(http, ApiFixture.Path("ann", "stream"), lost[^1]);
            for (var i = 0; i < published.Count; i++) Assert.Equal("added", (await events.Next())!.Value.Name);
            var (name, ready) = (await events.Next())!.Value;
            Assert.Equal(("ready", false), (name, ready.GetProperty("resumed").GetBoolean()));
            Assert.Equal(kept.Count + published.Count, ready.GetProperty("counts").GetProperty("total").GetInt32());
            return published;
        });
    }

    private async Task<List<string>> Run(string synchronous, Func<HttpClient, Task<List<string>>> use)
    {
        await using var server = await ApiServer.Start(redis: null, settings: [$"Inbox:DataPath={_data.FullName}", $"Inbox:SqliteSynchronous={synchronous}"]);
        using var http = server.Publisher();
        return await use(http);
    }

    private static async Task<List<string>> Publish(HttpClient http, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await http.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json("""{"type":"t","title":"T"}"""));
            answer.EnsureSuccessStatusCode();
            ids.Add((await ApiFixture.Body(answer))["id"]!.GetValue<string>());
        }
        return ids;
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var file in from.GetFiles()) file.CopyTo(Path.Combine(to.FullName, file.Name));
    }

    private static NotificationId Parse(string id) => NotificationId.TryParse(id, out var parsed) ? parsed : throw new FormatException(id);
}
