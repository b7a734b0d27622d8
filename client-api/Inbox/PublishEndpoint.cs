using OrleansInbox.ClientApi.Problems;

namespace OrleansInbox.ClientApi.Inbox;

internal sealed class PublishEndpoint(TimeProvider time)
{
    private const string IdempotencyKey = "Idempotency-Key";

    public async Task<IResult> Publish(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (notification, malformed) = await RequestBody.Read(call.Http, PublishBody.Parser);
        if (malformed is not null) return malformed;
        if (call.Http.Request.Headers.TryGetValue(IdempotencyKey, out var keys))
        {
            if (keys is not [{ } key]) return Problem.Invalid(IdempotencyKey, "Is given twice.");
            notification = notification! with { IdempotencyKey = key };
        }
        if (NotificationRules.Check(notification!, time.GetUtcNow()) is { } errors) return Problem.Invalid(errors);
        return new CreatedAnswer(call, await call.Grain.Append(notification!).InTime());
    }
}
