namespace OrleansInbox.Tests.Abstractions;

public sealed class InboxKeyTests
{
    public static TheoryData<string, string> Pairs => new()
    {
        { "a", "b" }, { "a/b", "c" }, { "a", "b/c" }, { "default", "}{" }, { "t:1", "u%2F" }, { "名", "🙂" }, { "%2F", " " },
    };

    [Theory, MemberData(nameof(Pairs))]
    public void A_key_reads_back_as_its_pair(string tenant, string user)
    {
        var key = InboxKey.Of(tenant, user);
        Assert.Equal((tenant, user), InboxKey.Parse(key));
        Assert.DoesNotContain('{', key);
        Assert.DoesNotContain('}', key);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("a\nb", false)]
    [InlineData("\u0085", false)]
    [InlineData("🙂", true)]
    [InlineData("a:/{}b", true)]
    public void Legal_ids_are_well_formed_and_without_control_characters(string id, bool legal) => Assert.Equal(legal, InboxKey.IsLegal(id));

    [Fact]
    public void An_id_has_at_most_128_bytes()
    {
        Assert.True(InboxKey.IsLegal(new string('a', 128)));
        Assert.False(InboxKey.IsLegal(new string('a', 129)));
        Assert.False(InboxKey.IsLegal("a" + (char)0xD800)); // a lone surrogate
        Assert.True(InboxKey.IsLegal(string.Concat(Enumerable.Repeat("🙂", 32))));
        Assert.False(InboxKey.IsLegal(string.Concat(Enumerable.Repeat("🙂", 33))));
    }
}
