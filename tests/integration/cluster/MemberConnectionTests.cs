using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.Cluster;

/// <summary>Where members of a cluster listen, and whom they let in.</summary>
public sealed class MemberConnectionTests : IDisposable
{
    private const string Password = "a password";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-tls-");

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    public async Task A_silo_listens_where_it_is_reached_or_where_it_is_told(string? told, string listens)
    {
        await using var cluster = await ClusterFixture.Open();
        var silo = await cluster.Silo(settings: told is null ? [] : [$"--Cluster:ListenAddress={told}"]);
        var ports = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;

        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
        foreach (var port in new[] { ports.SiloPort, ports.GatewayPort })
            Assert.Equal([new IPEndPoint(IPAddress.Parse(listens), port)], listening.Where(endpoint => endpoint.Port == port));
    }

    [Fact]
    public async Task With_Tls_members_and_front_ends_of_one_authority_form_a_cluster()
    {
        using var authority = Authority("the cluster's authority");
        await using var cluster = await ClusterFixture.Open();
        await cluster.Silo(settings: Tls(Save("one", Issue(authority), authority)));
        await cluster.Silo(settings: Tls(Save("two", Issue(authority), authority)));
        var client = new InboxClient(await cluster.StartFrontEnd(settings: Tls(Save("front-end", Issue(authority), authority))));

        await Eventually.Is(async () => await client.Status("/health/ready") == HttpStatusCode.OK, "the front-end to reach the silos");
        for (var user = 0; user < 6; user++) // on both silos, most likely: a call passes from the gateway to the other
        {
            var live = await client.Stream($"user-{user}");
            await live.Added(await client.Publish($"user-{user}"));
        }
    }

    [Fact]
    public async Task With_Tls_nobody_comes_in_without_a_certificate_of_that_authority()
    {
        using var authority = Authority("the cluster's authority");
        using var foreign = Authority("the cluster's authority"); // the same name, another key
        await using var cluster = await ClusterFixture.Open();
        var silo = await cluster.Silo(settings: Tls(Save("one", Issue(authority), authority)));
        var ports = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;

        Assert.True(await Greets(ports.SiloPort, Issue(authority)));
        foreach (var port in new[] { ports.SiloPort, ports.GatewayPort })
        {
            Assert.False(await Greets(port, Issue(foreign)));
            Assert.False(await Greets(port, null));
        }
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_is_refused_with_a_sentence()
    {
        using var authority = Authority("the cluster's authority");
        using var own = Issue(authority);
        Assert.Contains("authority that issued", Refusal(Tls(Save("alone", own))));
        Assert.Contains("no private key", Refusal(Tls(Save("no-key", X509CertificateLoader.LoadCertificate(own.RawData), X509CertificateLoader.LoadCertificate(authority.RawData)))));
        Assert.Contains("CertificatePassword", Refusal([$"--Cluster:Tls:CertificateFile={Save("other-password", own, authority)}", "--Cluster:Tls:CertificatePassword=wrong-secret"]));
        Assert.DoesNotContain("wrong-secret", Refusal([$"--Cluster:Tls:CertificateFile={Save("other-password", own, authority)}", "--Cluster:Tls:CertificatePassword=wrong-secret"]));
        Assert.Contains("CertificateFile cannot be read", Refusal(["--Cluster:Tls:CertificateFile=/nowhere.p12"]));
        Assert.Equal("", Refusal(Tls(Save("self-signed", authority)))); // all members have this one file
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Whether the silo speaks to whoever shows that certificate: a silo begins with its preamble.</summary>
    private static async Task<bool> Greets(int port, X509Certificate2? certificate)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "silo",
                RemoteCertificateValidationCallback = (_, silo, _, _) => silo?.Subject == "CN=a member",
                ClientCertificates = certificate is null ? null : [certificate],
            });
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            return await tls.ReadAsync(new byte[1], patience.Token) > 0;
        }
        catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
        {
            return false; // TLS 1.3 tells a client of its certificate after the handshake: the first read has the alert
        }
    }

    private static string Refusal(string[] arguments)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddCommandLine(arguments).Build());
        ClusterTlsOptions.Read(settings);
        return string.Join('\n', settings.Violations);
    }

    private static string[] Tls(string file) => [$"--Cluster:Tls:CertificateFile={file}", $"--Cluster:Tls:CertificatePassword={Password}"];

    private string Save(string name, params X509Certificate2[] certificates)
    {
        var file = Path.Combine(_folder.FullName, name + ".p12");
        X509Certificate2[] all = [certificates[0], .. certificates.Skip(1).Select(other => X509CertificateLoader.LoadCertificate(other.RawData))]; // the others without their keys
        File.WriteAllBytes(file, new X509Certificate2Collection(all).Export(X509ContentType.Pkcs12, Password)!);
        return file;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a member", key, HashAlgorithmName.SHA256);
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(16));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
