using OrleansInbox.Storage.Redis;

namespace OrleansInbox.Tests.Grains.Storage;

public sealed class RedisDurabilityTests
{
    private static RedisDurability Of(string version, int replicas = 0, int waitReplicas = 0) =>
        RedisDurability.Of("Redis", $"# Server\r\nredis_version:{version}\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\nconnected_slaves:{replicas}\r\n", waitReplicas);

    [Theory]
    [InlineData("5.0.14", "cannot keep inboxes"), InlineData("6.0.20", "cannot keep inboxes"), InlineData("6.2.0", "are refused like publishes"), InlineData("6.2.14", "are refused like publishes")]
    public void An_old_Redis_is_told_apart_from_one_that_is_too_old(string version, string said)
    {
        var found = Of(version);
        Assert.Contains(said, Assert.Single(found.Warnings), StringComparison.Ordinal);
        Assert.Equal(said == "cannot keep inboxes", found.TooOld is not null);
    }

    [Theory]
    [InlineData("7.0.0"), InlineData("7.0.15"), InlineData("8.2.1"), InlineData("255.255.255")]
    public void A_new_one_has_no_warnings(string version) => Assert.Empty(Of(version).Warnings);

    [Fact]
    public void Replicas_that_writes_wait_for_in_vain_are_missed()
    {
        Assert.Contains("1 replica(s) fewer than Storage:WaitReplicas", Assert.Single(Of("7.0.15", replicas: 1, waitReplicas: 2).Warnings), StringComparison.Ordinal);
        Assert.Empty(Of("7.0.15", replicas: 2, waitReplicas: 2).Warnings);
    }

    [Fact]
    public void What_cannot_be_asked_is_taken_as_it_is() => Assert.Empty(RedisDurability.Of("Redis", null, waitReplicas: 1).Warnings);
}
