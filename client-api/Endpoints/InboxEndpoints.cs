namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The inbox over HTTP: each route, and who may call it. openapi.json describes the answers, and the tests check them against it.</summary>
internal static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder app)
    {
        var authorization = app.ServiceProvider.GetRequiredService<InboxAuthorization>();
        var publish = ActivatorUtilities.CreateInstance<PublishEndpoint>(app.ServiceProvider);
        var pages = ActivatorUtilities.CreateInstance<PageEndpoints>(app.ServiceProvider);
        var export = ActivatorUtilities.CreateInstance<ExportEndpoint>(app.ServiceProvider);
        var waiting = ActivatorUtilities.CreateInstance<WaitingEndpoints>(app.ServiceProvider);
        var stream = ActivatorUtilities.CreateInstance<StreamEndpoint>(app.ServiceProvider);
        var inbox = app.MapGroup("/v1/users/{user}").RequireCors(CorsPolicy);
        var notifications = inbox.MapGroup("/notifications");

        notifications.MapPost("", authorization.Before(publish.Publish, AllowedCallers.Publisher));
        notifications.MapRead("", authorization.Before(pages.List, AllowedCallers.OwnerOrPublisher));
        notifications.MapDelete("", authorization.Before(ChangeEndpoints.Erase, AllowedCallers.Publisher));

        foreach (var action in Enum.GetValues<MarkAction>())
            notifications.MapPost(action.ToString().ToLowerInvariant(), authorization.Before(ChangeEndpoints.Mark(action), AllowedCallers.OwnerOrPublisher));
        notifications.MapPost("undo", authorization.Before(ChangeEndpoints.Undo, AllowedCallers.OwnerOrPublisher));

        notifications.MapPost("snooze", authorization.Before(waiting.Snooze, AllowedCallers.OwnerOrPublisher));

        notifications.MapRead("{id}", authorization.Before(PageEndpoints.One, AllowedCallers.OwnerOrPublisher));
        notifications.MapPatch("{id}", authorization.Before(ChangeEndpoints.Patch, AllowedCallers.OwnerOrPublisher));
        notifications.MapPost("{id}/actions/{action}", authorization.Before(ChangeEndpoints.Act, AllowedCallers.OwnerOrPublisher));
        notifications.MapDelete("{id}", authorization.Before(ChangeEndpoints.Delete, AllowedCallers.OwnerOrPublisher));

        inbox.MapDelete("keys/{key}", authorization.Before(ChangeEndpoints.Retract, AllowedCallers.OwnerOrPublisher));
        inbox.MapRead("scheduled", authorization.Before(WaitingEndpoints.Scheduled, AllowedCallers.Publisher));
        inbox.MapDelete("scheduled/{scheduled}", authorization.Before(WaitingEndpoints.Cancel, AllowedCallers.Publisher));
        inbox.MapRead("snoozed", authorization.Before(WaitingEndpoints.Snoozed, AllowedCallers.OwnerOrPublisher));
        inbox.MapPost("unsnooze", authorization.Before(waiting.Unsnooze, AllowedCallers.OwnerOrPublisher));
        inbox.MapRead("topics", authorization.Before(TopicEndpoints.Of, AllowedCallers.OwnerOrPublisher));
        inbox.MapRead("preferences", authorization.Before(PreferencesEndpoints.Get, AllowedCallers.OwnerOrPublisher));
        inbox.MapPut("preferences", authorization.Before(PreferencesEndpoints.Put, AllowedCallers.OwnerOrPublisher));
        inbox.MapRead("stream", authorization.Before(stream.Stream, AllowedCallers.OwnerOrPublisherByUrl));
        inbox.MapRead("export", authorization.Before(export.Export, AllowedCallers.OwnerOrPublisher));
        inbox.MapDelete("", authorization.Before(ChangeEndpoints.Forget, AllowedCallers.Publisher));
        inbox.MapRead("counts", authorization.Before(PageEndpoints.Counts, AllowedCallers.OwnerOrPublisher));
    }

    /// <summary>What is about more than one inbox.</summary>
    public static void MapTenants(this IEndpointRouteBuilder app)
    {
        var authorization = app.ServiceProvider.GetRequiredService<InboxAuthorization>();
        var batch = ActivatorUtilities.CreateInstance<BatchEndpoint>(app.ServiceProvider);
        var announcements = ActivatorUtilities.CreateInstance<AnnouncementEndpoints>(app.ServiceProvider);
        app.MapPost("/v1/notifications", authorization.Before(batch.Publish));
        app.MapPost("/v1/announcements", authorization.Before(announcements.Announce));
        app.MapRead("/v1/announcements", authorization.Before(AnnouncementEndpoints.List));
        app.MapRead("/v1/announcements/{announcement}", authorization.Before(AnnouncementEndpoints.One));
        app.MapDelete("/v1/announcements/{announcement}", authorization.Before(AnnouncementEndpoints.Retract));
    }

    /// <summary>GET, and HEAD with it (RFC 9110 §9.1): the same answer, of which the server leaves out the body.</summary>
    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder app, string pattern, RequestDelegate handler) =>
        app.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);

    /// <summary>The only endpoints that pages of other origins may call, when <c>Cors:Origins</c> names them: those of users.</summary>
    public const string CorsPolicy = "inbox";
}
