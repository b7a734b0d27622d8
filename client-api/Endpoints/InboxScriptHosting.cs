namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>The web components, served by every front-end and in every environment.</summary>
internal static class InboxScriptHosting
{
    public static void MapInboxScript(this IEndpointRouteBuilder app)
    {
        var script = new InboxScript();
        app.MapMethods("/inbox.js", [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)script.Answer);
    }
}
