using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The whole program on a free port, with the real grain and storage in a folder of its own.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    public const string PublisherKey = "publisher-of-the-default-tenant";
    public const string OtherKey = "publisher-of-another-tenant";
    public const string OtherTenant = "other/tenant";
    public static readonly byte[] SigningKey = SHA256.HashData("a signing key of the tests"u8);

    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;
    private bool _disposed;

    private ApiServer(WebApplication app, DirectoryInfo folder, Uri address, OpenApiContract contract) =>
        (_app, _folder, Address, Contract) = (app, folder, address, contract);

    public Uri Address { get; }
    public OpenApiContract Contract { get; }
    public IServiceProvider Services => _app.Services;

    /// <param name="settings">Further arguments, as <c>Name=value</c>.</param>
    public static async Task<ApiServer> Start(string? redis, string environment = "Production", bool credentials = true, ILoggerProvider? log = null, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("inbox-api-");
        List<string> args =
        [
            $"--environment={environment}", "--urls=http://127.0.0.1:0", $"--Inbox:DataPath={folder.FullName}", "--Logging:LogLevel:Default=Warning",
            .. redis is null ? (string[])[] : [$"--ConnectionStrings:Redis={redis}"],
            .. credentials ? Credentials() : [],
            .. settings.Select(setting => "--" + setting),
        ];
        var app = OrleansInbox.ClientApi.Program.Build([.. args]);
        if (log is not null) app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        using var http = new HttpClient();
        return new(app, folder, address, OpenApiContract.Parse(await http.GetStringAsync(new Uri(address, "/openapi/v1.json"))));
    }

    public static string[] Credentials() =>
    [
        $"--Auth:SigningKey={Convert.ToBase64String(SigningKey)}",
        $"--Auth:ApiKeys:0:Sha256={Hash(PublisherKey)}",
        $"--Auth:ApiKeys:1:Sha256={Hash(OtherKey).ToUpperInvariant()}", $"--Auth:ApiKeys:1:Tenant={OtherTenant}",
    ];

    public HttpClient Publisher(string key = PublisherKey) => Client(new("ApiKey", key));
    public HttpClient User(string sub, string? tenant = null) => Client(new("Bearer", TestToken.For(sub, tenant)));

    /// <summary>Every answer that it gets is held against the contract.</summary>
    public HttpClient Client(AuthenticationHeaderValue? credentials = null)
    {
        var client = new HttpClient(new ContractHandler(Contract)) { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = credentials;
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
