using System.Net;

namespace OrleansInbox.ClientApi.Development;

/// <summary>
/// Whether a request comes from this machine and means it: the connection comes from loopback, and the page was asked for by a name of loopback too, so
/// that no web site can reach it by pointing its own name here (DNS rebinding) and no proxy passes it on.
/// </summary>
internal static class LocalRequest
{
    public static bool IsFromHere(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var named) && IPAddress.IsLoopback(named)))
            && !http.Request.Headers.ContainsKey("X-Forwarded-For")
            && http.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
    }
}
