using System.Globalization;
using OrleansInbox.ClientApi.Requests;
using YamlDotNet.RepresentationModel;

namespace OrleansInbox.Tests.Deployment;

/// <summary>The files under <c>deploy/</c> of this checkout.</summary>
internal static class DeployFolder
{
    public static string Path(string file) => System.IO.Path.Combine(Checkout.Root, "deploy", file);

    public static string Text(string file) => File.ReadAllText(Path(file));

    /// <exception cref="YamlDotNet.Core.YamlException">It is not YAML.</exception>
    public static IReadOnlyList<YamlMappingNode> Yaml(string file)
    {
        using var reader = new StreamReader(Path(file));
        var stream = new YamlStream();
        stream.Load(new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(reader)));
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>Every document of <c>deploy/k8s</c>.</summary>
    public static IReadOnlyList<YamlMappingNode> Manifests { get; } =
        [.. Directory.GetFiles(Path("k8s"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(file => Yaml(System.IO.Path.Combine("k8s", System.IO.Path.GetFileName(file))))];

    public static YamlMappingNode Manifest(string kind, string name) =>
        Manifests.Single(manifest => manifest.Text("kind") == kind && manifest.Text("metadata", "name") == name);

    /// <returns>What lies at the end of the way; null when it ends before. A number steps into a list.</returns>
    public static YamlNode? At(this YamlNode node, params ReadOnlySpan<string> way)
    {
        foreach (var step in way)
        {
            var next = node switch
            {
                YamlMappingNode map => map.Children.TryGetValue(new YamlScalarNode(step), out var child) ? child : null,
                YamlSequenceNode list => list.Children.ElementAtOrDefault(int.Parse(step, CultureInfo.InvariantCulture)),
                _ => null,
            };
            if (next is null) return null;
            node = next;
        }
        return node;
    }

    public static string? Text(this YamlNode node, params ReadOnlySpan<string> way) => (node.At(way) as YamlScalarNode)?.Value;

    public static int Number(this YamlNode node, params ReadOnlySpan<string> way) => int.Parse(node.Text(way)!, CultureInfo.InvariantCulture);

    public static IEnumerable<(string Name, YamlNode Value)> Members(this YamlNode? node) =>
        node is YamlMappingNode map ? map.Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, pair.Value)) : [];

    public static IEnumerable<YamlNode> Items(this YamlNode? node) => node is YamlSequenceNode list ? list.Children : [];
}
