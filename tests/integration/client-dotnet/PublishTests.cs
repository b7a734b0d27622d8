using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>Over real HTTP, against the real server.</summary>
[Collection(SqliteApi.Name)]
public sealed partial class PublishTests(SqliteApi api) : IDisposable
{
    private readonly TestClient _client = TestClient.Of(api.Server);
    private readonly string _user = ApiFixture.NewUser();

    private IInboxClient Inbox => _client.Inbox;

    [Fact]
    public async Task What_is_published_is_in_the_inbox_with_all_of_its_fields()
    {
        var user = $"{_user} /ünïcödé?#%2F🎉";
        var published = await Inbox.PublishAsync(user, new()
        {
            Type = "comment.created",
            Title = "Bob <b> commented 🎉",
            Body = "Looks good.",
            Url = "/posts/7#c17",
            Actor = new() { Id = "bob", Name = "Bob", AvatarUrl = "https://example.org/bob.png" },
            Group = "post:7",
            Key = "post:7:c17",
            Actions = [new() { Id = "approve", Label = "Approve" }, new() { Id = "open", Label = "Open", Url = "/posts/7" }],
            Data = NotificationData.Parse("""{ "id": 12345678901234567890123, "price": 1.10, "text": "é" }"""),
            Priority = Priority.High,
            ExpiresAt = new(2097, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)),
            Fallback = new() { After = TimeSpan.FromMinutes(10), Unless = FallbackUnless.Read },
            Receipt = true,
            Mandatory = true,
        });

        var item = await api.Get(ApiFixture.Path(user, $"notifications/{published.Id}"));
        Assert.False(published.Replayed);
        Assert.Equal(item["createdAt"]!.GetValue<DateTimeOffset>(), published.CreatedAt);
        Assert.Equal("""{"id":12345678901234567890123,"price":1.10,"text":"é"}""", Raw(item["data"]!));
        Assert.Equal("""{"id":"bob","name":"Bob","avatarUrl":"https://example.org/bob.png"}""", item["actor"]!.ToJsonString());
        Assert.Equal(["approve", "open"], item["actions"]!.AsArray().Select(action => action!["id"]!.GetValue<string>()));
        Assert.Equal(("Bob <b> commented 🎉", "high", "post:7", "post:7:c17"), (Text("title"), Text("priority"), Text("group"), Text("key")));
        Assert.Equal(new DateTimeOffset(2096, 12, 31, 23, 0, 0, TimeSpan.Zero), item["expiresAt"]!.GetValue<DateTimeOffset>());

        string Text(string name) => item[name]!.GetValue<string>();
    }

    [Fact]
    public async Task Data_is_an_object_of_the_application_or_JSON_that_was_read_elsewhere()
    {
        using var read = JsonDocument.Parse("""[1e400, "x"]""");
        foreach (var (data, expected) in new[] { (NotificationData.From(new Order(17, ["a"]), OrderJson.Default.Order), """{"Number":17,"Items":["a"]}"""), (NotificationData.From(read.RootElement), """[1e400,"x"]""") })
        {
            var published = await Inbox.PublishAsync(_user, New() with { Data = data });
            Assert.Equal(expected, Raw((await api.Get(ApiFixture.Path(_user, $"notifications/{published.Id}")))["data"]!));
        }
        Assert.Throws<FormatException>(() => NotificationData.Parse("{"));
    }

    [Fact]
    public async Task The_same_key_again_gives_the_first_answer_and_another_notification_is_refused()
    {
        var first = await Inbox.PublishAsync(_user, New(), new() { IdempotencyKey = "once ünï" });
        var again = await Inbox.PublishAsync(_user, New(), new() { IdempotencyKey = "once ünï" });

        Assert.Equal(first with { Replayed = true }, again);
        var refused = await Assert.ThrowsAsync<KeyReusedException>(() => Inbox.PublishAsync(_user, New() with { Title = "Another" }, new() { IdempotencyKey = "once ünï" }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains(first.Id!, refused.Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await Inbox.GetCountsAsync(_user)).Total);
    }

    [Fact]
    public async Task A_lost_answer_does_not_make_a_second_notification()
    {
        var lost = new LostAnswer();
        using var client = TestClient.Of(api.Server, handler: lost);

        var published = await client.Inbox.PublishAsync(_user, New());

        Assert.Equal(2, lost.Attempts);
        Assert.True(published.Replayed);
        Assert.Equal(published.Id, Assert.Single((await api.Get(ApiFixture.Path(_user)))["items"]!.AsArray())!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_scheduled_is_cancelled_before_it_comes_and_not_after()
    {
        var later = await Inbox.PublishAsync(_user, New() with { DeliverAt = DateTimeOffset.UtcNow.AddHours(1) });
        await Inbox.CancelScheduledAsync(_user, later.Scheduled!);
        await Inbox.CancelScheduledAsync(_user, later.Scheduled!);
        var soon = await Inbox.PublishAsync(_user, New() with { DeliverAt = DateTimeOffset.UtcNow.AddSeconds(1) });
        await Eventually.Is(async () => (await Inbox.GetCountsAsync(_user)).Total == 1, "the scheduled notification");

        var come = await Assert.ThrowsAsync<AlreadyDeliveredException>(() => Inbox.CancelScheduledAsync(_user, soon.Scheduled!));

        Assert.Null(soon.Id);
        Assert.Equal((await Inbox.GetCountsAsync(_user)).Head, come.Id);
    }

    [Fact]
    public async Task What_is_muted_is_told()
    {
        (await api.Publisher.PutAsync(ApiFixture.Path(_user, "preferences"), ApiFixture.Json("""{"mute":{"types":["t"]}}"""))).EnsureSuccessStatusCode();

        Assert.Equal(new PublishResult { Muted = "types" }, await Inbox.PublishAsync(_user, New()));
        Assert.NotNull((await Inbox.PublishAsync(_user, New() with { Mandatory = true })).Id);
    }

    [Fact]
    public async Task What_is_wrong_is_told_for_each_field()
    {
        var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => Inbox.PublishAsync(_user, new() { Type = "T", Title = "", Url = "javascript:alert(1)" }));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(["title", "type", "url"], refused.Errors.Keys.Order());
        Assert.Contains("May only have the characters", Assert.Single(refused.Errors["type"]), StringComparison.Ordinal);
        Assert.Contains("url: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_that_no_URL_can_name_is_refused_before_it_is_asked_for()
    {
        foreach (var user in new[] { "", ".", ".." }) await Assert.ThrowsAsync<ArgumentException>(() => Inbox.PublishAsync(user, New()));
        await Assert.ThrowsAsync<InvalidRequestException>(() => Inbox.PublishAsync("me", New()));
    }

    [Fact]
    public async Task A_wrong_key_is_told_and_not_tried_again()
    {
        var attempts = new LostAnswer { Keeps = true };
        using var client = TestClient.Of(api.Server, options => options.ApiKey = "wrong", attempts);

        var refused = await Assert.ThrowsAsync<InboxException>(() => client.Inbox.PublishAsync(_user, New()));

        Assert.Equal((HttpStatusCode.Unauthorized, 1), (refused.Status, attempts.Attempts));
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_a_key_is_retracted_an_inbox_is_erased_and_a_person_forgotten()
    {
        await Inbox.PublishAsync(_user, New() with { Key = "order/17" });
        await Inbox.PublishAsync(_user, New());
        await Inbox.RetractAsync(_user, "order/17");
        var counts = await Inbox.GetCountsAsync(_user);
        Assert.Equal((1L, 1L, 1L), (counts.Unread, counts.Unseen, counts.Total));
        await Inbox.EraseAsync(_user);
        Assert.Equal(0, (await Inbox.GetCountsAsync(_user)).Total);
        await Inbox.PublishAsync(_user, New());
        await Inbox.ForgetAsync(_user);
        Assert.Equal(0, (await Inbox.GetCountsAsync(_user)).Total);
    }

    [Fact]
    public async Task A_batch_reaches_everybody_once_also_when_it_needs_several_requests()
    {
        var users = Enumerable.Range(0, 1_005).Select(i => $"{_user}-{i}").ToList();
        var options = new PublishOptions { IdempotencyKey = $"batch-{_user}" };

        var first = await Inbox.PublishManyAsync(users, New(), options);
        var again = await Inbox.PublishManyAsync(users, New(), options);

        Assert.Equal(users, first.Select(result => result.User));
        Assert.All(first, result => Assert.True(result is { Id: not null, Problem: null, Replayed: false }));
        Assert.Equal(first.Select(result => result with { Replayed = true }), again);
        Assert.Equal(1, (await Inbox.GetCountsAsync(users[^1])).Total);
    }

    [Fact]
    public async Task A_token_of_the_signer_is_the_user_s_and_the_publisher_s()
    {
        var signer = new InboxTokenSigner(Convert.ToBase64String(ApiServer.SigningKey));
        using var publisher = TestClient.Of(api.Server, options => (options.ApiKey, options.Token) = (null, _ => new(signer.SignPublisher(TimeSpan.FromMinutes(1)))));
        using var elsewhere = TestClient.Of(api.Server, options => (options.ApiKey, options.Token) = (null, _ => new(signer.SignPublisher(TimeSpan.FromMinutes(1), ApiServer.OtherTenant))));
        using var user = new HttpClient { BaseAddress = api.Server.Address, DefaultRequestHeaders = { Authorization = new("Bearer", signer.SignUser(_user, TimeSpan.FromMinutes(1))) } };

        var published = await publisher.Inbox.PublishAsync(_user, New());

        Assert.Contains(published.Id!, await user.GetStringAsync("/v1/users/me/notifications"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync(ApiFixture.Path("another"))).StatusCode);
        Assert.Equal(0, (await elsewhere.Inbox.GetCountsAsync(_user)).Total);
    }

    public void Dispose() => _client.Dispose();

    private static Notification New() => new() { Type = "t", Title = "T" };

    private static string Raw(System.Text.Json.Nodes.JsonNode node) => node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal sealed record Order(int Number, string[] Items);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderJson : JsonSerializerContext;

    /// <summary>The server has stored it, and its first answer is lost.</summary>
    private sealed class LostAnswer : DelegatingHandler
    {
        public int Attempts { get; private set; }
        public bool Keeps { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (++Attempts > 1 || Keeps) return response;
            response.Dispose();
            throw new HttpRequestException("The connection was cut.");
        }
    }
}
