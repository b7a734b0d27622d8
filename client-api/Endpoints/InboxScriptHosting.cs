namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The web components, served by every front-end and in every environment.</summary>
internal static class InboxScriptHosting
{
    public static void MapInboxScript(this IEndpointRouteBuilder app)
    {
        var script = new InboxScript();
        app.MapRead("/inbox.js", script.Answer);
    }
}
