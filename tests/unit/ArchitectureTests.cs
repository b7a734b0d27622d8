using System.Reflection;

namespace OrleansInbox.Tests;

/// <summary>Arrows only run client-api → grains ← silo, and grains → abstractions.</summary>
public sealed class ArchitectureTests
{
    /// <summary>What Orleans' own connections are made of: sockets, without HTTP.</summary>
    private const string OrleansConnections = "Microsoft.AspNetCore.Connections.Abstractions";

    [Fact]
    public void Abstractions_know_Orleans_and_nothing_else() =>
        Assert.All(References(typeof(IInboxGrain).Assembly), name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Orleans.", StringComparison.Ordinal), name));

    [Fact]
    public void Grains_serve_no_http() =>
        Assert.DoesNotContain(References(typeof(InboxOptions).Assembly), name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && name != OrleansConnections);

    [Fact]
    public void The_front_end_knows_no_storage() =>
        Assert.DoesNotContain(References(Assembly.Load("OrleansInbox.ClientApi")), name => name is "StackExchange.Redis" or "Microsoft.Data.Sqlite" || name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal));

    [Fact]
    public void Grains_know_neither_front_end_nor_silo() =>
        Assert.DoesNotContain(References(typeof(InboxOptions).Assembly), name => name is "OrleansInbox.ClientApi" or "OrleansInbox.Silo");

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
