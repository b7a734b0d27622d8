using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansInbox.ClientApi.Endpoints;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The document says of a notification's type what the rules do.</summary>
public sealed class OpenApiTypeTests
{
    [Theory]
    [InlineData("NewNotification")]
    [InlineData("Item")]
    public void The_pattern_and_length_of_the_document_are_those_of_the_rules(string schema)
    {
        using var resource = typeof(InboxEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        using var document = JsonDocument.Parse(resource);
        var type = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties").GetProperty("type");
        var pattern = type.GetProperty("pattern").GetString()!;

        Assert.All(Enumerable.Range(0, 0x180), c => Assert.Equal(Regex.IsMatch(((char)c).ToString(), pattern.Replace("$", "\\z", StringComparison.Ordinal)), NotificationRules.IsType(((char)c).ToString())));
        var (min, max) = (type.GetProperty("minLength").GetInt32(), type.GetProperty("maxLength").GetInt32());
        Assert.Equal((true, false), (NotificationRules.IsType(new('a', min)), NotificationRules.IsType(new('a', min - 1))));
        Assert.Equal((true, false), (NotificationRules.IsType(new('a', max)), NotificationRules.IsType(new('a', max + 1))));
    }
}
