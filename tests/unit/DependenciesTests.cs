using System.Text.Json;
using System.Xml.Linq;

namespace OrleansInbox.Tests;

/// <summary>docs/dependencies.md names every package that the project does.</summary>
public sealed class DependenciesTests
{
    [Fact]
    public void Every_package_has_its_line()
    {
        var document = File.ReadAllLines(Path.Combine(Checkout.Root, "docs", "dependencies.md")).Where(line => line.StartsWith('|'))
            .SelectMany(line => line.Split('|')[1].Split(',')).Select(name => name.Trim()).ToHashSet(StringComparer.Ordinal);

        Assert.All(NuGet().Concat(Npm()), name => Assert.Contains(name, document));
    }

    private static IEnumerable<string> NuGet() =>
        XDocument.Load(Path.Combine(Checkout.Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value);

    private static IEnumerable<string> Npm()
    {
        foreach (var folder in new[] { "", "client", "element", "graphql" })
        {
            using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "web", folder, "package.json")));
            foreach (var kind in new[] { "dependencies", "devDependencies" })
                if (package.RootElement.TryGetProperty(kind, out var named))
                    foreach (var one in named.EnumerateObject())
                        if (!one.Name.StartsWith("@orleans-inbox/", StringComparison.Ordinal)) yield return one.Name;
        }
    }
}
