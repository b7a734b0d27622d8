using Microsoft.AspNetCore.Connections;
using OrleansInbox.Backups;

namespace OrleansInbox.ClientApi;

/// <summary>Failures at start that the operator can fix: they are told in one sentence, without a stack trace.</summary>
internal static class StartFailure
{
    /// <returns>Null for every other failure.</returns>
    public static string? Explain(Exception failure) => failure switch
    {
        InvalidSettingsException or StorageUnusableException or BackupException or StorageUnavailableException => failure.Message,
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        IOException { InnerException: AddressInUseException } taken => $"{taken.Message} End what listens there, or choose another address with --urls.",
        _ => null,
    };
}
