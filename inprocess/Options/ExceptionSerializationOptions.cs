namespace Orleans.Serialization;

/// <summary>Exceptions of which namespaces travel between processes; inside one they are handed on as they are.</summary>
public class ExceptionSerializationOptions
{
    public HashSet<string> SupportedNamespacePrefixes { get; } = new(StringComparer.Ordinal);
}
