using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrleansInbox.Telemetry;

/// <summary>Sends metrics and traces by OTLP while the host runs; the standard variables (<c>OTEL_…</c>) say where to and how.</summary>
internal sealed class OtlpExport : IHostedService, IDisposable
{
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static readonly string[] _meters = [InboxMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Microsoft.Orleans"];
    private static readonly string[] _sources = [InboxMetrics.MeterName, "Microsoft.AspNetCore", "Microsoft.Orleans.Application"];

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Activity.DefaultIdFormat = ActivityIdFormat.W3C;
        var resource = ResourceBuilder.CreateDefault().AddService("orleans-inbox").AddEnvironmentVariableDetector(); // OTEL_SERVICE_NAME wins
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(_meters).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(_sources).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After every other service has stopped, so that their last spans go out too.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
