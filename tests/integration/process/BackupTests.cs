using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInbox.Backups;
using OrleansInbox.Storage;
using OrleansInbox.Storage.Sqlite;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Processes;

/// <summary><c>--backup</c> and <c>--restore</c> as real processes: killed, interrupted, refused.</summary>
public sealed class BackupTests
{
    private const int Inboxes = 3_000;

    [Fact]
    public async Task A_backup_that_is_killed_or_interrupted_leaves_no_file_and_a_restore_that_is_killed_goes_on_when_it_is_repeated()
    {
        using var folder = new TemporaryFolder();
        var (source, file) = (Path.Combine(folder.FullName, "source.gz"), Path.Combine(folder.FullName, "copy.gz"));
        Write(source);

        await using (var restoring = ServerProcess.Begin(folder.FullName, "--restore", source))
        {
            await Eventually.Is(() => Task.FromResult(Count(folder.FullName) > 0), "the first restored inboxes");
            await restoring.Kill();
        }
        Assert.InRange(Count(folder.FullName), 1, Inboxes - 1);
        var (code, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production", "--restore", source);
        Assert.Equal((0, Inboxes), (code, Count(folder.FullName)));
        Assert.Contains("were there already", output, StringComparison.Ordinal);

        await using (var killed = ServerProcess.Begin(folder.FullName, "--backup", file, "--Backup:Pace", "1"))
        {
            await Eventually.Is(() => Task.FromResult(File.Exists(file + ".part")), "the backup to begin");
            await killed.Kill();
        }
        Assert.False(File.Exists(file));
        await using (var interrupted = ServerProcess.Begin(folder.FullName, "--backup", file, "--Backup:Pace", "1"))
        {
            await Eventually.Is(() => Task.FromResult(File.Exists(file + ".part") && new FileInfo(file + ".part").Length > 0), "the backup to begin again");
            Assert.Equal(130, await interrupted.Terminate(TimeSpan.FromSeconds(20)));
        }
        Assert.False(File.Exists(file) || File.Exists(file + ".part"));
    }

    [Fact]
    public async Task A_server_is_no_reason_against_a_backup_but_against_a_restore()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.Start();
        var file = Path.Combine(folder.FullName, "copy.gz");
        await using var server = await ServerProcess.Start(folder.FullName, "--ConnectionStrings:Redis", redis.Address);
        using (var publisher = server.Publisher())
        using (var body = new StringContent("""{"type":"t","title":"T"}""", Encoding.UTF8, "application/json"))
            (await publisher.PostAsync("v1/users/ann/notifications", body)).EnsureSuccessStatusCode();

        var (code, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production", "--backup", file, "--ConnectionStrings:Redis", redis.Address);
        Assert.True(code == 0, output);
        Assert.Contains(": 1 inboxes, ", output, StringComparison.Ordinal);
        (code, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production", "--restore", file, "--ConnectionStrings:Redis", redis.Address);
        Assert.Equal(1, code);
        Assert.StartsWith($"Another server (process {server.Id} ", output, StringComparison.Ordinal);

        await server.Terminate(TimeSpan.FromSeconds(20));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await connection.GetDatabase().KeyDeleteAsync("inbox:{default/ann}:log");
        (code, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production", "--restore", file, "--user", "ann", "--ConnectionStrings:Redis", redis.Address);
        Assert.True(code == 0 && output.StartsWith("1 inboxes restored", StringComparison.Ordinal), output);
        Assert.False(await connection.GetDatabase().KeyExistsAsync("inbox:server")); // the next server need not wait
    }

    private static void Write(string file)
    {
        using var writer = new BackupWriter(file, new("", 0, DateTimeOffset.UtcNow, "test"));
        for (var n = 0; n < Inboxes; n++)
            writer.Write(new ArchivedInbox($"default/user-{n}", 1_766_000_000_000, 2, IsErased: false, SeqRanges.Empty, [new(1, 1, null, "w", """{"createdAt":"x"}"""u8.ToArray()), new(2, 2, null, "w", """{"createdAt":"x"}"""u8.ToArray())], null));
        writer.Complete();
    }

    /// <summary>Read as a backup reads it, beside the process that writes.</summary>
    private static long Count(string folder)
    {
        try
        {
            using var archive = new SqliteInboxArchive(new() { DataPath = folder }, TimeProvider.System);
            return archive.Count().GetAwaiter().GetResult() ?? 0;
        }
        catch (Exception notYet) when (notYet is StorageUnusableException or StorageUnavailableException)
        {
            return 0;
        }
    }
}
