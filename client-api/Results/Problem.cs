using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace OrleansInbox.ClientApi.Results;

/// <summary>
/// What went wrong (RFC 9457): the framework's <see cref="ProblemDetails"/>, with the headers that belong to it. Written without an
/// <see cref="IProblemDetailsService"/>, which would add a <c>traceId</c>, and would refuse clients that accept only <c>text/event-stream</c>.
/// </summary>
public sealed class Problem : IResult
{
    private readonly ProblemDetails _details;

    public Problem(int status, string detail) : this(status, detail, new ProblemDetails()) { }

    private Problem(int status, string detail, ProblemDetails details)
    {
        _details = details;
        (details.Type, details.Title, details.Status, details.Detail) = ("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail);
    }

    /// <summary>As in the body.</summary>
    public ProblemDetails Details => _details;

    /// <summary>Seconds after which trying again makes sense.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The notification that it is about, for machines.</summary>
    public NotificationId NotificationId { init => _details.Extensions["id"] = value.ToString(); }

    /// <summary>The challenges of a 401 or 403 (RFC 9110 §11.6.1).</summary>
    public string[]? Authenticate { get; init; }

    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(StatusCodes.Status400BadRequest, "The request is not valid; see errors.", new HttpValidationProblemDetails(errors));

    public static Problem Invalid(string field, string reason) => Invalid(new Dictionary<string, string[]> { [field] = [reason] });

    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is nothing here.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.CacheControl = "no-store";
        if (RetryAfter is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Authenticate is { } challenges) headers.WWWAuthenticate = challenges;
        return TypedResults.Problem(_details).ExecuteAsync(httpContext);
    }
}
