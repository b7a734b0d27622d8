using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace OrleansInbox.ClientApi.Results;

/// <summary>An answer that says what went wrong (RFC 9457).</summary>
public sealed class Problem(int status, string detail, IReadOnlyDictionary<string, string[]>? errors = null) : IResult
{
    public const string ContentType = "application/problem+json";

    public int Status { get; } = status;
    public string Detail { get; } = detail;

    /// <summary>Seconds after which trying again makes sense.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The challenges of a 401 or 403 (RFC 9110 §11.6.1).</summary>
    public string[]? Authenticate { get; init; }

    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(StatusCodes.Status400BadRequest, "The request is not valid; see errors.", errors);

    public static Problem Invalid(string field, string reason) => Invalid(new Dictionary<string, string[]> { [field] = [reason] });

    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is nothing here.");

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Authenticate is { } challenges) response.Headers.WWWAuthenticate = challenges;
        var body = Render();
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private byte[] Render()
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", ReasonPhrases.GetReasonPhrase(Status));
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            if (errors is not null)
            {
                json.WriteStartObject("errors");
                foreach (var (field, reasons) in errors)
                {
                    json.WriteStartArray(field);
                    foreach (var reason in reasons) json.WriteStringValue(reason);
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return body.ToArray();
    }
}
