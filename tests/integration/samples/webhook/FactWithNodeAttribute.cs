namespace OrleansInbox.Tests.Samples.Webhook;

/// <summary>A test of a sample for Node.js: skipped on a machine without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithNodeAttribute : FactAttribute
{
    public FactWithNodeAttribute()
    {
        if (!IsHere("node") || !IsHere("npm")) Skip = "Node.js 20 or newer with npm is missing (https://nodejs.org).";
    }

    private static bool IsHere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
