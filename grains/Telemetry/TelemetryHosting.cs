using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrleansInbox.Telemetry;

/// <summary>Metrics and traces by OTLP, for silos and front-ends alike. The standard variables (<c>OTEL_…</c>) say where to and how.</summary>
public static class TelemetryHosting
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "orleans-inbox";
    private static readonly string[] _meters = [InboxMetrics.MeterName, "Microsoft.Orleans"];
    private static readonly string[] _sources = [InboxMetrics.MeterName, "Microsoft.Orleans.Application"];

    /// <summary>Exports what the process counts and traces when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; otherwise nothing is gathered.</summary>
    /// <param name="host">The silo or the front-end.</param>
    /// <param name="instrument">Adds the instrumentation of the host's own framework, which is not known here.</param>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder host, Action<OpenTelemetryBuilder> instrument)
    {
        if (string.IsNullOrWhiteSpace(host.Configuration[Endpoint])) return host;
        var telemetry = host.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService(ServiceName).AddEnvironmentVariableDetector()) // OTEL_SERVICE_NAME overrides ours
            .WithMetrics(static metrics => metrics.AddMeter(_meters).AddRuntimeInstrumentation().AddOtlpExporter())
            .WithTracing(static traces => traces.AddSource(_sources).AddOtlpExporter());
        instrument(telemetry);
        return host;
    }
}
