using Microsoft.Extensions.Options;

namespace OrleansInbox.Client.Http;

/// <summary>Shows the credentials, those of now at each attempt, and hands answers on when they are whole: one that is cut off is an attempt without answer.</summary>
internal sealed class CredentialsHandler(IOptions<InboxClientOptions> options) : DelegatingHandler
{
    /// <summary>More than any answer of the API has.</summary>
    private const long _longestAnswer = 16 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = options.Value.Token is { } token
            ? new("Bearer", await token(cancellationToken).ConfigureAwait(false))
            : new("ApiKey", options.Value.ApiKey);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(_longestAnswer, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
