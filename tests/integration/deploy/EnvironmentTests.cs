using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using OrleansInbox.ClientApi;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.Silo;
using YamlDotNet.RepresentationModel;

namespace OrleansInbox.Tests.Deployment;

/// <summary>What the containers are told, read by the programs' own readers: they refuse names and values that they do not know.</summary>
public sealed partial class EnvironmentTests
{
    private static readonly string[] _sections = ["Inbox", "Cluster", "Live", "Auth", "RateLimit", "Cors", "ConnectionStrings"];

    /// <summary>Whoever runs compose.yaml sets these in deploy/.env.</summary>
    private static readonly Dictionary<string, string> _secrets = new()
    {
        ["REDIS_PASSWORD"] = "secret",
        ["INBOX_SIGNING_KEY"] = Convert.ToBase64String(new byte[32]),
        ["INBOX_API_KEY_SHA256"] = new('0', 64),
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "",
    };

    [Fact]
    public void Compose_tells_a_silo_only_what_it_knows() => Assert.Equal(ClusterRole.CoHosted, Silo(Compose("silo")).Role);

    [Theory]
    [InlineData("front-end-0")]
    [InlineData("front-end-1")]
    public void Compose_tells_a_front_end_only_what_it_knows(string service)
    {
        var settings = FrontEnd(Compose(service));

        Assert.Equal(ClusterRole.Client, settings.Topology.Role);
        Assert.NotNull(settings.Auth.SigningKey);
        Assert.Single(settings.Auth.ApiKeys);
    }

    [Fact]
    public void Compose_asks_for_no_secret_that_the_example_leaves_out()
    {
        var example = DeployFolder.Text("example.env").Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#').Select(line => line.Split('=')[0]);

        Assert.Equal(Variable().Matches(DeployFolder.Text("compose.yaml")).Select(match => match.Groups[1].Value).Distinct().Order(), example.Order());
    }

    [Fact]
    public void Kubernetes_tells_a_silo_only_what_it_knows()
    {
        var topology = Silo(Kubernetes("silo"));

        Assert.Equal("10.1.2.3", topology.AdvertisedAddress?.ToString());
        Assert.NotNull(topology.Redis);
    }

    [Fact]
    public void Kubernetes_tells_a_front_end_only_what_it_knows()
    {
        var settings = FrontEnd(Kubernetes("front-end"));

        Assert.Equal(ClusterRole.Client, settings.Topology.Role);
        Assert.NotNull(settings.Auth.Authority);
        Assert.Single(settings.Auth.ApiKeys);
    }

    [Theory]
    [InlineData("silo", "front-end-0")]
    public void Silos_and_front_ends_are_told_the_same_of_the_cluster(string silo, string frontEnd)
    {
        Assert.Equal(Shared(Silo(Compose(silo))), Shared(FrontEnd(Compose(frontEnd)).Topology));
        Assert.Equal(Shared(Silo(Kubernetes("silo"))), Shared(FrontEnd(Kubernetes("front-end")).Topology));

        static object Shared(TopologyOptions o) => (o.ClusterId, o.ServiceId, o.Redis);
    }

    private static TopologyOptions Silo(Dictionary<string, string?> environment) => SiloSettings.Read(Configuration(environment)).Topology;

    private static FrontEndSettings FrontEnd(Dictionary<string, string?> environment) => FrontEndSettings.Read(Configuration(environment), development: false);

    private static ConfigurationManager Configuration(Dictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys)
            Assert.True(_sections.Contains(name.Split("__")[0]) || name.StartsWith("OTEL_", StringComparison.Ordinal), $"{name} is in no section of the settings.");
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(environment.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)));
        return configuration;
    }

    private static Dictionary<string, string?> Compose(string service) =>
        DeployFolder.Yaml("compose.yaml")[0].At("services", service, "environment").Members().ToDictionary(pair => pair.Name, pair => Filled(((YamlScalarNode)pair.Value).Value!));

    private static string? Filled(string text) => Variable().Replace(text, match => _secrets[match.Groups[1].Value]);

    private static Dictionary<string, string?> Kubernetes(string deployment)
    {
        var container = DeployFolder.Manifest("Deployment", deployment).At("spec", "template", "spec", "containers", "0")!;
        var environment = new Dictionary<string, string?>();
        foreach (var from in container.At("envFrom").Items())
        {
            var settings = from.Text("configMapRef", "name") is { } map
                ? DeployFolder.Manifest("ConfigMap", map).At("data")
                : DeployFolder.Manifest("Secret", from.Text("secretRef", "name")!).At("stringData");
            foreach (var (name, value) in settings.Members()) environment.Add(name, ((YamlScalarNode)value).Value);
        }
        foreach (var variable in container.At("env").Items())
            environment.Add(variable.Text("name")!, variable.Text("valueFrom", "fieldRef", "fieldPath") is { } field ? field == "status.podIP" ? "10.1.2.3" : field : variable.Text("value"));
        return environment;
    }

    [GeneratedRegex(@"\$\{(\w+)[^}]*\}")]
    private static partial Regex Variable();
}
