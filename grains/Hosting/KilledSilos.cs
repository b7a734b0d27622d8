using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>
/// Declares a silo dead as soon as its process has ended: a connection with its machine ended, and that machine refuses connections to it, since no process
/// listens there any more. Only what its machine cannot tell (the machine itself is away, the process is frozen) has to wait for missed probes.
/// </summary>
internal sealed partial class KilledSilos(IServiceProvider services, TimeProvider time, ILogger<KilledSilos> logger)
{
    private const int _attempts = 10;

    /// <summary>While membership is away nobody can be declared dead.</summary>
    private const int _declarations = 10;
    private const int _refusals = 2;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _declarationPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>The silos that are being asked, each by one, with how many connections have ended: each attempt to connect to a dead one ends one more.</summary>
    private readonly ConcurrentDictionary<SiloAddress, long> _asked = new();

    public static void Use(IServiceCollection services)
    {
        services.AddSingleton<KilledSilos>();
        services.AddOptions<SiloConnectionOptions>().Configure<KilledSilos>(static (options, killed) =>
        {
            // Two silos have one connection, which either may have opened.
            options.ConfigureSiloOutboundConnection(killed.Watch);
            options.ConfigureSiloInboundConnection(killed.Watch);
        });
    }

    private void Watch(IConnectionBuilder connections) => connections.Use(next => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            if (connection.RemoteEndPoint is IPEndPoint other) _ = Ended(other.Address.IsIPv4MappedToIPv6 ? other.Address.MapToIPv4() : other.Address);
        }
    });

    private async Task Ended(IPAddress machine)
    {
        try
        {
            // Resolved when it is needed: membership itself needs the connections.
            var membership = services.GetRequiredService<IClusterMembershipService>();
            await Task.WhenAll(ActiveAt(membership, machine).Select(silo => Ask(membership, silo)));
        }
        catch (Exception failure) when (failure is ObjectDisposedException or OperationCanceledException)
        {
            // This silo is ending, too.
        }
    }

    private async Task Ask(IClusterMembershipService membership, SiloAddress silo)
    {
        if (_asked.AddOrUpdate(silo, 1, static (_, ended) => ended + 1) > 1) return; // who asks already hears of it
        long ended;
        do
        {
            ended = _asked[silo];
            if (await HasEnded(silo)) await Declare(membership, silo);
        }
        while (!_asked.TryRemove(new(silo, ended)));
    }

    private async Task Declare(IClusterMembershipService membership, SiloAddress silo)
    {
        for (var declarations = 0; IsActive(membership, silo) && declarations < _declarations; declarations++) // who leaves by itself says so first
        {
            if (declarations == 0) LogHasEnded(logger, silo);
            else await Task.Delay(_declarationPause, time);
            try
            {
                await membership.TryKill(silo);
            }
            catch (Exception failure) when (failure is not (ObjectDisposedException or OperationCanceledException))
            {
                LogNotDeclared(logger, failure, silo);
            }
        }
    }

    private static bool IsActive(IClusterMembershipService membership, SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo) == SiloStatus.Active;

    /// <summary>Of a process that is being killed the connections may be closed before what listens: asked for a while.</summary>
    private async Task<bool> HasEnded(SiloAddress silo)
    {
        var refusals = 0;
        for (var attempt = 0; attempt < _attempts && refusals < _refusals; attempt++)
        {
            if (attempt > 0) await Task.Delay(_pause, time);
            refusals = await Refuses(silo.Endpoint) ? refusals + 1 : 0;
        }
        return refusals == _refusals;
    }

    private SiloAddress[] ActiveAt(IClusterMembershipService membership, IPAddress machine)
    {
        var self = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        return [.. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && member.SiloAddress != self && member.SiloAddress.Endpoint.Address.Equals(machine))
            .Select(member => member.SiloAddress)];
    }

    private static async Task<bool> Refuses(IPEndPoint other)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var socket = new Socket(other.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(other, patience.Token);
            return false;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The process of silo {Silo} has ended: its machine refuses connections to it. It is declared dead, and its inboxes move.")]
    private static partial void LogHasEnded(ILogger logger, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} could not be declared dead.")]
    private static partial void LogNotDeclared(ILogger logger, Exception failure, SiloAddress silo);
}
