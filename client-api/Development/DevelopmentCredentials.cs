using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansInbox.ClientApi.Access;
using OrleansInbox.ClientApi.Live;

namespace OrleansInbox.ClientApi.Development;

/// <summary>
/// In Development without configured credentials: a signing key and an API key, made once and kept in the data folder, readable by their owner alone.
/// </summary>
internal sealed class DevelopmentCredentials(string signingKey, string apiKey, TimeProvider time)
{
    public static readonly IReadOnlyList<string> Users = ["ann", "bob"];
    private const string SigningKeyFile = "development-signing-key";
    private const string ApiKeyFile = "development-api-key";
    private static readonly TimeSpan _tokenLife = TimeSpan.FromDays(30);

    public string ApiKey => apiKey;

    public AuthOptions Options => new()
    {
        SigningKey = signingKey,
        ApiKeys = [new(InboxKey.DefaultTenant, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey))))],
    };

    /// <param name="dataPath">Made when missing.</param>
    /// <exception cref="InvalidSettingsException">The folder cannot be written.</exception>
    public static DevelopmentCredentials ReadOrMake(string dataPath, TimeProvider time)
    {
        try
        {
            DataFolder.Create(dataPath);
            return new(ReadOrMake(Path.Combine(dataPath, SigningKeyFile), Convert.ToBase64String), ReadOrMake(Path.Combine(dataPath, ApiKeyFile), bytes => Base64Url.EncodeToString(bytes)), time);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingsException([$"Inbox:DataPath cannot be used: {failure.Message}"]);
        }
    }

    /// <summary>A JWT of that user.</summary>
    public string Token(string user) => Token(new Dictionary<string, object> { ["sub"] = user });

    /// <summary>A JWT that may publish.</summary>
    public string PublisherToken() => Token(new Dictionary<string, object> { ["scope"] = Tokens.PublishScope });

    private string Token(Dictionary<string, object> claims)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + _tokenLife,
            SigningCredentials = new(new SymmetricSecurityKey(Convert.FromBase64String(signingKey)), SecurityAlgorithms.HmacSha256),
        });
    }

    private static string ReadOrMake(string file, Func<byte[], string> encode)
    {
        if (!File.Exists(file))
        {
            using var made = new StreamWriter(DataFolder.Open(file, FileMode.CreateNew, FileAccess.Write, FileShare.None));
            made.WriteLine(encode(RandomNumberGenerator.GetBytes(32)));
        }
        var text = File.ReadAllText(file).Trim();
        return text.Length >= 32 ? text : throw new IOException($"{file} is damaged; delete it, and a new one is made.");
    }
}
