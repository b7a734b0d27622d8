using System.Diagnostics;
using OrleansInbox.ClientApi.Live;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Telemetry;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>What is done in the inboxes of a topic's subscribers, and how far it has come.</summary>
internal sealed class JobEndpoints(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private readonly JsonBody.Parser<TopicPublish> _parser = PublishBody.TopicParser(time);
    private readonly JobStreams _streams = new(lifetime, time);

    public async Task<IResult> Publish(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (publish, malformed) = await RequestBody.Read(call.Http, _parser, JsonBody.MaxBytesOfMany);
        if (malformed is not null) return malformed;
        var (key, isOwn, problem) = KeyOf(call);
        if (problem is not null) return problem;
        var notification = publish!.Notification with { IdempotencyKey = key, KeyIsForRetries = isOwn, TraceParent = InboxMetrics.Source.HasListeners() ? Activity.Current?.Id : null };
        return Accepted(call, await call.Ask((notification, publish.Except), static (topic, it, _) => topic.Publish(it.notification, it.Except)), isOwn);
    }

    public static async Task<IResult> Retract(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        if (call.Http.Features.Get<TopicPath>()?.Key is not { } collapseKey) return Problem.Invalid("key", $"Must be 1 to {NotificationRules.MaxName} characters, percent-encoded, without control characters, and not '.' or '..'.");
        var (key, isOwn, problem) = KeyOf(call);
        if (problem is not null) return problem;
        return Accepted(call, await call.Ask((collapseKey, key, isOwn), static (topic, it, _) => topic.Retract(it.collapseKey, it.key, it.isOwn)), isOwn);
    }

    public static async Task<IResult> State(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return await Ask(call) is { } state ? new RenderedJsonResult(Render(state)) : Problem.NotFound();
    }

    public async Task<IResult> Stream(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return await Ask(call) is { } state ? _streams.Open(call, state) : Problem.NotFound();
    }

    internal static byte[] Render(JobState state) =>
        TopicEndpoints.Render(new { State = state.IsDone ? "done" : "running", state.Done.Reached, state.Done.Muted, state.Done.Failed, state.Of });

    internal static Task<JobState?> Ask(TopicCall call) =>
        TopicName.TryParseJob((string)call.Http.Request.RouteValues["job"]!, out _, out var number) ? call.Ask(number, static (topic, one, _) => topic.Job(one)) : Task.FromResult<JobState?>(null);

    /// <summary>As for a publish to one inbox: a call that was lost is repeated, and the key makes one job of all attempts.</summary>
    private static (string? Key, bool IsOwn, Problem? Problem) KeyOf(TopicCall call)
    {
        if (!call.Http.Request.Headers.TryGetValue(NotificationRules.IdempotencyKey, out var keys)) return call.Client.CallsCanBeLost ? (RandomId.New(bytes: 18), true, null) : default;
        if (keys is not [{ } key]) return (null, false, Problem.Invalid(NotificationRules.IdempotencyKey, "Is given twice."));
        return NotificationRules.CheckKey(key) is { } reason ? (null, false, Problem.Invalid(NotificationRules.IdempotencyKey, reason)) : (key, false, null);
    }

    private static RenderedJsonResult Accepted(TopicCall call, StartedJob job, bool isOwnKey)
    {
        var response = call.Http.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        var id = TopicName.OfJob(call.Topic, job.Number);
        response.Headers.Location = "/v1/jobs/" + id;
        if (job.Replayed && !isOwnKey) response.Headers["Idempotent-Replayed"] = "true";
        return TopicEndpoints.Json(new { Job = id, job.Of });
    }
}
