namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The inbox over HTTP: each route, and who may call it. What they answer stands in openapi.json, and the tests hold them to it.</summary>
internal static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder app)
    {
        var gate = app.ServiceProvider.GetRequiredService<InboxAuthorization>();
        var pages = ActivatorUtilities.CreateInstance<PageEndpoints>(app.ServiceProvider);
        var stream = ActivatorUtilities.CreateInstance<StreamEndpoint>(app.ServiceProvider);
        var inbox = app.MapGroup("/v1/users/{user}").RequireCors(CorsPolicy);
        var notifications = inbox.MapGroup("/notifications");

        notifications.MapPost("", gate.Before(PublishEndpoint.Publish, Allowed.Publisher));
        notifications.MapGet("", gate.Before(pages.List, Allowed.OwnerOrPublisher));
        notifications.MapDelete("", gate.Before(ChangeEndpoints.Erase, Allowed.Publisher));

        foreach (var action in Enum.GetValues<MarkAction>())
            notifications.MapPost(action.ToString().ToLowerInvariant(), gate.Before(ChangeEndpoints.Mark(action), Allowed.OwnerOrPublisher));

        notifications.MapGet("{id}", gate.Before(PageEndpoints.One, Allowed.OwnerOrPublisher));
        notifications.MapPatch("{id}", gate.Before(ChangeEndpoints.Patch, Allowed.OwnerOrPublisher));
        notifications.MapDelete("{id}", gate.Before(ChangeEndpoints.Delete, Allowed.OwnerOrPublisher));

        inbox.MapGet("stream", gate.Before(stream.Stream, Allowed.Stream));
        inbox.MapGet("counts", gate.Before(PageEndpoints.Counts, Allowed.OwnerOrPublisher));
    }

    /// <summary>The only endpoints that pages of other origins may call, when <c>Cors:Origins</c> names them.</summary>
    public const string CorsPolicy = "inbox";
}
