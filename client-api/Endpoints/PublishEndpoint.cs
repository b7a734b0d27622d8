using System.Diagnostics;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Publishing.</summary>
internal sealed class PublishEndpoint(TimeProvider time)
{
    private readonly JsonBody.Parser<NewNotification> _parser = PublishBody.Parser(time);

    public async Task<IResult> Publish(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (notification, malformed) = await RequestBody.Read(call.Http, _parser);
        if (malformed is not null) return malformed;
        (notification, var isOwnKey, var refused) = WithKey(notification!, call.Http, call.Client);
        if (refused is not null) return refused;
        var appended = await call.Ask(notification, static (inbox, one, _) => inbox.Append(one));
        return new AppendedResult(call, isOwnKey ? appended with { Replayed = false } : appended);
    }

    /// <summary>With the request's idempotency key, or one of our own; and its trace.</summary>
    internal static (NewNotification Notification, bool IsOwnKey, Problem? Refused) WithKey(NewNotification notification, HttpContext http, InboxClient client)
    {
        if (http.Request.Headers.TryGetValue(NotificationRules.IdempotencyKey, out var keys))
        {
            if (keys is not [{ } key]) return (notification, false, Problem.Invalid(NotificationRules.IdempotencyKey, "Is given twice."));
            notification = notification with { IdempotencyKey = key };
        }
        // The client repeats a call that was lost between processes: the key makes one entry of all attempts. Within one process no call is lost.
        var isOwnKey = notification.IdempotencyKey is null && client.CallsCanBeLost;
        if (isOwnKey) notification = notification with { IdempotencyKey = RandomId.New(bytes: 18), KeyIsForRetries = true };
        if (InboxMetrics.Source.HasListeners()) notification = notification with { TraceParent = Activity.Current?.Id };
        return (notification, isOwnKey, null);
    }
}
