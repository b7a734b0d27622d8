using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// Takes <c>access_token</c> out of a request's URL before the host sees it. A middleware would be too late: the host writes URLs to logs and traces before
/// the first one runs. A filter on a log category would not do: configuration can undo it.
/// </summary>
internal sealed class AccessTokenRedaction(IServer server) : IServer
{
    private const string Parameter = "access_token";

    public IFeatureCollection Features => server.Features;

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull =>
        server.StartAsync(new RedactingApplication<TContext>(application), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    /// <summary>Wraps the server that is registered so far.</summary>
    public static void Wrap(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IServer));
        services.AddSingleton<IServer>(provider => new AccessTokenRedaction((IServer)(registered.ImplementationInstance
            ?? registered.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!))));
    }

    internal static void Redact(IFeatureCollection features)
    {
        var request = features.GetRequiredFeature<IHttpRequestFeature>();
        var query = request.QueryString;
        // The cheap test cannot see a percent-encoded name ("access%5Ftoken"), so a query with a % is always parsed.
        if (query.Length < 2 || !(query.Contains(Parameter, StringComparison.OrdinalIgnoreCase) || query.Contains('%', StringComparison.Ordinal))) return;

        string? token = null;
        var count = 0;
        var rest = new StringBuilder();
        foreach (var part in query[1..].Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = Uri.UnescapeDataString((equals < 0 ? part : part[..equals]).Replace('+', ' '));
            if (name.Equals(Parameter, StringComparison.OrdinalIgnoreCase)) (token, count) = (equals < 0 ? "" : Uri.UnescapeDataString(part[(equals + 1)..]), count + 1);
            else rest.Append(rest.Length == 0 ? '?' : '&').Append(part);
        }
        if (token is null) return;
        features.Set(new QueryToken(token, count));
        request.QueryString = rest.ToString();
        var mark = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0) request.RawTarget = string.Concat(request.RawTarget.AsSpan(0, mark), request.QueryString);
    }

    private sealed class RedactingApplication<TContext>(IHttpApplication<TContext> application) : IHttpApplication<TContext> where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            Redact(contextFeatures);
            return application.CreateContext(contextFeatures);
        }

        public Task ProcessRequestAsync(TContext context) => application.ProcessRequestAsync(context);
        public void DisposeContext(TContext context, Exception? exception) => application.DisposeContext(context, exception);
    }
}
