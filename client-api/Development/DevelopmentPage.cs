namespace OrleansInbox.ClientApi.Development;

/// <summary>The page at <c>/</c>, in Development only: plain files that may load nothing from anywhere else.</summary>
internal static class DevelopmentPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The files are found from any working directory, beside the sources that were built.</summary>
    public static void AddDevelopmentPage(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment()) builder.WebHost.UseStaticWebAssets();
    }

    public static void UseDevelopmentPage(this WebApplication app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers.ContentSecurityPolicy = Policy; // stricter than other pages: not even pictures from elsewhere
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers.CacheControl = "no-cache"; // whoever changes the page sees the change
            },
        });
    }
}
