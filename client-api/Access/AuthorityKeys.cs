using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace OrleansInbox.ClientApi.Access;

/// <summary>
/// The keys of an OpenID Connect issuer. Once known they go on being used, however long the issuer is away. The issuer is asked by one request at a time, for
/// all who wait, and not again before a pause: nobody can make this server ask it often.
/// </summary>
internal sealed partial class AuthorityKeys : BaseConfigurationManager, IDisposable
{
    /// <summary>For each of the two documents: whoever waits for both has an answer within 5 s.</summary>
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    /// <summary>A token whose key is unknown makes the server ask again after this time, and not before.</summary>
    private static readonly TimeSpan _pauseAfterAnswer = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Then keys are asked for behind the requests, so that withdrawn ones stop being accepted.</summary>
    private static readonly TimeSpan _maxAge = TimeSpan.FromHours(12);

    private readonly Lock _lock = new();
    private readonly HttpClient _http = new() { Timeout = _timeout };
    private readonly HttpDocumentRetriever _documents;
    private readonly string _authority;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Task<bool> _asking = Task.FromResult(false);
    private long _asked;
    private long _answered;
    private bool _away;
    private volatile OpenIdConnectConfiguration? _known;

    public AuthorityKeys(string authority, TimeProvider time, ILogger log)
    {
        (_authority, _time, _log) = (authority, time, log);
        _documents = new(_http) { RequireHttps = !new Uri(authority).IsLoopback };
        UseLastKnownGoodConfiguration = false; // or keys that the issuer has withdrawn would pass for an hour
    }

    /// <summary>To be called before a token is validated.</summary>
    /// <returns>The keys, for <see cref="Renew"/>.</returns>
    /// <exception cref="AuthorityUnavailableException">No keys are known.</exception>
    public async ValueTask<object> EnsureKnown()
    {
        if (_known is null && !await Ask()) throw new AuthorityUnavailableException();
        if (_time.GetElapsedTime(Volatile.Read(ref _answered)) > _maxAge) _ = Ask();
        return _known!;
    }

    /// <summary>To be called when a token is signed by none of <paramref name="used"/>.</summary>
    /// <returns>True when there are newer keys; false when the issuer, asked a moment ago, has no other.</returns>
    /// <exception cref="AuthorityUnavailableException">The issuer would have to be asked, and does not answer.</exception>
    public async ValueTask<bool> Renew(object used)
    {
        if (_known == used && _time.GetElapsedTime(Volatile.Read(ref _answered)) >= _pauseAfterAnswer && !await Ask()) throw new AuthorityUnavailableException();
        return _known != used;
    }

    public override Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) => Task.FromResult<BaseConfiguration>(_known!);

    /// <summary>The handler asks for it after any bad signature: <see cref="Renew"/> knows when.</summary>
    public override void RequestRefresh() { }

    public void Dispose() => _http.Dispose();

    /// <returns>Whether the issuer answered.</returns>
    private Task<bool> Ask()
    {
        lock (_lock)
        {
            if (!_asking.IsCompleted || (_away && _time.GetElapsedTime(_asked) < _pauseAfterFailure)) return _asking;
            return _asking = Fetch();
        }
    }

    private async Task<bool> Fetch()
    {
        try
        {
            var found = await OpenIdConnectConfigurationRetriever.GetAsync(_authority.TrimEnd('/') + "/.well-known/openid-configuration", _documents, CancellationToken.None);
            if (found.SigningKeys.Count == 0) throw new InvalidDataException("It has no keys.");
            _known = found;
            Volatile.Write(ref _answered, _time.GetTimestamp());
            if (_away) LogBack(_log, _authority);
            _away = false;
            return true;
        }
        catch (Exception failure) // the network's, or of a document that is none
        {
            if (!_away) LogAway(_log, _authority, failure); // once per episode
            _away = true;
            return false;
        }
        finally
        {
            _asked = _time.GetTimestamp();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer of tokens, {Authority}, does not answer. Keys that are known go on being used; tokens of other keys are answered 503.")]
    private static partial void LogAway(ILogger log, string authority, Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The issuer of tokens, {Authority}, answers again.")]
    private static partial void LogBack(ILogger log, string authority);
}
