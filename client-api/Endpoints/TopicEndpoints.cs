using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;
using OrleansInbox.Topics;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Topics over HTTP: each route, and who may call it.</summary>
internal static class TopicEndpoints
{
    private const int _defaultLimit = 100, _maxLimit = 1_000;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapTopics(this IEndpointRouteBuilder app)
    {
        var authorization = app.ServiceProvider.GetRequiredService<InboxAuthorization>();
        var jobs = ActivatorUtilities.CreateInstance<JobEndpoints>(app.ServiceProvider);
        var topic = app.MapGroup("/v1/topics/{topic}");
        topic.MapRead("", authorization.Before(Read, AllowedCallers.Publisher));
        topic.MapPut("", authorization.Before(Open, AllowedCallers.Publisher));
        topic.MapPost("notifications", authorization.Before(jobs.Publish, AllowedCallers.Publisher));
        topic.MapDelete("keys/{key}", authorization.Before(JobEndpoints.Retract, AllowedCallers.Publisher));

        var subscribers = topic.MapGroup("/subscribers");
        subscribers.MapRead("", authorization.Before(List, AllowedCallers.Publisher));
        subscribers.MapPost("", authorization.Before(Change, AllowedCallers.Publisher));
        var subscriber = subscribers.MapGroup("/{user}").RequireCors(InboxEndpoints.CorsPolicy);
        subscriber.MapRead("", authorization.Before(Subscription, AllowedCallers.OwnerOrPublisher));
        subscriber.MapPut("", authorization.Before(call => Change(call, new([call.User()], [])), AllowedCallers.OwnerOrPublisher));
        subscriber.MapDelete("", authorization.Before(call => Change(call, new([], [call.User()])), AllowedCallers.OwnerOrPublisher));

        app.MapRead("/v1/jobs/{job}", authorization.Before(JobEndpoints.State, AllowedCallers.Publisher));
        app.MapRead("/v1/jobs/{job}/stream", authorization.Before(jobs.Stream, AllowedCallers.Publisher));
    }

    /// <summary>The topics of a user.</summary>
    public static async Task<IResult> Of(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return Json(new { Topics = await call.Ask(0, static (inbox, _, _) => inbox.Topics()) });
    }

    private static async Task<IResult> Read(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var state = await call.Ask(0, static (topic, _, _) => topic.Read());
        return Json(new { Open = state.IsOpen, state.Subscribers });
    }

    private static async Task<IResult> Open(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (body, problem) = await RequestBody.Read(call.Http, OpenBody.Parser);
        if (problem is not null) return problem;
        await call.Ask(body!.IsOpen, static async (topic, isOpen, deadline) =>
        {
            await topic.SetOpen(isOpen, deadline);
            return true;
        });
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Subscription(TopicCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var found = await call.Ask(call.User(), static (topic, user, _) => topic.Subscription(user));
        return Json(new { Subscribed = found.IsSubscribed, Open = found.IsOpen });
    }

    private static async Task<IResult> Change(TopicCall call)
    {
        var (body, problem) = call.UnknownParameter() is { } unknown ? (null, unknown) : await RequestBody.Read(call.Http, SubscribersBody.Parser, JsonBody.MaxBytesOfMany);
        return problem ?? await Change(call, body!);
    }

    private static async Task<IResult> Change(TopicCall call, SubscribersBody body)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return await call.Ask((body, OnlyIfOpen: !call.Caller.IsPublisher), static (topic, to, deadline) => topic.Change(to.body.Add, to.body.Remove, to.OnlyIfOpen, deadline)) ? TypedResults.NoContent()
            : new Problem(StatusCodes.Status403Forbidden, "This topic is not open: who is subscribed is decided by publishers.");
    }

    private static async Task<IResult> List(TopicCall call)
    {
        var errors = new FieldErrors();
        var parameters = new QueryParameters(call.Http.Request, errors, "limit", "after");
        var (limit, after) = (parameters.Number("limit", _defaultLimit, 1, _maxLimit), parameters.Text("after"));
        if (after is not null && !InboxKey.IsLegal(after)) errors.Add("after", "Must be the next of the page before.");
        if (!errors.IsEmpty) return Problem.Invalid(errors.ToDictionary());
        var users = await call.Ask((after, limit), static (topic, asked, _) => topic.Subscribers(asked.after, asked.limit + 1));
        var hasNext = users.Length > limit;
        return Json(new { Users = users.Take(limit), Next = hasNext ? users[limit - 1] : null });
    }

    internal static RenderedJsonResult Json(object value) => new(Render(value));

    internal static byte[] Render(object value) => JsonSerializer.SerializeToUtf8Bytes(value, _json);
}
