namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The web components, served by every front-end and in every environment.</summary>
internal static class InboxScriptHosting
{
    public static void MapInboxScript(this IEndpointRouteBuilder app)
    {
        foreach (var name in new[] { "inbox.js", "inbox-more.js" }) app.MapRead("/" + name, new InboxScript(name).Answer);
    }
}
