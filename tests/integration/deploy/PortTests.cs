using System.Globalization;
using System.Text.RegularExpressions;
using OrleansInbox.ClientApi.Live;
using YamlDotNet.RepresentationModel;

namespace OrleansInbox.Tests.Deployment;

/// <summary>Ports, paths, names and times of the files under <c>deploy/</c> agree with one another and with the code.</summary>
public sealed partial class PortTests
{
    private const string Http = "8080";

    [Fact]
    public void Every_manifest_says_what_it_is()
    {
        Assert.NotEmpty(DeployFolder.Manifests);
        Assert.All(DeployFolder.Manifests, manifest =>
        {
            Assert.NotNull(manifest.Text("apiVersion"));
            Assert.True(manifest.Text("kind") == "Kustomization" || manifest.Text("metadata", "name") is not null);
        });
        Assert.All(DeployFolder.Manifests.Single(manifest => manifest.Text("kind") == "Kustomization").At("resources").Items(),
            file => Assert.True(File.Exists(DeployFolder.Path(Path.Combine("k8s", ((YamlScalarNode)file).Value!)))));
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("front-end")]
    public void An_image_is_not_root_listens_where_it_says_and_copies_what_there_is(string image)
    {
        var lines = DeployFolder.Text(image + ".Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');

        Assert.Contains("USER $APP_UID", lines);
        Assert.Contains("STOPSIGNAL SIGTERM", lines);
        Assert.Contains(lines, line => line.Contains("ASPNETCORE_HTTP_PORTS=" + Http, StringComparison.Ordinal));
        var cluster = new TopologyOptions();
        Assert.Contains(image == "silo" ? $"EXPOSE {Http} {cluster.SiloPort} {cluster.GatewayPort}" : $"EXPOSE {Http}", lines);
        foreach (var copy in lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)))
            Assert.All(copy.Split(' ')[1..^1], source => Assert.True(Path.Exists(Path.Combine(Checkout.Root, source)), $"{image}.Dockerfile copies {source}, which is not there."));
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("front-end")]
    public void A_deployment_keeps_all_its_pods_while_it_rolls_and_drains_in_its_time(string name)
    {
        var spec = DeployFolder.Manifest("Deployment", name).At("spec")!;
        var container = spec.At("template", "spec", "containers", "0")!;
        var ports = container.At("ports").Items().ToDictionary(port => port.Text("name")!, port => port.Text("containerPort"));

        Assert.Equal((0, 1), (spec.Number("strategy", "rollingUpdate", "maxUnavailable"), spec.Number("strategy", "rollingUpdate", "maxSurge")));
        Assert.Equal(Http, ports["http"]);
        Assert.Equal(("/health/live", "http"), (container.Text("livenessProbe", "httpGet", "path"), container.Text("livenessProbe", "httpGet", "port")));
        Assert.Equal(("/health/ready", "http"), (container.Text("readinessProbe", "httpGet", "path"), container.Text("readinessProbe", "httpGet", "port")));
        const int Drain = 10;
        Assert.True(spec.Number("template", "spec", "terminationGracePeriodSeconds") > container.Number("lifecycle", "preStop", "sleep", "seconds") + Drain);
        Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
        Assert.Equal("true", spec.Text("template", "spec", "securityContext", "runAsNonRoot"));
        Assert.NotNull(container.At("resources", "requests"));
        var labels = spec.At("template", "metadata", "labels");
        Assert.Equal(labels, spec.At("selector", "matchLabels"));
        Assert.Equal(labels, DeployFolder.Manifest("PodDisruptionBudget", name).At("spec", "selector", "matchLabels"));
        if (name == "silo") Assert.Equal((new TopologyOptions().SiloPort, new TopologyOptions().GatewayPort), (int.Parse(ports["silo"]!, CultureInfo.InvariantCulture), int.Parse(ports["gateway"]!, CultureInfo.InvariantCulture)));
        else Assert.Equal(labels, DeployFolder.Manifest("Service", name).At("spec", "selector"));
    }

    [Fact]
    public void Nginx_knows_the_front_ends_of_compose_and_is_more_patient_than_a_heartbeat()
    {
        var nginx = DeployFolder.Text("nginx.conf");
        var services = DeployFolder.Yaml("compose.yaml")[0].At("services").Members().Select(service => service.Name).Where(name => name.StartsWith("front-end", StringComparison.Ordinal));

        Assert.Equal(services.Select(name => $"{name}:{Http}"), Upstream().Matches(nginx).Select(match => match.Groups[1].Value));
        Assert.Contains($"listen {Http};", nginx, StringComparison.Ordinal);
        var stream = nginx[nginx.IndexOf("/stream$", StringComparison.Ordinal)..];
        Assert.Contains("proxy_buffering off;", stream, StringComparison.Ordinal);
        Assert.True(TimeSpan.FromSeconds(int.Parse(ReadTimeout().Match(stream).Groups[1].Value, CultureInfo.InvariantCulture)) > 2 * new OrleansInbox.ClientApi.Live.LiveOptions().Heartbeat);
    }

    [GeneratedRegex(@"^\s+server (front-end-\S+)", RegexOptions.Multiline)]
    private static partial Regex Upstream();

    [GeneratedRegex(@"proxy_read_timeout (\d+)s;")]
    private static partial Regex ReadTimeout();
}
