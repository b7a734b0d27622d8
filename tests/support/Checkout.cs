namespace OrleansInbox.Tests;

/// <summary>The files of the checkout that these tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>A built program with everything that it ships. Its folder lies beside the tests' own in the artifacts.</summary>
    public static string Program(string project)
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var dll = Path.Combine(tests.Parent!.Parent!.FullName, project, tests.Name, project + ".dll");
        return File.Exists(dll) ? dll : throw new InvalidOperationException($"{project} is not built: {dll} is missing.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OrleansInbox.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No OrleansInbox.sln above {AppContext.BaseDirectory}.");
    }
}
