using System.Globalization;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>A row of the table: which figure of which step it shows, and how.</summary>
/// <param name="Label">Says what was measured; {names} are settings of the step, so that a quick run says what it did.</param>
internal sealed record Figure(string Step, string Name, string Label, string Unit, bool LessIsBetter = true, double Divisor = 1)
{
    /// <summary>In the order of the README.</summary>
    public static readonly Figure[] All =
    [
        new("publish", "perSecond", "publish, {connections} connections, {users} users", "/s", LessIsBetter: false),
        new("list10", "perSecond", "list, first page, {entries} kept", "/s", LessIsBetter: false),
        new("list100k", "perSecond", "list, first page, {entries} kept", "/s", LessIsBetter: false),
        new("fanout1k", "p50Ms", "{streams} live streams, {rate} publishes/s: delivery p50", " ms"),
        new("fanout1k", "p99Ms", "{streams} live streams, {rate} publishes/s: delivery p99", " ms"),
        new("fanout5k", "p50Ms", "{streams} live streams, {rate} publishes/s: delivery p50", " ms"),
        new("fanout5k", "p99Ms", "{streams} live streams, {rate} publishes/s: delivery p99", " ms"),
        new("connections", "pssBytesEach", "idle live stream, {streams} of them: memory each", " KiB", Divisor: 1024),
        new("idle", "idleCpuMsPerSecond", "idle: CPU per second", " ms"),
        new("startup", "startToHalfSeconds", "process start to half of the steady publish rate", " s"),
    ];

    /// <summary>Three digits: what is behind them is another figure in the next run.</summary>
    public string Text(double value)
    {
        value /= Divisor;
        if (value == 0) return "0" + Unit;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
        var decimals = Math.Abs(value) >= 100 ? 0 : Math.Abs(value) >= 10 ? 1 : 2;
        return (Math.Round(value / unit) * unit).ToString($"N{decimals}", CultureInfo.InvariantCulture) + Unit;
    }
}
