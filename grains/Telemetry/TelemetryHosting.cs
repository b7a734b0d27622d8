using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansInbox.Telemetry;

/// <summary>For silos and front-ends alike.</summary>
public static class TelemetryHosting
{
    /// <summary>Exports what the process counts and traces, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to; else nothing is gathered.</summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder host)
    {
        if (!string.IsNullOrWhiteSpace(host.Configuration[OtlpExport.Endpoint])) host.Services.AddHostedService<OtlpExport>();
        return host;
    }
}
