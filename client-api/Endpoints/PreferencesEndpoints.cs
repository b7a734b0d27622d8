using System.Globalization;
using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>What a user wants of the inbox; its <c>ETag</c> is how often it was saved.</summary>
internal static class PreferencesEndpoints
{
    private static readonly JsonBody.Parser<Preferences> _parser = PreferencesBody.Parse;

    public static async Task<IResult> Get(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        return Result(call, await call.Ask(0, static (inbox, _, _) => inbox.Preferences()));
    }

    public static async Task<IResult> Put(InboxCall call)
    {
        if (call.UnknownParameter() is { } unknown) return unknown;
        var (preferences, problem) = await RequestBody.Read(call.Http, _parser);
        if (problem is not null) return problem;
        var result = await call.Ask((Json: preferences!.ToJson(), If: Versions(call.Http.Request)), static (inbox, to, deadline) => inbox.SavePreferences(to.Json, to.If, deadline));
        return result.Saved ? Result(call, result)
            : new Problem(StatusCodes.Status412PreconditionFailed, "The preferences were saved by somebody else meanwhile: get them again, and then change them.");
    }

    private static RenderedJsonResult Result(InboxCall call, PreferencesResult preferences)
    {
        call.Http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{preferences.Version}\"");
        return new RenderedJsonResult(preferences.Json);
    }

    /// <summary>Of <c>If-Match</c> (RFC 9110 §13.1.1); null: in any case. A weak tag matches nothing.</summary>
    private static long[]? Versions(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0) return null;
        var tags = request.GetTypedHeaders().IfMatch;
        if (tags.Any(tag => tag.Tag == "*")) return null;
        return [.. tags.Where(tag => !tag.IsWeak).Select(tag => long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1)];
    }
}
