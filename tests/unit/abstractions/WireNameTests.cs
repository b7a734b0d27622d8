using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.TypeSystem;

namespace OrleansInbox.Tests.Abstractions;

/// <summary>What travels between silos and what is stored has a name of its own, so that members of two versions understand each other, in whatever assembly a type is.</summary>
public sealed class WireNameTests
{
    private static readonly Assembly _abstractions = typeof(IInboxGrain).Assembly;

    [Fact]
    public void Every_serialized_type_has_an_alias() =>
        Assert.All(_abstractions.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))), type => Assert.True(type.IsDefined(typeof(AliasAttribute)), type.Name));

    [Fact]
    public void The_interface_and_its_methods_have_aliases()
    {
        Assert.Equal("inbox", typeof(IInboxGrain).GetCustomAttribute<AliasAttribute>()!.Alias);
        Assert.All(typeof(IInboxGrain).GetMethods(), method => Assert.True(method.IsDefined(typeof(AliasAttribute)), method.Name));
    }

    /// <summary>Orleans names the message of a call after the classes and methods that it was generated from.</summary>
    [Fact]
    public void The_messages_of_its_calls_are_named_by_aliases()
    {
        var messages = _abstractions.GetTypes().Where(type => type.Name.StartsWith("Invokable_IInboxGrain", StringComparison.Ordinal)).ToList();

        Assert.Equal(typeof(IInboxGrain).GetMethods().Length, messages.Count);
        var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var names = services.GetRequiredService<TypeConverter>();
        Assert.All(messages, message => Assert.DoesNotContain(nameof(OrleansInbox), names.Format(message), StringComparison.Ordinal));
    }
}
