using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// The keys of an OpenID Connect issuer. Once known they go on being used, however long the issuer is away; <see cref="ConfigurationManager{T}"/> refreshes
/// them behind the requests.
/// </summary>
internal sealed partial class AuthorityKeys : IDocumentRetriever, IDisposable
{
    /// <summary>For each of the two documents: whoever waits for both has an answer within 5 s.</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HttpClient _http = new() { Timeout = _timeout };
    private readonly HttpDocumentRetriever _documents;
    private readonly string _authority;
    private readonly ILogger _log;
    private Task _fetching = Task.CompletedTask;
    private volatile bool _known;
    private bool _away;

    public AuthorityKeys(string authority, ILogger log)
    {
        (_authority, _log) = (authority, log);
        _documents = new(_http) { RequireHttps = !new Uri(authority).IsLoopback };
        Configuration = new(authority.TrimEnd('/') + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), this);
    }

    public ConfigurationManager<OpenIdConnectConfiguration> Configuration { get; }

    /// <summary>To be called before a token is validated. All who wait share one attempt.</summary>
    /// <exception cref="AuthorityUnavailableException">No keys are known.</exception>
    public async ValueTask EnsureKnown()
    {
        if (_known) return;
        Task fetching;
        lock (_lock) fetching = _fetching.IsCompleted ? _fetching = Fetch() : _fetching;
        await fetching;
        if (!_known) throw new AuthorityUnavailableException();
    }

    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        try
        {
            var document = await _documents.GetDocumentAsync(address, cancel);
            if (_away) LogBack(_log, _authority);
            _away = false;
            return document;
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or OperationCanceledException)
        {
            if (!_away) LogAway(_log, _authority, failure); // once per episode
            _away = true;
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task Fetch()
    {
        try
        {
            await Configuration.GetConfigurationAsync(CancellationToken.None);
            _known = true;
        }
        catch (InvalidOperationException)
        {
            // GetDocumentAsync has logged why
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer of tokens, {Authority}, does not answer. Keys that are known go on being used; without any, requests with tokens are answered 503.")]
    private static partial void LogAway(ILogger log, string authority, Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The issuer of tokens, {Authority}, answers again.")]
    private static partial void LogBack(ILogger log, string authority);
}
