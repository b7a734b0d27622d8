using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Telemetry;

namespace OrleansInbox.ClientApi.Endpoints;

internal static class PublishEndpoint
{
    private const string IdempotencyKey = "Idempotency-Key";

    public static async Task<IResult> Publish(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (notification, malformed) = await RequestBody.Read(call.Http, PublishBody.Parser);
        if (malformed is not null) return malformed;
        if (call.Http.Request.Headers.TryGetValue(IdempotencyKey, out var keys))
        {
            if (keys is not [{ } key]) return Problem.Invalid(IdempotencyKey, "Is given twice.");
            notification = notification! with { IdempotencyKey = key };
        }
        var isOwnKey = notification!.IdempotencyKey is null && call.Calls.CanBeLost;
        if (isOwnKey) notification = notification with { IdempotencyKey = OwnKey(), KeyIsForRetries = true };
        if (InboxMetrics.Source.HasListeners()) notification = notification with { TraceParent = Activity.Current?.Id };
        var appended = await call.Ask(notification, static (inbox, one, _) => inbox.Append(one));
        return new AppendedResult(call, isOwnKey ? appended with { Replayed = false } : appended);
    }

    /// <summary>One request makes one entry, whatever dies between its attempts. In one process nothing does, and a key would only cost.</summary>
    private static string OwnKey()
    {
        Span<byte> random = stackalloc byte[18];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
