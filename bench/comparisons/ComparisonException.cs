namespace OrleansInbox.Bench.Comparisons;

/// <summary>Something outside of this tool that a comparison needs is missing or has failed; the message is for whoever started it.</summary>
internal sealed class ComparisonException(string message) : Exception(message);
