using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansInbox.Storage.Sqlite;
using OrleansInbox.Tests.ClientApi;
using StackExchange.Redis;

namespace OrleansInbox.Tests.Processes;

/// <summary>What the operator is told at start: one sentence and exit code 1 for what waiting does not mend.</summary>
public sealed class StartTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task What_it_makes_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.FullName, "data");
        await using var server = await ServerProcess.Start(folder.FullName, $"--Inbox:DataPath={data}");

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, new DirectoryInfo(data).UnixFileMode);
        Assert.Superset(new HashSet<string> { "inbox.db", "inbox.db-wal", "inbox.db-shm", "inbox.lock" }, Directory.GetFiles(data).Select(file => Path.GetFileName(file)).ToHashSet());
        Assert.All(new DirectoryInfo(data).GetFiles(), file => Assert.Equal(OwnerOnly, file.UnixFileMode));
    }

    [Fact]
    public async Task A_file_that_others_can_read_is_restricted_and_the_folder_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows()) return; // it has no modes
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.FullName, "inbox.db");
        using (var session = new SqliteSession(file, readOnly: false)) session.Run("PRAGMA journal_mode = WAL");
        new FileInfo(file).UnixFileMode = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var mode = OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        new DirectoryInfo(folder.FullName).UnixFileMode = mode;
        await using var server = await ServerProcess.Start(folder.FullName);

        Assert.Equal(OwnerOnly, new FileInfo(file).UnixFileMode);
        Assert.Equal(mode, new DirectoryInfo(folder.FullName).UnixFileMode);
        Assert.Contains($"{file} could be read by other users of this machine", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_said()
    {
        using var folder = new TemporaryFolder();
        await Refused(folder, "The data folder /sys/inbox is not", "--Inbox:DataPath=/sys/inbox");
    }

    [Fact]
    public async Task A_damaged_file_is_said()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "inbox.db"), new string('x', 8_192));
        await Refused(folder, "inbox.db is damaged");
    }

    [Fact]
    public async Task A_locked_file_is_said()
    {
        using var folder = new TemporaryFolder();
        using var intruder = new SqliteSession(Path.Combine(folder.FullName, "inbox.db"), readOnly: false);
        intruder.Run("CREATE TABLE t (x); BEGIN EXCLUSIVE");
        await Refused(folder, "inbox.db is locked by another process");
    }

    [Fact]
    public async Task A_wrong_password_of_Redis_is_said()
    {
        await using var redis = await RedisServer.Start();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true"))
            await admin.GetServers()[0].ConfigSetAsync("requirepass", "right-secret");
        using var folder = new TemporaryFolder();

        var output = await Refused(folder, "Redis refuses the credentials in ConnectionStrings:Redis", $"--ConnectionStrings:Redis={redis.Address},password=wrong-secret");
        Assert.DoesNotContain("wrong-secret", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allkeys-lru"), InlineData("volatile-ttl")]
    public async Task A_Redis_that_drops_what_it_acknowledged_is_refused(string policy)
    {
        await using var redis = await RedisServer.Start();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true"))
            await admin.GetServers()[0].ConfigSetAsync("maxmemory-policy", policy);
        using var folder = new TemporaryFolder();

        var output = await Refused(folder, $"Redis has maxmemory-policy {policy}", $"--ConnectionStrings:Redis={redis.Address}");
        Assert.Contains("Storage:AllowUnsafe=true", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_that_forbids_INFO_is_taken_as_it_is()
    {
        await using var redis = await RedisServer.Start();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(redis.Address + ",allowAdmin=true"))
        {
            await admin.GetServers()[0].ConfigSetAsync("maxmemory-policy", "allkeys-lru");
            await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "-info", "-config");
        }
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.Start(folder.FullName, $"--ConnectionStrings:Redis={redis.Address}");

        Assert.DoesNotContain("warn: OrleansInbox", server.Output, StringComparison.Ordinal); // Orleans and Kestrel warn of a machine that is slow
    }

    [Fact]
    public async Task An_untrusted_certificate_of_Redis_is_said()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var ended = new CancellationTokenSource();
        var serving = Serve(listener, certificate, ended.Token);
        using var folder = new TemporaryFolder();

        await Refused(folder, "The certificate of Redis is not trusted", $"--ConnectionStrings:Redis=127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port},ssl=true");
        await ended.CancelAsync();
        await serving;
    }

    private static async Task<string> Refused(TemporaryFolder folder, string sentence, params string[] arguments)
    {
        var (exitCode, output) = await ServerProcess.RunUntilShutdown(folder.FullName, "Production", [.. ApiServer.Credentials(), .. arguments]);

        Assert.Contains(sentence, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
        return output;
    }

    private static async Task Serve(TcpListener listener, X509Certificate2 certificate, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                using var tcp = await listener.AcceptTcpClientAsync(ended);
                await using var tls = new SslStream(tcp.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, ended);
                while (await tls.ReadAsync(new byte[256], ended) > 0) { }
            }
            catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
            {
                // the client does not trust the certificate
            }
        }
    }
}
