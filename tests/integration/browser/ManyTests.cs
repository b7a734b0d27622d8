using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrleansInbox.Tests.Browser;

/// <summary>On a server of its own: everybody gets what is announced.</summary>
public sealed class ManyTests(InboxPage inbox) : IClassFixture<InboxPage>
{
    [Fact]
    public async Task A_topic_reaches_who_follows_it_and_an_announcement_everybody()
    {
        await using var profile = await inbox.Profile(new() { ViewportSize = new() { Width = 1400, Height = 900 } });
        var (page, errors) = await inbox.Open(profile, $"?left=many-ann&right=many-bob&third=many-cleo#key={inbox.ApiKey}");
        await Expect(page.Locator(".state[data-state=live]")).ToHaveCountAsync(3);
        foreach (var user in (string[])["many-ann", "many-bob"])
        {
            var follow = PageTests.Pane(page, user).Locator("inbox-follow button");
            await Expect(follow).ToBeEnabledAsync();
            await follow.ClickAsync();
            await Expect(follow).ToHaveAttributeAsync("aria-pressed", "true");
        }

        await Publish("topic", "Release 4.12");
        await Expect(page.Locator("#job span")).ToHaveTextAsync("2 of 2 reached");
        Assert.Equal(2, await page.Locator("#job progress").EvaluateAsync<int>("bar => bar.value"));
        foreach (var user in (string[])["many-ann", "many-bob"]) await Expect(PageTests.Pane(page, user).Locator(".item .title")).ToHaveTextAsync("Release 4.12");
        await Expect(PageTests.Pane(page, "many-cleo").Locator(".empty")).ToBeVisibleAsync();

        await Publish("everybody", "Maintenance at noon");
        foreach (var user in (string[])["many-ann", "many-bob", "many-cleo"]) await Expect(PageTests.Pane(page, user).Locator(".item .title").First).ToHaveTextAsync("Maintenance at noon", new() { Timeout = 30_000 });
        Assert.Empty(errors);

        async Task Publish(string audience, string title)
        {
            await page.Locator("select[name=audience]").SelectOptionAsync(audience);
            await page.GetByLabel("Title", new() { Exact = true }).FillAsync(title);
            await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        }
    }
}
