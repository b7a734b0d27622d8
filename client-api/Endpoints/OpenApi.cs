namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>
/// <c>/openapi/v1.json</c>: the contract, written by hand. The tests check every answer that they get against it. A document generated from types would
/// lack the headers, the shape of the JSON that the grain renders, and which status is sent when.
/// </summary>
internal static class OpenApi
{
    private const string Resource = "openapi.json";

    public static void MapOpenApiDocument(this IEndpointRouteBuilder app)
    {
        var document = Read();
        app.MapRead("/openapi/v1.json", http =>
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.Headers.CacheControl = "public, max-age=300";
            http.Response.ContentLength = document.Length;
            return http.Response.Body.WriteAsync(document, 0, document.Length);
        });
    }

    private static byte[] Read()
    {
        using var resource = typeof(OpenApi).Assembly.GetManifestResourceStream(Resource)!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
