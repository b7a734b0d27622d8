using Orleans.Dashboard;
using OrleansInbox.ClientApi.Results;

namespace OrleansInbox.ClientApi.Dashboard;

/// <summary>
/// Orleans' own dashboard at <c>/dashboard</c>: silos, activations, calls and their times. When it is off nothing of it is registered: its call filter and its
/// sampling once a second cost what every publish pays.
/// </summary>
internal static class DashboardHosting
{
    private const string Path = "/dashboard";

    /// <summary>These read the state of any grain of any tenant, and the log.</summary>
    private static readonly string[] _closed = [Path + "/GrainState", Path + "/Trace"];

    /// <summary>Reads <c>Cluster:Dashboard</c>: true or false; not set it is on in Development, where a silo is in this process.</summary>
    public static bool Read(SettingsReader settings, ClusterRole role, bool development)
    {
        var hasSilo = role != ClusterRole.Client;
        var isOn = settings.OneOf("Cluster:Dashboard", development && hasSilo ? "true" : "false", "true", "false") == "true";
        if (isOn && !hasSilo) settings.Violation("Cluster:Dashboard needs a silo in the same process: Cluster:Role Embedded or CoHosted.");
        return isOn;
    }

    /// <summary>After <c>UseInbox</c>, to whose silo it is added.</summary>
    public static void AddDashboard(this WebApplicationBuilder builder, FrontEndSettings settings)
    {
        if (!settings.Dashboard) return;
        builder.UseOrleans(silo => silo.AddDashboard(dashboard => dashboard.HideTrace = true));
        builder.Services.AddSingleton<DashboardAccess>();
    }

    public static void MapDashboard(this WebApplication app)
    {
        if (app.Services.GetService<DashboardAccess>() is not { } access) return;
        app.MapOrleansDashboard(Path).AddEndpointFilter(async (call, next) =>
        {
            var http = call.HttpContext;
            if (await access.Refuse(http) is { } refusal) return refusal;
            if (_closed.Any(path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))) return Problem.NotFound();
            DashboardAccess.SetHeaders(http.Response.Headers);
            return await next(call);
        });
    }
}
