namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The inbox over HTTP: each route, and who may call it. openapi.json describes the answers, and the tests check them against it.</summary>
internal static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder app)
    {
        var authorization = app.ServiceProvider.GetRequiredService<InboxAuthorization>();
        var pages = ActivatorUtilities.CreateInstance<PageEndpoints>(app.ServiceProvider);
        var stream = ActivatorUtilities.CreateInstance<StreamEndpoint>(app.ServiceProvider);
        var inbox = app.MapGroup("/v1/users/{user}").RequireCors(CorsPolicy);
        var notifications = inbox.MapGroup("/notifications");

        notifications.MapPost("", authorization.Before(PublishEndpoint.Publish, AllowedCallers.Publisher));
        notifications.MapGet("", authorization.Before(pages.List, AllowedCallers.OwnerOrPublisher));
        notifications.MapDelete("", authorization.Before(ChangeEndpoints.Erase, AllowedCallers.Publisher));

        foreach (var action in Enum.GetValues<MarkAction>())
            notifications.MapPost(action.ToString().ToLowerInvariant(), authorization.Before(ChangeEndpoints.Mark(action), AllowedCallers.OwnerOrPublisher));

        notifications.MapGet("{id}", authorization.Before(PageEndpoints.One, AllowedCallers.OwnerOrPublisher));
        notifications.MapPatch("{id}", authorization.Before(ChangeEndpoints.Patch, AllowedCallers.OwnerOrPublisher));
        notifications.MapDelete("{id}", authorization.Before(ChangeEndpoints.Delete, AllowedCallers.OwnerOrPublisher));

        inbox.MapGet("stream", authorization.Before(stream.Stream, AllowedCallers.OwnerOrPublisherByUrl));
        inbox.MapGet("counts", authorization.Before(PageEndpoints.Counts, AllowedCallers.OwnerOrPublisher));
    }

    /// <summary>The only endpoints that pages of other origins may call, when <c>Cors:Origins</c> names them.</summary>
    public const string CorsPolicy = "inbox";
}
