using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using OrleansInbox.ClientApi.Http;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>One notification for many users: the inboxes are called side by side.</summary>
internal sealed class BatchEndpoint(ProblemExceptionHandler problems, TimeProvider time)
{
    private const int _underWay = 128;

    /// <summary>Whoever was not called by then is told so, or a storage that is away would hold the request for minutes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4.5);

    private readonly JsonBody.Parser<BatchBody> _parser = BatchBody.Parser(time);

    public async Task<IResult> Publish(TenantCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (batch, malformed) = await RequestBody.Read(call.Http, _parser, JsonBody.MaxBytesOfMany);
        if (malformed is not null) return malformed;
        var (notification, isOwnKey, refused) = PublishEndpoint.WithKey(batch!.Notification, call.Http, call.Client);
        if (refused is not null) return refused;
        if (NotificationRules.Check(notification, time.GetUtcNow()) is { } illegal) return Problem.Invalid(illegal); // the key

        var results = new (Appended? Appended, Problem? Problem)[batch.Users.Length];
        var (next, began) = (-1, time.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Math.Min(_underWay, results.Length)).Select(_ => Work()).ToArray());
        return new RenderedJsonResult(Render(batch.Users, results, isOwnKey));

        async Task Work()
        {
            for (var i = Interlocked.Increment(ref next); i < results.Length; i = Interlocked.Increment(ref next)) results[i] = await One(batch.Users[i]);
        }

        async Task<(Appended?, Problem?)> One(string user)
        {
            try
            {
                if (time.GetElapsedTime(began) > _patience) throw new StorageUnavailableException("The inboxes before took too long.");
                return (await call.Client.Ask(InboxKey.Of(call.Tenant, user), static (inbox, one, _) => inbox.Append(one), notification), null);
            }
            catch (Exception failure) // whatever it is, the others have been published
            {
                return (null, problems.ProblemOf(failure, call.Http));
            }
        }
    }

    private static ReadOnlyMemory<byte> Render(string[] users, (Appended? Appended, Problem? Problem)[] results, bool isOwnKey)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * users.Length);
        using var json = new Utf8JsonWriter(buffer, NotificationJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("results");
        for (var i = 0; i < users.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("user", users[i]);
            if (results[i].Appended is { } appended) Write(json, appended, isOwnKey);
            else Write(json, results[i].Problem!.Details);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Appended appended, bool isOwnKey)
    {
        if (appended.Scheduled is { } scheduled) json.WriteString("scheduled", scheduled);
        else if (appended.Muted is { } muted) json.WriteString("muted", muted);
        else json.WriteString("id", appended.Id.ToString());
        if (appended.Replayed && !isOwnKey) json.WriteBoolean("replayed", true);
    }

    private static void Write(Utf8JsonWriter json, ProblemDetails problem)
    {
        json.WriteStartObject("problem");
        json.WriteNumber("status", problem.Status!.Value);
        json.WriteString("title", problem.Title);
        json.WriteString("detail", problem.Detail);
        json.WriteEndObject();
    }
}
