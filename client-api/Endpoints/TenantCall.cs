using OrleansInbox.ClientApi.Requests;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Endpoints;

/// <summary>An authorized request of a publisher that is about no single inbox.</summary>
/// <param name="Http">The request.</param>
/// <param name="Tenant">The caller's.</param>
/// <param name="Client">Calls grains.</param>
internal readonly record struct TenantCall(HttpContext Http, string Tenant, InboxClient Client)
{
    /// <inheritdoc cref="InboxCall.UnknownParameter"/>
    public Problem? UnknownParameter() => QueryParameters.Unknown(Http.Request);
}
