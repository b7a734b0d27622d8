using Microsoft.AspNetCore.Connections;

namespace OrleansInbox.ClientApi;

/// <summary>Failures at start that are the operator's to mend: they deserve a sentence, and no stack trace.</summary>
internal static class StartFailure
{
    /// <returns>Null for everything else.</returns>
    public static string? Explain(Exception failure) => failure switch
    {
        InvalidSettingsException invalid => invalid.Message,
        IOException { InnerException: AddressInUseException } taken => $"{taken.Message} End what listens there, or choose another address with --urls.",
        _ => null,
    };
}
