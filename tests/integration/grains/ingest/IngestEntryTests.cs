using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Telemetry;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Grains.Ingest;

/// <summary>What an entry may say, and what becomes of one that says something else.</summary>
public sealed class IngestEntryTests
{
    private const string Good = """{"type":"test","title":"good"}""";

    [Fact]
    public async Task What_cannot_be_appended_is_kept_with_its_reason_and_the_rest_goes_on()
    {
        await using var ingest = await IngestFixture.Open();
        var written = new List<(string Reason, (string Name, RedisValue Value)[] Fields)>
        {
            ("nothing: Is not known. user: Is required. notification: Is required.", [("nothing", "")]),
            ("user: Is required.", [("notification", Good)]),
            ("user: Must be 1 to 128 bytes of UTF-8 without control characters, and not 'me', '.' or '..'.", [("user", "me"), ("notification", Good)]),
            ("user: Must be 1 to 128 bytes of UTF-8 without control characters, and not 'me', '.' or '..'.", [("user", new byte[] { 0xFF, 0xFE }), ("notification", Good)]),
            ("user: Is given twice.", [("user", "ann"), ("user", "bob"), ("notification", Good)]),
            ("urgent: Is not known.", [("user", "ann"), ("notification", Good), ("urgent", "1")]),
            ("key: Must be UTF-8.", [("user", "ann"), ("key", new byte[] { 0xC3 }), ("notification", Good)]),
            ("key: Must have at most 255 characters; this has 256.", [("user", "ann"), ("key", new string('k', 256)), ("notification", Good)]),
            ("notification: Is required.", [("user", "ann")]),
            ("notification: The body is not JSON: line 1, byte 9.", [("user", "ann"), ("notification", """{"type":""")]),
            ("notification: The body is not UTF-8.", [("user", "ann"), ("notification", new byte[] { 0, 0xFF, 1 })]),
            ("notification: The body has to be a JSON object.", [("user", "ann"), ("notification", "[]")]),
            ("notification: A request has at most 64 KiB.", [("user", "ann"), ("notification", new string(' ', 70_000) + Good)]),
            ("colour: Is not known. title: Is required and must not be empty.", [("user", "ann"), ("notification", """{"type":"t","colour":1}""")]),
            ("type: May only have the characters a-z, 0-9, '.', '_' and '-'.", [("user", "ann"), ("notification", """{"type":"T","title":"t"}""")]),
            ("expiresAt: Must lie in the future.", [("user", "ann"), ("notification", """{"type":"t","title":"t","expiresAt":"2020-01-01T00:00:00Z"}""")]),
        };
        var ids = new List<string>();
        foreach (var (_, fields) in written) ids.Add(await ingest.Publisher.Add(fields));
        await ingest.Publisher.Add("ann", "the rest");
        var host = await ingest.Host(StreamPublisher.Stream);
        await ingest.Publisher.Drained();

        Assert.Equal(["the rest"], await StreamPublisher.Titles(host.Inbox("ann")));
        var refused = (await ingest.Publisher.Refused()).OrderBy(entry => ids.IndexOf(entry[1].Value)).ToList();
        Assert.Equal(written.Select(entry => ("reason", entry.Reason)), refused.Select(entry => entry[0]));
        Assert.Equal(ids.Select(id => ("entry", id)), refused.Select(entry => entry[1]));
        foreach (var (wrote, kept) in written.Zip(refused))
            Assert.Equal(wrote.Fields.Select(field => (field.Name, Encoding.Latin1.GetString(((byte[])field.Value!)[..Math.Min(65_536, ((byte[])field.Value!).Length)]))), kept[2..]);
    }

    [Fact]
    public async Task A_key_makes_one_of_all_entries_that_say_the_same_and_refuses_what_says_something_else()
    {
        await using var ingest = await IngestFixture.Open();
        var host = await ingest.Host(StreamPublisher.Stream);
        foreach (var title in new[] { "first", "first", "other" })
            await ingest.Publisher.Add(("user", "ann"), ("key", "c-17"), ("notification", StreamPublisher.Notification(title)));
        await ingest.Publisher.Add(("user", "ann"), ("notification", StreamPublisher.Notification("first"))); // no key: another one
        await ingest.Publisher.Drained();
        Assert.Equal(["first", "first"], await StreamPublisher.Titles(host.Inbox("ann")));
        var reason = Assert.Single(await ingest.Publisher.Refused())[0].Value;
        Assert.StartsWith("key: The idempotency key was used for another notification, ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tenant_is_between_the_braces()
    {
        const string name = "inbox-in:{other%2Ftenant}:orders";
        await using var ingest = await IngestFixture.Open();
        await using var publisher = await StreamPublisher.Connect(ingest.Redis, name);
        var host = await ingest.Host(StreamPublisher.Stream, name);
        await publisher.Add("ann", "hers");
        await publisher.Drained();
        Assert.Equal(["hers"], await StreamPublisher.Titles(host.Cluster.GetGrain<IInboxGrain>(InboxKey.Of("other/tenant", "ann"))));
        Assert.Empty(await StreamPublisher.Titles(host.Inbox("ann")));
    }

    [Fact]
    public async Task What_is_done_what_is_refused_and_what_waits_is_counted()
    {
        await using var ingest = await IngestFixture.Open();
        for (var i = 0; i < 5; i++) await ingest.Publisher.Add("ann", $"{i}");
        await ingest.Publisher.Add(("user", "me"), ("notification", Good));
        var host = await ingest.Host();
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name.StartsWith("inbox.ingest.", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.Equal(new KeyValuePair<string, object?>("stream", StreamPublisher.Stream), tags[0]);
            lock (counted) counted[instrument.Name] = instrument is Counter<long> ? counted.GetValueOrDefault(instrument.Name) + value : value;
        });
        _ = host.Services.GetRequiredService<InboxMetrics>();
        listener.Start();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Log.BeforeAppend = _ =>
        {
            waiting.TrySetResult();
            return go.Task;
        };
        await IngestFixture.Read(host);
        await waiting.Task;
        listener.RecordObservableInstruments();
        Assert.Equal(6, counted["inbox.ingest.lag"]);
        go.SetResult();
        await Eventually.Is(() =>
        {
            listener.RecordObservableInstruments();
            return Task.FromResult(counted.GetValueOrDefault("inbox.ingest.lag") == 0);
        }, "the lag to be 0");
        Assert.Equal((5, 1), (counted["inbox.ingest.done"], counted["inbox.ingest.refused"]));
    }
}
