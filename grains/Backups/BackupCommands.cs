using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;

namespace OrleansInbox.Backups;

/// <summary>A backup or a restore as all that a process does: no Orleans, no HTTP.</summary>
/// <param name="options">Where the inboxes are.</param>
/// <param name="topology">Likewise.</param>
/// <param name="output">For progress and the last line.</param>
/// <param name="isTerminal">Whether a line there can be written over.</param>
public sealed class BackupCommands(InboxOptions options, TopologyOptions topology, TextWriter output, bool isTerminal)
{
    private const int _interrupted = 130;

    /// <summary>Beside a server or without one.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> Backup(string file) => UntilInterrupted(async cancelled =>
    {
        await using var redis = await Connect();
        using var sqlite = redis is null ? new SqliteInboxArchive(options, TimeProvider.System) : null;
        IInboxArchive archive = redis is null ? sqlite! : new RedisInboxArchive(redis, options, TimeProvider.System);
        var progress = Progress("backed up");
        var summary = await new BackupRun(archive, TimeProvider.System, options.Backup.Pace).Write(file, progress, cancelled);
        progress.End(Text($"{file}: {summary.Inboxes:N0} inboxes, {summary.Keys:N0} idempotency keys, {new FileInfo(file).Length / 1_048_576.0:N1} MiB."));
    });

    /// <summary>Nothing else may write meanwhile, unless it is a cluster.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="tenant">Of this one alone; null: of all, or with a user of the one that has no name.</param>
    /// <param name="user">Of this one alone; null: of all.</param>
    /// <returns>The exit code.</returns>
    public Task<int> Restore(string file, string? tenant, string? user) => UntilInterrupted(async cancelled =>
    {
        await using var redis = await Connect();
        using var lease = redis is not null && topology.Role == ClusterRole.Embedded ? await Lease(redis) : null;
        using var database = redis is null ? new SqliteDatabase(options, TimeProvider.System, NullLogger<SqliteDatabase>.Instance) : null;
        using var sqlite = database is null ? null : new SqliteInboxArchive(options, TimeProvider.System, database);
        IInboxArchive archive = redis is null ? sqlite! : new RedisInboxArchive(redis, options, TimeProvider.System);
        var progress = Progress("restored");
        var summary = await new RestoreRun(archive, TimeProvider.System, Wanted(tenant, user)).Read(file, progress, cancelled);
        progress.End(Text($"{summary.Restored:N0} inboxes restored, {summary.There:N0} were there already, {summary.Forgotten:N0} are of people who were forgotten; {summary.Keys:N0} idempotency keys, {summary.Subscriptions:N0} subscriptions."));
        if (lease is not null) await lease.StopAsync(CancellationToken.None);
    });

    private static Predicate<string> Wanted(string? tenant, string? user)
    {
        if (user is not null && InboxKey.Of(tenant ?? InboxKey.DefaultTenant, user) is var one) return key => key == one;
        return tenant is null ? static _ => true : key => InboxKey.Parse(key).Tenant == tenant;
    }

    private async Task<RedisConnection?> Connect()
    {
        if (topology.Redis is not { } address) return null;
        var redis = new RedisConnection(address, options.StorageTimeout, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        try
        {
            if (await redis.FindFailure() is { } failure) throw new StorageUnusableException(failure);
            await redis.Inspected();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same lease that a server takes: none starts meanwhile, and none runs.</summary>
    private async Task<IHost> Lease(RedisConnection redis)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton(redis);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options with { WaitForOther = TimeSpan.Zero });
        builder.Services.AddHostedService<ServerLease>();
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private async Task<int> UntilInterrupted(Func<CancellationToken, Task> work)
    {
        using var interrupted = new CancellationTokenSource();
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        try
        {
            await Task.Run(() => work(interrupted.Token));
            return 0;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return _interrupted;
        }

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true; // it ends by itself, and leaves no half of a file
            interrupted.Cancel();
        }
    }

    private BackupProgress Progress(string verb) => new(output, isTerminal, verb, TimeProvider.System);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
