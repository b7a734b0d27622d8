using System.Buffers.Text;
using System.Text;

namespace OrleansInbox.Tests.ClientDotnet;

using OrleansInbox.Client;

/// <summary>That the server takes its tokens is tested against the server, with PublishTests.</summary>
public sealed class TokenSignerTests
{
    private static readonly string _key = Convert.ToBase64String(new byte[32]);
    private readonly InboxTokenSigner _signer = new(_key, new FakeTime());

    [Fact]
    public void Claims_are_those_that_the_server_reads()
    {
        Assert.Equal("""{"sub":"ann \"ü\"","exp":1767229200}""", Claims(_signer.SignUser("ann \"ü\"", TimeSpan.FromHours(1))));
        Assert.Equal("""{"sub":"ann","exp":1767225601,"tenant":"shop"}""", Claims(_signer.SignUser("ann", TimeSpan.FromSeconds(1), "shop")));
        Assert.Equal("""{"exp":1767229200,"scope":"notifications:publish","aud":"inbox"}""", Claims(new InboxTokenSigner(_key, new FakeTime()) { Audience = "inbox" }.SignPublisher(TimeSpan.FromHours(1))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("me")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public void A_user_whom_the_server_would_not_take_is_refused(string user) => Assert.Throws<ArgumentException>(() => _signer.SignUser(user, TimeSpan.FromHours(1)));

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_user_has_a_limit_in_bytes(int bytes, bool fine)
    {
        var user = "a" + string.Concat(Enumerable.Repeat("ü", (bytes - 1) / 2)) + (bytes % 2 == 0 ? "a" : "");
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(user));
        if (fine) _signer.SignUser(user, TimeSpan.FromHours(1));
        else Assert.Throws<ArgumentException>(() => _signer.SignUser(user, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData("no base64!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")] // 31 bytes
    public void A_key_that_the_server_would_not_take_is_refused(string key) => Assert.Contains("32 bytes", Assert.Throws<ArgumentException>(() => new InboxTokenSigner(key)).Message, StringComparison.Ordinal);

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_user() => Assert.Throws<ArgumentException>(() => _signer.SignUser("\ud800", TimeSpan.FromHours(1))); // no InlineData: it would not survive

    [Fact]
    public void A_token_without_a_life_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => _signer.SignPublisher(TimeSpan.Zero));

    private static string Claims(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1]));
}
