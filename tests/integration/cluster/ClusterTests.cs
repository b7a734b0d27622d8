using System.Net;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Silos and front-ends as the programs that they are.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task What_is_published_at_one_front_end_is_live_at_the_other()
    {
        await using var cluster = await ClusterFixture.Open();
        await cluster.Silo();
        await cluster.Silo();
        var (one, other) = (new InboxClient(await cluster.StartFrontEnd()), new InboxClient(await cluster.StartFrontEnd()));
        foreach (var client in new[] { one, other }) await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "a front-end to reach the silos");
        for (var user = 0; user < 6; user++) // on both silos, most likely
        {
            var live = await other.Stream($"user-{user}");
            string[] ids = [await one.Publish($"user-{user}"), await one.Publish($"user-{user}"), await other.Publish($"user-{user}")];
            await live.Added(ids);
            var counts = await one.Mark($"user-{user}", "read", new { upTo = ids[1] });
            Assert.Equal(1, counts.GetProperty("unread").GetInt64());
            Assert.Equal("marked", (await live.Next()).Kind);
            Assert.Equal(ids, (await other.All($"user-{user}")).Select(i => i.Id));
        }
    }

    [Fact]
    public async Task Two_processes_that_are_both_silo_and_front_end_share_the_inboxes()
    {
        await using var cluster = await ClusterFixture.Open();
        var (one, other) = (new InboxClient(await cluster.StartFrontEnd("CoHosted")), new InboxClient(await cluster.StartFrontEnd("CoHosted")));
        foreach (var client in new[] { one, other }) await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "both to be members");
        for (var user = 0; user < 4; user++)
        {
            var live = await other.Stream($"user-{user}");
            await live.Added(await one.Publish($"user-{user}"), await other.Publish($"user-{user}"));
        }
    }

    [Fact]
    public async Task A_front_end_without_a_silo_says_so_keeps_its_streams_and_catches_up()
    {
        await using var cluster = await ClusterFixture.Open();
        var client = new InboxClient(await cluster.StartFrontEnd());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await client.Status("/health/ready"));
        foreach (var answer in new[] { await client.Post("ann", "hello"), await client.Get("ann", "counts"), await client.Get("ann", "notifications") })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
        var live = await client.Stream("ann", ready: false);
        Assert.Equal(("", ""), await live.NextOrBeat());

        var silo = await cluster.Silo();
        Assert.Equal("ready", (await live.Next()).Kind);
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the silo");
        await live.Added(await client.Publish("ann"));

        await cluster.Stop(silo);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.Post("ann", "lost")).StatusCode);
        Assert.Equal(("", ""), await live.NextOrBeat());
        await cluster.Silo();
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the new silo");
        await live.Added(await client.Publish("ann"));
        Assert.Equal(["hello", "hello"], (await client.All("ann")).Select(i => i.Title));
    }

    [Fact]
    public async Task A_silo_that_stops_hands_its_inboxes_on_and_no_publish_fails()
    {
        await using var cluster = await ClusterFixture.Open();
        var first = await cluster.Silo();
        var client = new InboxClient(await cluster.StartFrontEnd());
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the silo");
        var streams = new List<LiveStream>();
        for (var user = 0; user < 10; user++) streams.Add(await client.Stream($"user-{user}")); // all of them live on the first silo
        await cluster.Silo();

        using var stopped = new CancellationTokenSource();
        var publishing = Enumerable.Range(0, streams.Count).Select(user => Task.Run(async () =>
        {
            var ids = new List<string>();
            while (!stopped.IsCancellationRequested || ids.Count < 20) ids.Add(await client.Publish($"user-{user}", $"n{ids.Count}"));
            return ids;
        })).ToList();
        await cluster.Stop(first);
        await stopped.CancelAsync();
        for (var user = 0; user < streams.Count; user++)
        {
            var ids = await publishing[user];
            await streams[user].Added([.. ids]);
        }
    }

    [Fact]
    public async Task A_publish_that_a_dying_silo_took_along_is_made_again_and_makes_one_entry()
    {
        await using var cluster = await ClusterFixture.Open();
        await using var victim = await SiloProcess.Start(cluster.SiloArguments());
        var client = new InboxClient(await cluster.StartFrontEnd());
        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the silo");
        var users = Enumerable.Range(0, 20).Select(i => $"user-{i}").ToList();
        foreach (var user in users) await client.Publish(user, "before"); // so they live there
        await cluster.Silo();

        var publishing = users.Select(user => Enumerable.Range(0, 10).Select(n => client.Post(user, $"n{n}")).ToList()).ToList();
        await Task.WhenAny(publishing.SelectMany(p => p));
        await victim.Kill();
        for (var i = 0; i < users.Count; i++)
        {
            var answers = await Task.WhenAll(publishing[i]);
            List<(string Id, string Title)> all = [];
            await Eventually.Is(async () => (all = await client.All(users[i])).Count > 0, "the inbox to be there again");
            Assert.Equal(all.Count, all.Select(e => e.Title).Distinct().Count());
            for (var n = 0; n < answers.Length; n++)
            {
                if (answers[n].StatusCode == HttpStatusCode.Created) Assert.Contains(all, e => e.Title == $"n{n}");
                else Assert.Equal(HttpStatusCode.ServiceUnavailable, answers[n].StatusCode); // the others were not up to it in time
            }
        }
        Assert.Contains(publishing.SelectMany(p => p), p => p.Result.StatusCode == HttpStatusCode.Created);
    }
}
