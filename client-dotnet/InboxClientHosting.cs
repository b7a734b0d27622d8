using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using OrleansInbox.Client.Http;

namespace OrleansInbox.Client;

/// <summary>Adds <see cref="IInboxClient"/> to a program.</summary>
public static class InboxClientHosting
{
    private const string _name = "OrleansInbox";
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Adds <see cref="IInboxClient"/>, with connections and retries by the standard resilience handler. Options are checked when the host starts, all at once.</summary>
    /// <returns>Its HTTP client, for handlers of your own; they see each attempt.</returns>
    public static IHttpClientBuilder AddInboxClient(this IServiceCollection services, Action<InboxClientOptions> configure)
    {
        services.AddOptions<InboxClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<InboxClientOptions>, InboxClientOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddTransient<CredentialsHandler>();
        services.TryAddSingleton<IInboxClient>(static provider =>
        {
            var clients = provider.GetRequiredService<IHttpClientFactory>();
            return new InboxClient(() => clients.CreateClient(_name), provider.GetRequiredService<TimeProvider>());
        });
        var http = services.AddHttpClient(_name, static (provider, client) =>
        {
            client.BaseAddress = WithSlash(provider.GetRequiredService<IOptions<InboxClientOptions>>().Value.BaseAddress!);
            client.Timeout = Timeout.InfiniteTimeSpan; // the resilience handler has the time-outs
        });
        http.UseSocketsHttpHandler(static (sockets, _) =>
        {
            (sockets.AllowAutoRedirect, sockets.UseCookies, sockets.PooledConnectionLifetime) = (false, false, _connectionLifetime);
            sockets.RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8; // an idempotency key may have any letters
        });
        http.AddStandardResilienceHandler().Configure(Configure);
        return http.AddHttpMessageHandler<CredentialsHandler>();
    }

    /// <summary>Likewise, from a section of the configuration: <c>BaseAddress</c>, <c>ApiKey</c>, <c>TotalTimeout</c>, <c>AttemptTimeout</c>.</summary>
    /// <param name="services">Those of the program.</param>
    /// <param name="configuration">The section.</param>
    /// <param name="configure">Sets what is not in the configuration.</param>
    /// <returns>Its HTTP client, for handlers of your own; they see each attempt.</returns>
    public static IHttpClientBuilder AddInboxClient(this IServiceCollection services, IConfiguration configuration, Action<InboxClientOptions>? configure = null) =>
        services.AddInboxClient(options =>
        {
            options.Read(configuration);
            configure?.Invoke(options);
        });

    private static void Configure(HttpStandardResilienceOptions resilience, IServiceProvider provider)
    {
        try
        {
            InboxResilience.Configure(resilience, provider.GetRequiredService<IOptions<InboxClientOptions>>().Value, provider.GetRequiredService<TimeProvider>());
        }
        catch (OptionsValidationException)
        {
            // Both are checked when the host starts; what is wrong with ours is told once.
        }
    }

    /// <summary>Else the last part of its path would be dropped from relative addresses.</summary>
    private static Uri WithSlash(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new(address.AbsoluteUri + "/");
}
