using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansInbox.Backups;
using OrleansInbox.Tests.ClientApi;
using OrleansInbox.Tests.Deployment;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Redis;

/// <summary>TLS, and a user that may do what is needed and nothing else: the line in docs/operations.md, as it stands there.</summary>
public sealed class RedisRightsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-rights-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task With_Tls_and_the_printed_rights_a_member_does_all_it_has_to()
    {
        var port = FreePort.Next();
        await using var redis = await RedisServer.Start("everysec", ["--tls-port", Text(port), .. Certificates()]);
        await redis.Ask(PrintedLine());
        await redis.Ask("ACL", "SETUSER", "default", "off"); // nothing else gets in
        await using var server = await ServerProcess.Start(new Dictionary<string, string> { ["SERedis_IssuerCertPath"] = File("ca.crt") }, _folder.FullName,
            $"--ConnectionStrings:Redis=127.0.0.1:{Text(port)},ssl=true,user=inboxes,password=PASSWORD", "--Cluster:Role=CoHosted", "--Cluster:AdvertisedAddress=127.0.0.1",
            $"--Cluster:SiloPort={Text(FreePort.Next())}", $"--Cluster:GatewayPort={Text(FreePort.Next())}");
        var publisher = server.Publisher();
        using var live = await EventReader.Open(publisher, ApiFixture.Path("ann", "stream"));
        Assert.Equal("ready", (await live.Next())!.Value.Name);
        var expiring = $$"""{"type":"t","title":"expires","expiresAt":"{{DateTimeOffset.UtcNow.AddMinutes(5):O}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiFixture.Path("ann")) { Content = ApiFixture.Json(expiring), Headers = { { "Idempotency-Key", "once" } } };
        Assert.Equal(HttpStatusCode.Created, (await publisher.SendAsync(request)).StatusCode);
        Assert.Equal("expires", await live.NextTitle());
        Assert.Equal(HttpStatusCode.OK, (await publisher.PostAsync(ApiFixture.Path("ann", "notifications/read"), ApiFixture.Json("""{"all":true}"""))).StatusCode);
        Assert.Single((await ApiFixture.Body(await publisher.GetAsync(ApiFixture.Path("ann"))))["items"]!.AsArray());
        await Waits(publisher, live);
        await Topics(publisher, live);
        Assert.Equal(HttpStatusCode.NoContent, (await publisher.DeleteAsync(ApiFixture.Path("ann", $"notifications/{live.LastId}"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await publisher.DeleteAsync(ApiFixture.Path("ann"))).StatusCode);
    }

    private static async Task Topics(HttpClient publisher, EventReader live)
    {
        foreach (var body in (string[])["""{"add":["ann","bob"]}""", """{"remove":["bob"]}"""]) Assert.Equal(HttpStatusCode.NoContent, (await publisher.PostAsync("/v1/topics/t/subscribers", ApiFixture.Json(body))).StatusCode);
        foreach (var open in (string[])["true", "false"]) Assert.Equal(HttpStatusCode.NoContent, (await publisher.PutAsync("/v1/topics/t", ApiFixture.Json($$"""{"open":{{open}}}"""))).StatusCode);
        Assert.Equal("""{"users":["ann"],"next":null}""", await publisher.GetStringAsync("/v1/topics/t/subscribers"));
        Assert.Equal("""{"topics":["t"]}""", await publisher.GetStringAsync(ApiFixture.Path("ann", "topics")));
        Assert.Equal(HttpStatusCode.Accepted, (await publisher.PostAsync("/v1/topics/t/notifications", ApiFixture.Json("""{"type":"t","title":"by a topic","key":"k"}"""))).StatusCode);
        while ((await live.Next())!.Value is var (name, data) && !(name == "added" && data.GetProperty("item").GetProperty("title").GetString() == "by a topic")) { }
        Assert.Equal(HttpStatusCode.Accepted, (await publisher.DeleteAsync("/v1/topics/t/keys/k")).StatusCode);
        await Eventually.Is(async () => (await publisher.GetStringAsync("/v1/jobs/t~2")).Contains("\"reached\":2", StringComparison.Ordinal), "the job to be done");
    }

    private static async Task Waits(HttpClient publisher, EventReader live)
    {
        var soon = await publisher.PostAsync(ApiFixture.Path("ann"), ApiFixture.Json($$"""{"type":"t","title":"soon","key":"k","deliverAt":"{{DateTimeOffset.UtcNow.AddSeconds(0.5):O}}"}"""));
        Assert.Equal("soon", await Added());
        Assert.Equal(HttpStatusCode.Conflict, (await publisher.DeleteAsync(ApiFixture.Path("ann", "scheduled/" + (await ApiFixture.Body(soon))["scheduled"]!.GetValue<string>()))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await publisher.PostAsync(ApiFixture.Path("ann", "notifications/snooze"), ApiFixture.Json($$"""{"ids":["{{live.LastId}}"],"until":"{{DateTimeOffset.UtcNow.AddHours(1):O}}"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await publisher.GetAsync(ApiFixture.Path("ann", "snoozed"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await publisher.PostAsync(ApiFixture.Path("ann", "unsnooze"), ApiFixture.Json($$"""{"ids":["{{live.LastId}}"]}"""))).StatusCode);
        Assert.Equal("soon", await Added());
        Assert.Equal(HttpStatusCode.NoContent, (await publisher.DeleteAsync(ApiFixture.Path("ann", "keys/k"))).StatusCode);

        async Task<string?> Added()
        {
            while (true)
                if ((await live.Next())!.Value is ("added", var data)) return data.GetProperty("item").GetProperty("title").GetString();
        }
    }

    [Theory]
    [InlineData("-evalsha -eval", "'eval' command"), InlineData("-time", "'time' command")]
    public async Task A_user_without_a_right_is_told_which_one(string without, string which)
    {
        await using var redis = await RedisServer.Start();
        await redis.Ask([.. PrintedLine(), .. without.Split(' ')]);
        var refused = await Assert.ThrowsAsync<StorageUnusableException>(() => ApiServer.Start($"{redis.Address},user=inboxes,password=PASSWORD"));
        Assert.Contains("lacks a right that is needed", refused.Message, StringComparison.Ordinal);
        Assert.Contains(which, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_rights_of_backups_and_streams_inboxes_are_backed_up_restored_and_written_to_by_a_stream()
    {
        await using var redis = await RedisServer.Start();
        foreach (var line in PrintedLines()) await redis.Ask(line);
        var (connection, file) = ($"{redis.Address},user=inboxes,password=PASSWORD", File("inboxes.ndjson.gz"));
        var backups = new BackupCommands(new(), new() { Redis = connection }, TextWriter.Null, isTerminal: false);
        await using (var server = await ApiServer.Start(connection, settings: $"Ingest:Streams:0={StreamPublisher.Stream}"))
        {
            await using var stream = await StreamPublisher.Connect(redis);
            await stream.Add("ann", "by a stream");
            await Eventually.Is(async () => await Titles(server) == "by a stream", "the entry to be in its inbox");
            Assert.Equal(0, await backups.Backup(file));
        }
        await redis.Ask("FLUSHALL");
        Assert.Equal(0, await backups.Restore(file, tenant: null, user: null));
        await using var restored = await ApiServer.Start(connection);
        Assert.Equal("by a stream", await Titles(restored));
    }

    private static async Task<string> Titles(ApiServer server)
    {
        using var list = await server.Publisher().GetAsync(ApiFixture.Path("ann"));
        return string.Join(',', (await ApiFixture.Body(list))["items"]!.AsArray().Select(item => (string)item!["title"]!));
    }

    private static string[] PrintedLine() => PrintedLines()[0];

    /// <summary>In the document, to be typed into redis-cli; the first is what is always needed.</summary>
    private static string[][] PrintedLines() =>
        [.. System.IO.File.ReadLines(Path.Combine(Checkout.Root, "docs", "operations.md")).Select(line => line.Trim()).Where(line => line.StartsWith("ACL SETUSER inboxes", StringComparison.Ordinal)).Select(line => line.Split(' '))];

    private string[] Certificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ofAuthority = new CertificateRequest("CN=an authority", authorityKey, HashAlgorithmName.SHA256);
        ofAuthority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var authority = ofAuthority.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ofRedis = new CertificateRequest("CN=redis", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        ofRedis.CertificateExtensions.Add(names.Build());
        using var issued = ofRedis.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(16));
        System.IO.File.WriteAllText(File("ca.crt"), authority.ExportCertificatePem());
        System.IO.File.WriteAllText(File("redis.crt"), issued.ExportCertificatePem());
        System.IO.File.WriteAllText(File("redis.key"), key.ExportPkcs8PrivateKeyPem());
        return ["--tls-cert-file", File("redis.crt"), "--tls-key-file", File("redis.key"), "--tls-ca-cert-file", File("ca.crt"), "--tls-auth-clients", "no"];
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
