using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansInbox;

/// <summary>
/// For a silo that is the only one: Orleans listens on no port. Its ports ask for no credentials, so any program of this machine could join as a silo, or
/// call inboxes as a client.
/// </summary>
internal sealed class NoConnections : IConnectionListenerFactory
{
    /// <summary>Instead of all listeners that Orleans has registered, those for silos and those for clients.</summary>
    public static void Use(IServiceCollection services)
    {
        var listeners = services.Where(service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory)).ToList();
        if (listeners.Count == 0) throw new InvalidOperationException("This version of Orleans registers its listeners in another way: its ports would be open.");
        foreach (var listener in listeners) services.Replace(ServiceDescriptor.KeyedSingleton<IConnectionListenerFactory, NoConnections>(listener.ServiceKey));
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new Listener(endpoint));

    private sealed class Listener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        /// <returns>Null, which says that no more will come, once it is unbound.</returns>
        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_unbound.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound.TrySetResult(null);
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
