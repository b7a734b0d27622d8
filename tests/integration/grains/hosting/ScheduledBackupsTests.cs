using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Backups;
using OrleansInbox.Storage.Redis;
using OrleansInbox.Storage.Sqlite;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Tests.Grains.Hosting;

/// <summary>Backups on a schedule: when, how many files stay, by whom.</summary>
public sealed class ScheduledBackupsTests : IDisposable
{
    private static readonly TimeSpan _every = TimeSpan.FromHours(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-scheduled-");
    private readonly FakeTime _time = new();
    private readonly BackupStatus _status = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private string Path => System.IO.Path.Combine(_folder.FullName, "backups");
    private InboxOptions Options => new() { DataPath = _folder.FullName, Backup = new() { Every = _every, Path = Path, Keep = 2, Pace = 100 } };
    private string[] Files => Directory.Exists(Path) ? [.. Directory.GetFiles(Path).Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal)] : [];

    public void Dispose()
    {
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task One_is_made_when_it_is_due_and_the_newest_stay()
    {
        using var database = new SqliteDatabase(Options, _time, NullLogger<SqliteDatabase>.Instance);
        Directory.CreateDirectory(Path);
        await File.WriteAllTextAsync(System.IO.Path.Combine(Path, "inbox-20250101T000000Z.ndjson.gz.part"), "of one that was killed");
        await File.WriteAllTextAsync(System.IO.Path.Combine(Path, "inbox-of-somebody.ndjson.gz"), "another's");
        await Run(async () =>
        {
            await Has("inbox-20260101T000000Z.ndjson.gz", "inbox-of-somebody.ndjson.gz");
            for (var hour = 1; hour <= 3; hour++)
            {
                _time.Advance(_every);
                await Has($"inbox-20260101T0{hour - 1}0000Z.ndjson.gz", $"inbox-20260101T0{hour}0000Z.ndjson.gz", "inbox-of-somebody.ndjson.gz");
            }
        });
        await Run(() =>
        {
            _time.Advance(_every / 2); // another process: none is due
            return Has("inbox-20260101T020000Z.ndjson.gz", "inbox-20260101T030000Z.ndjson.gz", "inbox-of-somebody.ndjson.gz");
        });
    }

    [Fact]
    public async Task One_that_failed_is_said_and_tried_again()
    {
        using var database = new SqliteDatabase(Options, _time, NullLogger<SqliteDatabase>.Instance);
        await File.WriteAllTextAsync(Path, "a file where a folder has to be");
        await Run(async () =>
        {
            await Eventually.Is(async () => (await Warnings()).Length == 1, "the warning");
            Assert.StartsWith("The scheduled backup of 2026-01-01 00:00 UTC failed: ", (await Warnings())[0], StringComparison.Ordinal);
            File.Delete(Path);
            _time.Advance(TimeSpan.FromMinutes(11));
            await Eventually.Is(async () => (await Warnings()).Length == 0, "the backup that is tried again");
            Assert.Single(Files);
        });
    }

    [Fact]
    public async Task Of_the_members_of_a_cluster_one_makes_it()
    {
        await using var server = await RedisServer.Start();
        await using var redis = new RedisConnection(server.Address, TimeSpan.FromSeconds(4), TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var (one, other) = (new BackupTurn(Options.Backup, TimeProvider.System, redis), new BackupTurn(Options.Backup, TimeProvider.System, redis));
        var database = (await redis.Multiplexer).GetDatabase();
        Assert.NotNull(await one.Take());
        Assert.Null(await other.Take());
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:backup"))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromMinutes(1));
        await one.Done(DateTimeOffset.UtcNow);
        Assert.Null(await other.Take());
        Assert.Null(await one.Take());
        Assert.InRange((await database.KeyTimeToLiveAsync("inbox:backup"))!.Value, _every - TimeSpan.FromMinutes(1), _every);
        await database.KeyDeleteAsync("inbox:backup"); // as if its time were up
        Assert.NotNull(await other.Take());
        await other.Failed();
        Assert.Null(await one.Take());
        Assert.Null(await other.Take());
    }

    private async Task Run(Func<Task> test)
    {
        using var archive = new SqliteInboxArchive(Options, _time);
        using var backups = new ScheduledBackups(archive, Options, _status, new InboxMetrics(_services.GetRequiredService<IMeterFactory>()), _time, NullLogger<ScheduledBackups>.Instance);
        await backups.StartAsync(CancellationToken.None);
        await test();
        await backups.StopAsync(CancellationToken.None);
    }

    private Task Has(params string[] files) => Eventually.Is(() => Task.FromResult(Files.SequenceEqual(files)), $"{string.Join(", ", files)}, instead of {string.Join(", ", Files)}");

    private async Task<string[]> Warnings() =>
        (await _status.CheckHealthAsync(new HealthCheckContext())).Data.TryGetValue(StorageHealthCheck.Warnings, out var warnings) ? (string[])warnings : [];
}
