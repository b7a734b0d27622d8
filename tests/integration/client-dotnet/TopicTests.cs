using System.Net;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>Topics against the real server.</summary>
[Collection(SqliteApi.Name)]
public sealed class TopicTests(SqliteApi api) : IDisposable
{
    private readonly TestClient _client = TestClient.Of(api.Server);
    private readonly string _topic = $"post:{ApiFixture.NewUser()}", _ann = ApiFixture.NewUser(), _bob = ApiFixture.NewUser(), _zoe = $"{ApiFixture.NewUser()} /ö🎉";

    private IInboxClient Inbox => _client.Inbox;

    [Fact]
    public async Task What_is_published_to_a_topic_reaches_its_subscribers_once()
    {
        await Inbox.SubscribeAsync(_topic, _ann);
        await Inbox.ChangeSubscribersAsync(_topic, [_bob, _zoe], []);
        var options = new PublishOptions { IdempotencyKey = $"key of {_topic}" };

        var job = await Inbox.PublishToTopicAsync(_topic, New(), except: [_bob], options);
        var again = await Inbox.PublishToTopicAsync(_topic, New(), except: [_bob], options);
        var done = await Inbox.WaitForJobAsync(job.Job);

        Assert.Equal(job, again);
        Assert.Equal(("done", 2L, 0L), (done.State, done.Reached, done.Failed));
        Assert.Equal((1L, 0L, 1L), (await Total(_ann), await Total(_bob), await Total(_zoe)));
        await Inbox.WaitForJobAsync((await Inbox.RetractFromTopicAsync(_topic, "k/1")).Job);
        Assert.Equal((0L, 0L, 0L), (await Total(_ann), await Total(_bob), await Total(_zoe)));
        Assert.Null(await Inbox.GetJobAsync($"{_topic}~999"));
    }

    [Fact]
    public async Task Subscribers_are_listed_and_leave()
    {
        await Inbox.ChangeSubscribersAsync(_topic, [.. Enumerable.Range(0, 1_500).Select(i => $"{_topic}-{i:0000}")], []);
        await Inbox.SubscribeAsync(_topic, _zoe);
        await Inbox.SetTopicOpenAsync(_topic, true);
        List<string> users = [];
        await foreach (var user in Inbox.ListSubscribersAsync(_topic)) users.Add(user);

        Assert.Equal(1_501, users.Distinct().Count());
        Assert.Equal(new Topic { Open = true, Subscribers = 1_501 }, await Inbox.GetTopicAsync(_topic));
        Assert.Equal([_topic], await Inbox.GetTopicsAsync(_zoe));
        Assert.Equal(new Subscription { Subscribed = true, Open = true }, await Inbox.GetSubscriptionAsync(_topic, _zoe));
        await Inbox.UnsubscribeAsync(_topic, _zoe);
        await Inbox.ChangeSubscribersAsync(_topic, [], [users[0]]);
        Assert.Equal(1_499, (await Inbox.GetTopicAsync(_topic)).Subscribers);
        Assert.False((await Inbox.GetSubscriptionAsync(_topic, _zoe)).Subscribed);
    }

    [Fact]
    public async Task A_name_that_is_none_is_told() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<InvalidRequestException>(() => Inbox.SubscribeAsync("no name", _ann))).Status);

    public void Dispose() => _client.Dispose();

    private async Task<long> Total(string user) => (await Inbox.GetCountsAsync(user)).Total;

    private static Notification New() => new() { Type = "t", Title = "T", Key = "k/1", Data = NotificationData.Parse("12345678901234567890") };
}
