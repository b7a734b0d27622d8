using Microsoft.Extensions.Configuration;
using OrleansInbox.ClientApi;
using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>What may stand in the configuration, and that everything that is wrong is said at once.</summary>
public sealed class SettingsTests
{
    private static readonly string _key = Convert.ToBase64String(new byte[32]);
    private static readonly string _hash = new('a', 64);

    [Fact]
    public void Outside_Development_credentials_have_to_be_configured()
    {
        var failure = Assert.Throws<InvalidSettingsException>(() => Read([]));
        Assert.Contains("Auth:ApiKeys:0:Sha256", failure.Message);
        Assert.Contains("Auth:SigningKey", failure.Message);
        Assert.True(Read([], development: true).Auth.IsEmpty);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_and_no_secret()
    {
        var failure = Assert.Throws<InvalidSettingsException>(() => Read(new()
        {
            ["Auth:SigningKey"] = "c2hvcnQtc2VjcmV0",
            ["Auth:Authority"] = "http://issuer.example",
            ["Auth:ApiKeys:0:Sha256"] = "not-a-hash",
            ["Auth:ApiKeys:1:Tenant"] = "a\nb",
            ["Auth:SigningKye"] = "x",
            ["Inbox:Retention:MaxCount"] = "0",
            ["Inbox:Retention:MaxAge"] = "soon",
            ["RateLimit:UserPerSecond"] = "-1",
            ["Cors:Origins:0"] = "app.example/path",
            ["Cluster:Role"] = "Alone",
            ["Cluster:ListenAddress"] = "everywhere",
        }));
        string[] named = ["Auth:SigningKey has", "exclude each other", "Auth:Authority has", "Auth:Audience", "Auth:ApiKeys:0:Sha256", "Auth:ApiKeys:1:Tenant", "Auth:ApiKeys:1:Sha256", "Auth:SigningKye", "MaxCount", "MaxAge", "RateLimit:UserPerSecond", "Cors:Origins:0", "Cluster:Role", "Cluster:ListenAddress"];
        Assert.All(named, name => Assert.Contains(name, failure.Message));
        Assert.DoesNotContain("c2hvcnQ", failure.Message);
        Assert.DoesNotContain("not-a-hash", failure.Message);
    }

    [Fact]
    public void What_the_issue_names_is_read()
    {
        var settings = Read(new()
        {
            ["Auth:SigningKey"] = _key,
            ["Auth:ApiKeys:0:Sha256"] = _hash.ToUpperInvariant(),
            ["Auth:ApiKeys:1:Sha256"] = _hash,
            ["Auth:ApiKeys:1:Tenant"] = "t",
            ["Inbox:DataPath"] = "/d",
            ["Inbox:Retention:MaxCount"] = "7",
            ["Inbox:Retention:MaxAge"] = "1.00:00:00",
        });
        Assert.Equal([new ApiKeyOptions("default", _hash), new ApiKeyOptions("t", _hash)], settings.Auth.ApiKeys);
        Assert.Equal(("/d", 7, TimeSpan.FromDays(1)), (settings.Inbox.DataPath, settings.Inbox.Retention.MaxCount, settings.Inbox.Retention.MaxAge));
        Assert.DoesNotContain(_key, settings.ToString());
        Assert.Equal("a", Read(new() { ["Auth:Authority"] = "https://issuer.example", ["Auth:Audience"] = "a" }).Auth.Audience);
    }

    [Fact]
    public void Who_was_forgotten_is_known_for_longer_than_the_oldest_backup_is_kept()
    {
        Dictionary<string, string?> settings = new() { ["Auth:SigningKey"] = _key };
        Assert.Equal((null, TimeSpan.FromDays(90)), (Read(settings).Inbox.Backup.Every, Read(settings).Inbox.Backup.KeepTombstones));
        settings["Backup:Every"] = "7.00:00:00";
        Assert.Contains("Backup:Every needs Backup:Path", Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message);
        settings["Backup:Path"] = "/b";
        settings["Backup:Keep"] = "9";
        Assert.Equal(TimeSpan.FromDays(70), Read(settings).Inbox.Backup.KeepTombstones);
        settings["Backup:Every"] = "01:00:00";
        Assert.Equal(TimeSpan.FromDays(30), Read(settings).Inbox.Backup.KeepTombstones);
        settings["Backup:KeepTombstones"] = "01:00:00";
        settings["Backup:Pace"] = "0";
        settings["Backup:Kepe"] = "1";
        var wrong = Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message;
        Assert.All((string[])["Backup:KeepTombstones", "Backup:Pace", "Backup:Kepe"], name => Assert.Contains(name, wrong));
    }

    [Fact]
    public void The_dashboard_is_on_in_Development_and_needs_a_silo_here()
    {
        Assert.True(Read([], development: true).Dashboard);
        Assert.False(Read(new() { ["Cluster:Dashboard"] = "false" }, development: true).Dashboard);
        Dictionary<string, string?> client = new() { ["Auth:SigningKey"] = _key, ["Cluster:Role"] = "Client", ["ConnectionStrings:Redis"] = "127.0.0.1:6379" };
        Assert.False(Read(client, development: true).Dashboard);
        Assert.False(Read(new() { ["Auth:SigningKey"] = _key }).Dashboard);
        Assert.True(Read(new() { ["Auth:SigningKey"] = _key, ["Cluster:Dashboard"] = "True" }).Dashboard);
        client["Cluster:Dashboard"] = "true";
        Assert.Contains("Cluster:Dashboard needs a silo", Assert.Throws<InvalidSettingsException>(() => Read(client)).Message);
        Assert.Contains("Cluster:Dashboard has to be one of true, false", Assert.Throws<InvalidSettingsException>(() => Read(new() { ["Auth:SigningKey"] = _key, ["Cluster:Dashboard"] = "yes" })).Message);
    }

    [Fact]
    public void Replicas_are_waited_for_in_Redis_alone()
    {
        Dictionary<string, string?> settings = new() { ["Auth:SigningKey"] = _key, ["Storage:WaitReplicas"] = "1" };
        Assert.Contains("Storage:WaitReplicas is about replicas of Redis", Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message);
        settings["ConnectionStrings:Redis"] = "127.0.0.1:6379";
        Assert.Equal(1, Read(settings).Inbox.WaitReplicas);
        settings["Storage:WaitReplicas"] = "4";
        Assert.Contains("Storage:WaitReplicas has to be a whole number from 0 to 3", Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message);
    }

    [Fact]
    public async Task The_process_ends_with_code_1_and_a_sentence()
    {
        var error = Console.Error;
        using var heard = new StringWriter();
        Console.SetError(heard);
        try
        {
            Assert.Equal(1, await OrleansInbox.ClientApi.Program.Main(["--environment=Production", "--urls=http://127.0.0.1:0"]));
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Contains("Nobody could call", heard.ToString());
        Assert.DoesNotContain(" at OrleansInbox", heard.ToString());
    }

    private static FrontEndSettings Read(Dictionary<string, string?> values, bool development = false) =>
        FrontEndSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), development);
}
