namespace OrleansInbox.Chaos;

/// <summary>What the history proves. Each flaw stands in the words of whoever has to look for it.</summary>
internal sealed class Verdict
{
    private const int _shown = 50;

    public int Acknowledged { get; set; }
    public int Delivered { get; set; }
    public int Lost { get; private set; }
    public int Doubled { get; private set; }
    public int Misordered { get; private set; }

    /// <summary>Counts, flags and views that are not what the marks make them.</summary>
    public int Wrong { get; private set; }

    public List<string> Flaws { get; } = [];

    public bool IsExact => Lost + Doubled + Misordered + Wrong == 0;

    public void WasLost(string what) => Lost += Flaw("lost", what);
    public void WasDoubled(string what) => Doubled += Flaw("doubled", what);
    public void WasMisordered(string what) => Misordered += Flaw("misordered", what);
    public void IsWrong(string what) => Wrong += Flaw("wrong", what);

    private int Flaw(string kind, string what)
    {
        if (Flaws.Count < _shown) Flaws.Add($"{kind}: {what}");
        return 1;
    }
}
