using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInbox.Fuzz;

/// <summary>Values of <c>Authorization</c>: API keys and JWTs, good ones and such as attackers make.</summary>
internal sealed class TokenGrammar(string apiKey, byte[]? signingKey)
{
    private const string Exp = "\"exp\":4102444800"; // 2100

    /// <summary>Of a publisher, or of the user.</summary>
    public string Good(Dice dice, string? user) =>
        signingKey is null || user is null || dice.OnceIn(2) ? $"ApiKey {apiKey}" : $"Bearer {Sign("""{"alg":"HS256","typ":"JWT"}""", $$"""{"sub":"{{user}}",{{Exp}}}""")}";

    public string? Any(Dice dice, string? user) => dice.Below(10) switch
    {
        0 => null,
        1 => dice.Of("ApiKey ", "ApiKey", "Bearer ", "Bearer", "Basic YTpi", "apikey " + apiKey, "Digest x", " ", "Bearer  " + dice.Word(20), "ApiKey " + new string('x', 300)),
        2 => "ApiKey " + dice.Damage(apiKey),
        < 6 => "Bearer " + Token(dice, user ?? "u1"),
        _ => Good(dice, user),
    };

    private string Token(Dice dice, string user)
    {
        var token = Sign(Header(dice), Claims(dice, user));
        return dice.Below(8) switch
        {
            0 => dice.Damage(token),
            1 => token[..dice.Below(token.Length)],
            2 => token[..(token.LastIndexOf('.') + 1)],
            3 => token + "." + dice.Word(8) + ".", // as many parts as a JWE
            4 => string.Join('.', Enumerable.Repeat(dice.Word(6), 1 + dice.Below(7))),
            _ => token,
        };
    }

    private static string Header(Dice dice) => dice.Below(5) switch
    {
        0 => $$"""{"alg":"{{dice.Of("none", "None", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "dir", "", "HS256 ")}}","typ":"JWT"}""",
        1 => $$"""{"alg":"HS256","kid":"{{dice.Of("../../dev/null", "' OR 1=1", "k", new string('k', 2000), "\\u0000")}}"}""",
        2 => dice.Of("""{"alg":"HS256","crit":["x"],"x":1}""", """{"alg":"HS256","b64":false,"crit":["b64"]}""", """{"alg":"HS256","jku":"http://127.0.0.1:1/"}""", """{"alg":"dir","enc":"A128GCM","zip":"DEF"}""",
            """{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}""", """{"alg":["HS256"]}""", """{"alg":7}""", """{"alg":null}""", "{}", "[]", "null", "", "7", """{"alg":"HS256","alg":"none"}""", """{"alg":"HS256"}{}"""),
        _ => """{"alg":"HS256","typ":"JWT"}""",
    };

    private static string Claims(Dice dice, string user) => dice.Below(6) switch
    {
        0 => $$"""{"sub":"{{user}}","exp":{{Odd(dice)}}}""",
        1 => $$"""{"sub":{{Odd(dice)}},{{Exp}},"tenant":{{Odd(dice)}}}""",
        2 => $$"""{"sub":"{{user}}",{{Exp}},"nbf":{{Odd(dice)}},"iat":{{Odd(dice)}},"aud":{{Odd(dice)}},"iss":{{Odd(dice)}}}""",
        3 => $$"""{"sub":"{{user}}",{{Exp}},"scope":{{Odd(dice)}},"scp":{{Odd(dice)}}}""",
        4 => $$"""{"sub":"{{user}}",{{Exp}}}{{dice.Of("{}", " x", ",", "]", "\0", "\n{\"sub\":\"b\"}")}}""",
        _ => $$"""{"sub":"{{dice.Of(user, "me", ".", "..", "a/b", "", "a\\u0000b", "\\ud800", new string('x', 129))}}",{{Exp}}}""",
    };

    private static string Odd(Dice dice) => dice.Of("0", "-1", "1", "4102444800", "4102444800.5", "1e400", "9223372036854775807", "99999999999999999999999999", "1e9", "\"4102444800\"", "\"\"", "null", "true", "{}", "[]",
        "[1]", "[\"a\",\"b\"]", "[null]", "\"notifications:publish\"", "\"a notifications:publish\"", "[\"notifications:publish\"]", "\"other\"", "253402300800", new string('[', 70) + new string(']', 70),
        dice.Below(int.MaxValue).ToString(CultureInfo.InvariantCulture), "\"\\ud800\"");

    private string Sign(string header, string claims)
    {
        var text = Part(header) + "." + Part(claims);
        return text + "." + Base64Url.EncodeToString(HMACSHA256.HashData(signingKey ?? [], Encoding.ASCII.GetBytes(text)));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
