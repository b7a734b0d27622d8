namespace OrleansInbox.Bench.Comparisons;

/// <summary>Colours of a drawing, for a page in light or dark.</summary>
internal sealed record Palette(string Name, string Page, string Text, string Faint, IReadOnlyList<string> Ours, IReadOnlyList<string> Peers)
{
    public static readonly Palette[] All =
    [
        new("light", "#ffffff", "#1f2328", "#59636e", ["#0969da", "#54aeff"], ["#8c959f", "#afb8c1", "#d0d7de"]),
        new("dark", "#0d1117", "#f0f6fc", "#9198a1", ["#4493f8", "#1f6feb"], ["#9198a1", "#656c76", "#3d444d"]),
    ];
}
