using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OrleansInbox.Telemetry;

namespace OrleansInbox.Tests.Deployment;

public sealed partial class DashboardTests
{
    [Fact]
    public void The_dashboard_shows_every_metric_of_the_code_and_no_other()
    {
        using var dashboard = JsonDocument.Parse(DeployFolder.Text("dashboard.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        var shown = panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .SelectMany(target => Metric().Matches(target.GetProperty("expr").GetString()!)).Select(match => match.Value).ToHashSet();

        Assert.Equal(Instruments().Select(InPrometheus).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
        Assert.All(panels, panel => Assert.NotEmpty(panel.GetProperty("description").GetString()!));
        var text = DeployFolder.Text("README.md");
        Assert.All(Instruments(), instrument => Assert.Contains($"`{instrument.Name}`", text, StringComparison.Ordinal));
    }

    private static List<Instrument> Instruments()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<InboxMetrics>().BuildServiceProvider();
        var found = new List<Instrument>();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == InboxMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, factory)) found.Add(instrument);
            },
        };
        _ = services.GetRequiredService<InboxMetrics>();
        listener.Start();
        return found;
    }

    /// <summary>How OTLP's names arrive there: dots become _, the unit is added unless it is an annotation in braces, and what only counts up ends in _total.</summary>
    private static string InPrometheus(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument switch
        {
            Counter<long> => name + "_total",
            Histogram<double> => name + "_bucket",
            _ => name,
        };
    }

    [GeneratedRegex(@"\binbox_\w+")]
    private static partial Regex Metric();
}
