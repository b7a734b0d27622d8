using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>An authorized request of a publisher that is about no single inbox.</summary>
/// <param name="Http">The request.</param>
/// <param name="Tenant">The caller's.</param>
/// <param name="Client">Calls grains.</param>
/// <param name="Until">When the caller's token is refused from; null: never.</param>
internal readonly record struct TenantCall(HttpContext Http, string Tenant, InboxClient Client, DateTimeOffset? Until)
{
    /// <summary>For an endpoint without query parameters: the problem when the URL has any.</summary>
    public Problem? UnknownParameter() => QueryParameters.Unknown(Http.Request);
}
