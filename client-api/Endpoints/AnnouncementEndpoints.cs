using System.Globalization;
using System.Text.Unicode;
using OrleansInbox.Announcements;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>Announcements to everybody of the tenant.</summary>
internal sealed class AnnouncementEndpoints(TimeProvider time)
{
    private readonly JsonBody.Parser<NewAnnouncement> _parser = AnnouncementBody.Parser(time);

    public async Task<IResult> Announce(TenantCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (announcement, malformed) = await RequestBody.Read(call.Http, _parser);
        if (malformed is not null) return malformed;
        var (notification, isOwnKey, refused) = PublishEndpoint.WithKey(announcement!.Notification, call.Http, call.Client);
        if (refused is not null) return refused;
        var announced = await Ask(call, static (grain, one, deadline) => grain.Announce(one, deadline), announcement with { Notification = notification });
        var response = call.Http.Response;
        if (announced.Replayed && !isOwnKey) response.Headers["Idempotent-Replayed"] = "true";
        response.StatusCode = announced.Replayed && !isOwnKey ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/v1/announcements/{announced.Id}");
        var body = new byte[96];
        Utf8.TryWrite(body, CultureInfo.InvariantCulture, $"{{\"id\":\"{announced.Id}\",\"createdAt\":\"{NotificationJson.Time(DateTimeOffset.FromUnixTimeMilliseconds(announced.Id))}\"}}", out var length);
        return new RenderedJsonResult(body.AsMemory(0, length));
    }

    public static async Task<IResult> List(TenantCall call) =>
        call.UnknownParameter() ?? (IResult)new RenderedJsonResult(await Ask(call, static (grain, _, _) => grain.List(), 0));

    public static async Task<IResult> One(TenantCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return Id(call) is { } id && await Ask(call, static (grain, id, _) => grain.Get(id), id) is { } json ? new RenderedJsonResult(json) : Problem.NotFound();
    }

    public static async Task<IResult> Retract(TenantCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return Id(call) is { } id && await Ask(call, static (grain, id, deadline) => grain.Retract(id, deadline), id) ? TypedResults.NoContent() : Problem.NotFound();
    }

    private static Task<T> Ask<T, TArgument>(TenantCall call, GrainQuery<IAnnouncementsGrain, T, TArgument> ask, TArgument argument) =>
        call.Client.Ask(Uri.EscapeDataString(call.Tenant), ask, argument);

    private static long? Id(TenantCall call) => long.TryParse(call.Http.Request.RouteValues["announcement"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
