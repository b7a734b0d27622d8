using Microsoft.Playwright;
using OrleansInbox.Samples.GithubDemo;
using static Microsoft.Playwright.Assertions;

namespace OrleansInbox.Tests.Browser;

/// <summary>
/// The page with deliveries as samples/github-demo publishes them. With <c>INBOX_SCREENSHOTS</c> set to a folder it writes the pictures of README.md there,
/// from the file of deliveries that <c>INBOX_SCREENSHOT_DELIVERIES</c> names.
/// </summary>
public sealed class ScreenshotTests(InboxPage inbox) : IClassFixture<InboxPage>
{
    private const string Sample = """
        {"event":"fork","payload":{"forkee":{"owner":{"login":"octocat"}},"repository":{"full_name":"Codertocat/Hello-World","html_url":"https://example.com/","owner":{"login":"Codertocat","type":"User"}},"sender":{"login":"octocat"}}}
        """;

    [Fact]
    public async Task Real_deliveries_are_shown_to_those_whom_they_concern()
    {
        var deliveries = Environment.GetEnvironmentVariable("INBOX_SCREENSHOT_DELIVERIES");
        var file = DeliveryFile.Read(deliveries is null ? [Sample] : File.ReadLines(deliveries));
        foreach (var publication in file.Publications) await inbox.Publish(publication);
        var (left, right) = (file.People()[0], file.People().ElementAtOrDefault(1) ?? "bob");

        await Picture("page.png", left, right, new() { ViewportSize = new() { Width = 1280, Height = 860 } });
        await Picture("page-dark.png", left, right, new() { ViewportSize = new() { Width = 1280, Height = 860 }, ColorScheme = ColorScheme.Dark });
        await Picture("page-phone.png", left, right, new() { ViewportSize = new() { Width = 390, Height = 844 }, DeviceScaleFactor = 2 });
    }

    private async Task Picture(string name, string left, string right, BrowserNewContextOptions options)
    {
        await using var profile = await inbox.Profile(options);
        var (page, errors) = await inbox.Open(profile, left, right);
        await Expect(page.Locator(".item").First).ToBeVisibleAsync();
        Assert.Empty(errors);
        if (Environment.GetEnvironmentVariable("INBOX_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), Animations = ScreenshotAnimations.Disabled });
    }
}
