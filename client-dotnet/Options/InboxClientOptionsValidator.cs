using Microsoft.Extensions.Options;

namespace OrleansInbox.Client;

/// <summary>All violations at once, without the values: one of them is a secret.</summary>
internal sealed class InboxClientOptionsValidator : IValidateOptions<InboxClientOptions>
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1), _longestAttempt = TimeSpan.FromMinutes(10), _longestTotal = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, InboxClientOptions options)
    {
        List<string> violations = [.. options.Unreadable];
        if (options.BaseAddress is not { } address)
        {
            if (options.Unreadable.Count == 0) violations.Add("BaseAddress is required: where the inbox server is, as in https://inbox.example.org.");
        }
        else if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.Fragment.Length > 0)
            violations.Add("BaseAddress has to be an absolute http or https URL without a query.");
        if (options.ApiKey is null && options.Token is null) violations.Add("ApiKey or Token is required: what the server knows the publisher by.");
        if (options.ApiKey is not null && options.Token is not null) violations.Add("ApiKey and Token are both set: a request shows one of them.");
        if (options.ApiKey is { } key && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~'))) violations.Add("ApiKey has to be of visible ASCII characters.");
        if (options.TotalTimeout < _shortest || options.TotalTimeout > _longestTotal) violations.Add("TotalTimeout has to be a time from 1 second to 1 day.");
        if (options.AttemptTimeout < _shortest || options.AttemptTimeout > _longestAttempt) violations.Add("AttemptTimeout has to be a time from 1 second to 10 minutes.");
        if (options.AttemptTimeout > options.TotalTimeout) violations.Add("AttemptTimeout must not be longer than TotalTimeout.");
        return violations.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(violations);
    }
}
