using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace OrleansInbox.ClientApi.Development;

/// <summary>Once the server listens: what to open, and what to paste into a terminal. Only made-up credentials are ever printed.</summary>
internal sealed class StartupBanner(DevelopmentCredentials credentials, FrontEndSettings settings, IServer server, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => Console.WriteLine(Text(Url())));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Url()
    {
        var url = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5000";
        return url.TrimEnd('/').Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal);
    }

    private string Text(string url)
    {
        var (first, second) = (DevelopmentCredentials.Users[0], DevelopmentCredentials.Users[1]);
        return string.Create(CultureInfo.InvariantCulture, $$"""

            OrleansInbox listens on {{url}}
              inboxes      {{(settings.Topology.Redis is null ? Folder() : "in Redis")}}
              credentials  made up for {{Folder()}}
              contract     {{url}}/openapi/v1.json
              dashboard    {{(settings.Dashboard ? $"{url}/dashboard/ (any user name, the API key is the password)" : "off")}}

            # publish to {{first}}
            curl -si {{url}}/v1/users/{{first}}/notifications -H 'Authorization: ApiKey {{credentials.ApiKey}}' -H 'Content-Type: application/json' -d '{"type":"comment.created","title":"Hello {{first}}"}'

            # list and watch as {{first}} (a token for 30 days)
            TOKEN={{credentials.Token(first)}}
            curl -s {{url}}/v1/users/me/notifications -H "Authorization: Bearer $TOKEN"
            curl -sN {{url}}/v1/users/me/stream -H "Authorization: Bearer $TOKEN"

            # a token of {{second}}, or of anybody else
            curl -s -X POST '{{url}}/dev/token?user={{second}}' -H 'Authorization: ApiKey {{credentials.ApiKey}}'

            Ready in {{SinceStart().TotalSeconds:0.0}} s: {{url}}/#key={{credentials.ApiKey}}
            """);
    }

    private string Folder() => Path.GetFullPath(settings.Inbox.DataPath);

    /// <summary>Of this process, with the runtime's own start; <c>./start</c> becomes this process, so that a build counts too.</summary>
    private static TimeSpan SinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }
}
