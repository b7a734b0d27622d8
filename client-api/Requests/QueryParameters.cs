using System.Globalization;
using System.Text;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Requests;

/// <summary>The query parameters of a URL. One that is unknown or given twice is an error: ignored, a misspelt parameter would silently ask for something else.</summary>
internal readonly struct QueryParameters
{
    private readonly IQueryCollection _query;
    private readonly FieldErrors _errors;

    public QueryParameters(HttpRequest request, FieldErrors errors, params ReadOnlySpan<string> known)
    {
        (_query, _errors) = (request.QueryString.HasValue ? request.Query : QueryCollection.Empty, errors);
        foreach (var (name, values) in _query)
        {
            if (!known.Contains(name)) errors.Add(name, "Is not known.");
            else if (values.Count > 1) errors.Add(name, "Is given twice.");
        }
    }

    /// <summary>Null when not given.</summary>
    public string? Text(string name) => _query.TryGetValue(name, out var values) ? values[0] ?? "" : null;

    public int Number(string name, int otherwise, int from, int to)
    {
        if (Text(name) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to) return value;
        _errors.Add(name, $"Must be a whole number from {from} to {to}.");
        return otherwise;
    }

    public NotificationId? Id(string name)
    {
        if (Text(name) is not { } text) return null;
        if (NotificationId.TryParse(text, out var id)) return id;
        _errors.Add(name, "Is not a notification's id.");
        return null;
    }

    /// <summary>The parameter <c>type</c>: one or more types, separated by commas; null when not given.</summary>
    public string[]? Types()
    {
        var types = Text("type")?.Split(',');
        if (types is not null && NotificationRules.Types(types) is { } illegal) _errors.Add("type", illegal);
        return types;
    }

    /// <summary>For an endpoint without query parameters: the problem when the URL has any.</summary>
    public static Problem? Unknown(HttpRequest request)
    {
        if (!request.QueryString.HasValue) return null;
        var errors = new FieldErrors();
        _ = new QueryParameters(request, errors);
        return errors.IsEmpty ? null : Problem.Invalid(errors.ToDictionary());
    }

    /// <summary>The query string of the request, with one parameter set to another value.</summary>
    public static string With(HttpRequest request, string name, string value)
    {
        var url = new StringBuilder();
        foreach (var (other, values) in request.Query)
            if (other != name)
                url.Append(url.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(other)).Append('=').Append(Uri.EscapeDataString(values.ToString()));
        return url.Append(url.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value)).ToString();
    }
}
