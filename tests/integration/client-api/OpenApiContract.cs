using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The OpenAPI document: whether an answer is one that it promises.</summary>
public sealed partial class OpenApiContract
{
    private readonly JsonNode _document;
    private readonly JsonSchema _schemas;

    private OpenApiContract(JsonNode document) => (_document, _schemas) = (document, new JsonSchema(document));

    public static OpenApiContract Parse(string json) => new(JsonNode.Parse(json)!);

    public IEnumerable<(string Path, string Method)> Operations =>
        from path in _document["paths"]!.AsObject()
        from member in path.Value!.AsObject()
        where member.Key != "parameters"
        select (path.Key, member.Key.ToUpperInvariant());

    public async Task Check(HttpRequestMessage request, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status >= 400) Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        if (request.RequestUri!.AbsolutePath.StartsWith("/dev/", StringComparison.Ordinal)) return; // no part of the contract
        var (what, operation) = Find(request);
        if (operation is null)
        {
            Assert.True(status is 404 or 405 or 413 or 429 or 400, $"{what} is not in the document, and was answered {status}.");
            return;
        }
        var promised = _schemas.Resolve(operation["responses"]![$"{status}"] ?? throw new Xunit.Sdk.XunitException($"{what} answered {status}, which the document does not know: {await response.Content.ReadAsStringAsync()}"));
        foreach (var (name, header) in promised["headers"]?.AsObject() ?? [])
            if (_schemas.Resolve(header!)["required"]?.GetValue<bool>() == true)
                Assert.True(response.Headers.Contains(name), $"{what} {status} has no {name}.");

        if (request.Method == HttpMethod.Head || promised["content"] is not JsonObject content)
        {
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
            return;
        }
        var type = response.Content.Headers.ContentType?.MediaType ?? "none";
        Assert.True(content.ContainsKey(type), $"{what} {status} has the content type {type}.");
        if (!type.EndsWith("json", StringComparison.Ordinal) || type.EndsWith("ndjson", StringComparison.Ordinal)) return;
        var violations = _schemas.Violations(JsonNode.Parse(await response.Content.ReadAsStringAsync()), content[type]!["schema"]!).ToList();
        Assert.True(violations.Count == 0, $"{what} {status}: {string.Join("; ", violations)}");
    }

    /// <summary>A path without parameters is meant before one with (OpenAPI 3.1 §4.8.8).</summary>
    private (string What, JsonNode? Operation) Find(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        var found = _document["paths"]!.AsObject()
            .Where(template => Regex.IsMatch(path, "^" + Parameter().Replace(template.Key, "[^/]+") + "$") && template.Value![Verb(request)] is not null)
            .OrderBy(template => template.Key.Count(c => c == '{')).FirstOrDefault();
        return ($"{request.Method} {found.Key ?? path}", found.Value?[Verb(request)]);
    }

    /// <summary>The document says once, for all, that HEAD is answered like GET.</summary>
    private static string Verb(HttpRequestMessage request) => request.Method == HttpMethod.Head ? "get" : request.Method.Method.ToLowerInvariant();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
