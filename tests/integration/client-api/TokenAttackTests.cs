using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansInbox.ClientApi;
using OrleansInbox.ClientApi.Access;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>Tokens as attackers make them (RFC 8725, RFC 7515), and odd ones that are good. None is an error in the log.</summary>
[Collection(SqliteApi.Name)]
public sealed class TokenAttackTests(SqliteApi api)
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";
    private static readonly long _now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private static readonly string _exp = $"\"exp\":{_now + 3_600}";
    private static readonly string _good = $$"""{"sub":"ann",{{_exp}}}""";

    [Fact]
    public async Task Only_a_token_that_is_right_in_everything_passes()
    {
        using var log = new LoggedLines();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var tokens = new Tokens(new AuthOptions { SigningKey = Convert.ToBase64String(ApiServer.SigningKey) }, TimeProvider.System, factory.CreateLogger<Tokens>());
        var cases = Headers().Concat(Claims()).Concat(Shapes()).ToList();
        var wrong = new List<string>();
        foreach (var (name, token, passes) in cases)
        {
            var outcome = await tokens.Identify(token);
            if (outcome.Caller is not null != passes) wrong.Add($"{name}: {outcome.Refusal ?? "passed"}");
            if (outcome.Caller is { IsPublisher: true } && !name.StartsWith("publisher", StringComparison.Ordinal)) wrong.Add($"{name}: may publish");
            if (outcome.Caller is { } caller && caller.Tenant != "default" && !name.StartsWith("tenant", StringComparison.Ordinal)) wrong.Add($"{name}: is of {caller.Tenant}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal("", string.Join('\n', log.All));
        Assert.True(cases.Count >= 160, $"{cases.Count} cases");
    }

    [Fact]
    public async Task Over_HTTP_they_are_200_or_401_too()
    {
        var client = api.Server.Client();
        var wrong = new List<string>();
        foreach (var (name, token, passes) in Headers().Concat(Claims()).Concat(Shapes()))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users/ann/counts");
            if (!request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token) || token.Any(c => c is '\r' or '\n' or '\0' or > '~')) continue; // no HTTP client sends it
            using var answer = await client.SendAsync(request);
            // Who passes as somebody else finds a wall.
            if ((int)answer.StatusCode != (passes ? name.EndsWith("(other)", StringComparison.Ordinal) ? 403 : 200 : 401)) wrong.Add($"{name}: {(int)answer.StatusCode}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string Name, string Token, bool Passes)> Headers()
    {
        foreach (var alg in new[] { "none", "None", "NONE", "nOnE", "", " HS256", "hs256", "HS256 ", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "EdDSA", "dir", "A128KW", "HS256,none" })
        {
            var header = $$"""{"alg":"{{alg}}","typ":"JWT"}""";
            yield return ($"alg {alg}, signed by HS256", Sign(header, _good), false);
            yield return ($"alg {alg}, unsigned", Unsigned(header, _good) + ".", false);
        }
        yield return ("alg HS384, signed by it", Unsigned("""{"alg":"HS384"}""", _good) is var a ? a + "." + Base64Url.EncodeToString(HMACSHA384.HashData(ApiServer.SigningKey, Encoding.ASCII.GetBytes(a))) : "", false);
        yield return ("alg HS512, signed by it", TestToken.SignText(_good, "HS512"), false);
        using (var rsa = RSA.Create(2048))
            yield return ("alg RS256 by a key of its own", Unsigned("""{"alg":"RS256"}""", _good) is var b ? b + "." + Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(b), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) : "", false);
        foreach (var odd in new[] { "{}", "[]", "null", "", "7", "\"HS256\"", """{"alg":null}""", """{"alg":7}""", """{"alg":["HS256"]}""", """{"alg":{"a":"HS256"}}""", """{"typ":"JWT"}""", """{"alg":"HS256",}""", """{"alg":"HS256"}{}""", """{"alg":"none","alg":"HS256x"}""", "\ufeff{\"alg\":\"none\"}" })
            yield return ($"header {odd}", Sign(odd, _good), false);
        foreach (var more in new[] { "\"kid\":\"x\"", "\"kid\":\"../../../../dev/null\"", "\"kid\":\"' OR 1=1 --\"", $"\"kid\":\"{new string('k', 2_000)}\"", "\"typ\":\"at+jwt\"", "\"cty\":\"JWT\"", "\"jku\":\"http://127.0.0.1:1/keys\"", "\"x5u\":\"http://127.0.0.1:1/\"", "\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}", "\"x5c\":[\"AAAA\"]", "\"zip\":\"DEF\"" })
            yield return ($"header with {more}", Sign($$"""{"alg":"HS256",{{more}}}""", _good), true); // signed by the key that counts; what the header says of others is not looked at
        foreach (var key in new[] { "", "k", "AAAA", "\0", "secret" })
            yield return ($"signed by the key '{key}' that the header brings along", Sign($$$"""{"alg":"HS256","jwk":{"kty":"oct","k":"{{{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(key))}}}"}}""", _good, Encoding.ASCII.GetBytes(key)), false);
        foreach (var crit in new[] { """{"alg":"HS256","crit":["x"],"x":1}""", """{"alg":"HS256","crit":["b64"],"b64":false}""", """{"alg":"HS256","crit":[]}""", """{"alg":"HS256","crit":"exp"}""" })
            yield return ($"header {crit}", Sign(crit, _good), false); // RFC 7515 §4.1.11
    }

    private static IEnumerable<(string Name, string Token, bool Passes)> Claims()
    {
        foreach (var exp in new[] { "null", "\"\"", "\"x\"", "true", "{}", "[]", $"[{_now + 60}]", "-1", "0", "1", "1e-400", $"{_now - 11}", $"{_now - 3_600}", $"{_now - 60}.5", "-1e400", "-9223372036854775808", $"\"{_now - 60}\"" })
            yield return ($"exp {exp}", Sign(Header, $$"""{"sub":"ann","exp":{{exp}}}"""), false);
        foreach (var exp in new[] { $"{_now - 5}", $"{_now + 60}.5", $"{_now + 60}", "253402300799" })
            yield return ($"exp {exp}", Sign(Header, $$"""{"sub":"ann","exp":{{exp}}}"""), true);
        foreach (var more in new[] { "\"jti\":7", "\"azp\":{\"a\":[1,2,3]}" }) yield return ($"with {more}", Sign(Header, $$"""{"sub":"ann",{{_exp}},{{more}}}"""), false); // both are strings (RFC 7519)
        yield return ("no exp", Sign(Header, """{"sub":"ann"}"""), false);
        yield return ("Exp", Sign(Header, $$"""{"sub":"ann","Exp":{{_now + 60}}}"""), false);
        foreach (var nbf in new[] { $"{_now + 60}", $"{_now + 3_600}", "253402300799" })
            yield return ($"nbf {nbf}", Sign(Header, $$"""{"sub":"ann",{{_exp}},"nbf":{{nbf}}}"""), false);
        foreach (var nbf in new[] { "0", "-1", $"{_now}", $"{_now - 60}.5" })
            yield return ($"nbf {nbf}", Sign(Header, $$"""{"sub":"ann",{{_exp}},"nbf":{{nbf}}}"""), true);
        foreach (var more in new[] { "\"iat\":0", $"\"iat\":{_now + 3_600}", "\"aud\":\"x\"", "\"aud\":[\"x\",\"y\"]", "\"aud\":[]", "\"iss\":\"https://evil.example\"", "\"x\":9007199254740993", $"\"x\":\"{new string('x', 3_000)}\"", "\"scope\":\"\"", "\"scope\":\"notifications:publisher\"", "\"scope\":\"Notifications:Publish\"", "\"scope\":\"notifications:publish,x\"", "\"scope\":[[\"notifications:publish\"]]", "\"scp\":{\"a\":\"notifications:publish\"}", "\"scp\":[null,1,true]", "\"scope\":true", "\"roles\":[\"notifications:publish\"]", "\"SCOPE\":\"notifications:publish\"" })
            yield return ($"with {more}", Sign(Header, $$"""{"sub":"ann",{{_exp}},{{more}}}"""), true);
        foreach (var scope in new[] { "\"scope\":\"notifications:publish\"", "\"scp\":[\"a\",\"notifications:publish\"]" })
            yield return ($"publisher by {scope}", Sign(Header, $$"""{"sub":"ann",{{_exp}},{{scope}}}"""), true);
        foreach (var sub in new[] { "null", "7", "true", "{}", "[]", "[\"ann\"]", "\"\"", "\"me\"", "\".\"", "\"..\"", "\"a\\u0000b\"", "\"a\\nb\"", "\"\\u007f\"", "\"\\ud800\"", $"\"{new string('x', 129)}\"", $"\"{string.Concat(Enumerable.Repeat("😀", 33))}\"" })
            yield return ($"sub {sub}", Sign(Header, $$"""{"sub":{{sub}},{{_exp}}}"""), false);
        foreach (var sub in new[] { "\"Ann\"", "\"ann \"", "\"default/ann\"", "\"ann/notifications\"", "\"😀\"", "\"a%6en\"" })
            yield return ($"sub {sub} (other)", Sign(Header, $$"""{"sub":{{sub}},{{_exp}}}"""), true);
        foreach (var tenant in new[] { "null", "7", "{}", "[\"default\"]", "\"\"", "\"a\\u0000\"", $"\"{new string('t', 129)}\"" })
            yield return ($"tenant {tenant}", Sign(Header, $$"""{"sub":"ann",{{_exp}},"tenant":{{tenant}}}"""), false);
        yield return ("tenant of another", Sign(Header, $$"""{"sub":"ann",{{_exp}},"tenant":"other"}"""), true);
        foreach (var after in new[] { "{}", " x", ",", "]", "\0", "//", "\n{\"sub\":\"bob\"}" }) yield return ($"then {after}", Sign(Header, _good + after), false);
        foreach (var text in new[] { "", "null", "7", "[]", "{", "}", "\"ann\"", "[" + _good + "]", "{'sub':'ann'}", new string('[', 2_000), $$"""{"sub":"ann",{{_exp}},}""", $$"""{"sub":"ann",{{_exp}},"x":{{new string('[', 100)}}{{new string(']', 100)}}}""" })
            yield return ($"payload {text[..Math.Min(40, text.Length)]}", Sign(Header, text), false);
    }

    private static IEnumerable<(string Name, string Token, bool Passes)> Shapes()
    {
        var token = Sign(Header, _good);
        var parts = token.Split('.');
        var bob = Sign(Header, $$"""{"sub":"bob",{{_exp}}}""").Split('.');
        yield return ("the good one", token, true);
        yield return ("the good one again", token, true);
        foreach (var shape in new[]
        {
            "", ".", "..", "...", "....", "a", "a.b", "a.b.c", parts[0], $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.", $".{parts[1]}.{parts[2]}", $"{parts[0]}..{parts[2]}", $"{parts[0]}.{bob[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{bob[2]}", token + ".", token + ".x", token + ".x.y",
            $"{parts[0]}.{parts[1]}.{parts[2]}=", $"{parts[0]}.{parts[1]}.{parts[2][..^2]}", $"{parts[0]}.{parts[1]}.{parts[2]}AAAA", $"{parts[0]}.{parts[1]}.{new string('A', 43)}", $"{parts[0]}. {parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2].ToUpperInvariant()}", token.Replace('.', ','), token + " " + token, "\"" + token + "\"", $"{parts[0]}.{parts[1]}%.{parts[2]}",
            new string('a', 6_000), $"{new string('a', 3_000)}.{new string('b', 3_000)}.c", string.Join('.', Enumerable.Repeat("e30", 500)), "e30.e30.", "bnVsbA.bnVsbA.bnVsbA",
        })
            yield return ($"shape {shape[..Math.Min(30, shape.Length)]}… of {shape.Length}", shape, false);
    }

    private static string Sign(string header, string claims, byte[]? key = null)
    {
        var text = Unsigned(header, claims);
        return text + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key ?? ApiServer.SigningKey, Encoding.ASCII.GetBytes(text)));
    }

    private static string Unsigned(string header, string claims) => Part(header) + "." + Part(claims);

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
