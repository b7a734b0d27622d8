using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Tests.ClientApi;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>The client as a program has it, from its service collection.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly ServiceProvider _services;

    private TestClient(ServiceProvider services) => _services = services;

    public IInboxClient Inbox => _services.GetRequiredService<IInboxClient>();

    /// <param name="server">The real one.</param>
    /// <param name="configure">Beyond address and key.</param>
    /// <param name="handler">Sees each attempt.</param>
    public static TestClient Of(ApiServer server, Action<InboxClientOptions>? configure = null, DelegatingHandler? handler = null) => Build(server.Address, configure, handler is null ? null : http => http.AddHttpMessageHandler(() => handler));

    /// <param name="stub">In place of a server.</param>
    /// <param name="time">Its clock, and that of the retries.</param>
    /// <param name="configure">Beyond address and key.</param>
    public static TestClient Of(StubServer stub, TimeProvider? time = null, Action<InboxClientOptions>? configure = null) =>
        Build(new("http://stub.example/inbox"), configure, http => http.ConfigurePrimaryHttpMessageHandler(() => stub), time);

    public void Dispose() => _services.Dispose();

    private static TestClient Build(Uri address, Action<InboxClientOptions>? configure, Action<IHttpClientBuilder>? build, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        if (time is not null) services.AddSingleton(time);
        var http = services.AddInboxClient(options =>
        {
            (options.BaseAddress, options.ApiKey) = (address, ApiServer.PublisherKey);
            configure?.Invoke(options);
        });
        build?.Invoke(http);
        return new(services.BuildServiceProvider());
    }
}
