using System.Text;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Every endpoint, under every spelling of a path that somebody may take for another inbox, by whoever is not allowed to: nothing is seen of the inbox, and nothing in it changes.</summary>
[Collection(SqliteApi.Name)]
public sealed class WallTests(SqliteApi api)
{
    private const string Victim = "wall-ann";

    private static readonly (string Method, string Path, string Body)[] _endpoints =
    [
        ("GET", "notifications?status=all", ""), ("GET", "notifications/{id}", ""), ("GET", "counts", ""), ("HEAD", "stream", ""), ("POST", "notifications", """{"type":"t","title":"intruder"}"""),
        ("POST", "notifications/read", """{"all":true}"""), ("POST", "notifications/unread", """{"all":true}"""), ("POST", "notifications/seen", """{"all":true}"""), ("POST", "notifications/archive", """{"all":true}"""),
        ("POST", "notifications/unarchive", """{"all":true}"""), ("POST", "notifications/delete", """{"all":true}"""), ("PATCH", "notifications/{id}", """{"read":true}"""), ("DELETE", "notifications/{id}", ""), ("DELETE", "notifications", ""),
    ];

    private static readonly string[] _forms =
    [
        Victim, "%77all-ann", "wall%2Dann", "WALL-ANN", "Wall-ann", "wall-ann%20", "%20wall-ann", "wall-ann+", "wall-ann%00", "%00wall-ann", "wall-ann.", "./wall-ann", "%2e/wall-ann", "../users/wall-ann", "me/../wall-ann", "wall-bob/../wall-ann", "wall-bob%2F..%2Fwall-ann",
        "wall-bob/%2e%2e/wall-ann", "wall-bob%2f%2e%2e%2fwall-ann", "wall-bob;/../wall-ann", "wall-ann;x=1", ";wall-ann", "wall-ann%3Bx", "/wall-ann", "//wall-ann", "wall-ann/", "wall-ann//", "default%2Fwall-ann", "default/wall-ann", "..%2Fdefault%2Fwall-ann",
        "other%2Ftenant%2Fwall-ann", "%2e%2e%2fdefault%2fwall-ann", "default:wall-ann", "wall-ann%2F", "wall-ann%3F", "wall-ann%23", "wall-ann#", "wall-ann%E2%80%8B", "%EF%BD%97all-ann", "wall%E2%80%90ann", "wa%CC%81ll-ann", "%C0%AFwall-ann",
        "%c0%ae%c0%ae%2fwall-ann", "wall%252Dann", "%2577all-ann", "wall-ann\\", "wall-bob\\..\\wall-ann", "wall-bob%5C..%5Cwall-ann", "m%65", "ME", "me%2F..%2Fwall-ann", "*", "wall-*", "%", "%u0077all-ann", "wall-bob?/../wall-ann", "wall-bob%0d%0aX:%20y",
    ];

    [Fact]
    public async Task Nobody_gets_at_an_inbox_of_another_user_or_tenant_by_another_spelling()
    {
        Assert.Equal(14, _endpoints.Length);
        Assert.True(_forms.Length >= 50);
        var (ours, theirs) = ($"ApiKey {ApiServer.PublisherKey}", $"ApiKey {ApiServer.OtherKey}");
        var (bob, ann) = ("Bearer " + TestToken.For("wall-bob"), "Bearer " + TestToken.For(Victim));
        var (otherBob, otherAnn) = ("Bearer " + TestToken.For("wall-bob", ApiServer.OtherTenant), "Bearer " + TestToken.For(Victim, ApiServer.OtherTenant));
        await IsKeptFrom(api.Server.Publisher(), "secret-of-ours", bob, theirs, otherAnn, otherBob);
        await IsKeptFrom(api.Server.Publisher(ApiServer.OtherKey), "secret-of-theirs", otherBob, ours, ann, bob);
    }

    private async Task IsKeptFrom(HttpClient owner, string secret, params string[] intruders)
    {
        var created = await owner.PostAsync(ApiFixture.Path(Victim), ApiFixture.Json($$"""{"type":"t","title":"{{secret}}"}"""));
        var id = (await ApiFixture.Body(created))["id"]!.GetValue<string>();
        var before = await owner.GetStringAsync(ApiFixture.Path(Victim, "notifications?status=all"));
        Assert.Contains(secret, before);
        foreach (var intruder in intruders)
        {
            var conversations = _forms.SelectMany(form => new[] { form, "http://x/v1/users/" + form }.Select(path => Converse(path, intruder, id)));
            foreach (var answers in await Task.WhenAll(conversations))
            {
                Assert.NotEqual("", answers);
                Assert.DoesNotContain(secret, answers);
                Assert.DoesNotContain("HTTP/1.1 5", answers);
            }
            Assert.Equal(before, await owner.GetStringAsync(ApiFixture.Path(Victim, "notifications?status=all")));
        }
    }

    private async Task<string> Converse(string form, string credentials, string id)
    {
        using var connection = await RawConnection.Open(api.Server);
        var prefix = form.StartsWith("http:", StringComparison.Ordinal) ? "" : "/v1/users/";
        var requests = new StringBuilder();
        foreach (var (method, rest, body) in _endpoints)
            requests.Append($"{method} {prefix}{form}/{rest.Replace("{id}", id, StringComparison.Ordinal)} HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await connection.Send(requests.Append("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ToString());
        return await connection.ReadToEnd();
    }
}
