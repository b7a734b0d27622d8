using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrleansInbox.Tests.Browser;

public sealed class PageTests(InboxPage inbox) : IClassFixture<InboxPage>
{
    [Fact]
    public async Task What_is_published_on_the_page_arrives_live_and_is_counted()
    {
        await using var profile = await inbox.Profile();
        var (page, errors) = await inbox.Open(profile, "live-ann", "live-bob");

        await page.GetByLabel("To", new() { Exact = true }).FillAsync("live-bob");
        await page.GetByLabel("Title", new() { Exact = true }).FillAsync("Ann commented");
        await page.GetByLabel("Text", new() { Exact = true }).FillAsync("Looks good");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();

        var bob = Pane(page, "live-bob");
        await Expect(bob.Locator(".item")).ToHaveCountAsync(1);
        await Expect(bob.Locator(".item .title")).ToHaveTextAsync("Ann commented");
        await Expect(bob.Locator(".item .body")).ToHaveTextAsync("Looks good");
        await Expect(bob.Locator(".unread")).ToHaveTextAsync("1");
        await Expect(bob.Locator(".announce")).ToContainTextAsync("Ann commented");
        await Expect(Pane(page, "live-ann").Locator(".empty")).ToContainTextAsync("Nothing here yet");
        await Expect(bob.Locator(".badge")).ToBeHiddenAsync(); // it stood on the screen for a moment: seen
        await Expect(bob.Locator(".unread")).ToHaveTextAsync("1"); // seen is not read
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_key_leaves_the_address_bar_and_stays_with_the_tab()
    {
        await using var profile = await inbox.Profile();
        var (page, errors) = await inbox.Open(profile, "key-ann", "key-bob");
        Assert.DoesNotContain("key=", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.Locator(".state[data-state=live]")).ToHaveCountAsync(2);
        Assert.Empty(errors);

        var other = await profile.NewPageAsync(); // sessionStorage is the tab's own
        await other.GotoAsync(inbox.AddressWithoutKey.ToString());
        await Expect(other.Locator("#toast")).ToContainTextAsync("Open the address that ./start prints");
    }

    [Fact]
    public async Task Marked_in_one_tab_it_is_marked_in_the_other()
    {
        await inbox.Publish("tabs-ann", new { type = "a", title = "first" });
        await inbox.Publish("tabs-ann", new { type = "a", title = "second" });
        await using var profile = await inbox.Profile();
        var (one, errors) = await inbox.Open(profile, "tabs-ann", "tabs-bob");
        var (two, otherErrors) = await inbox.Open(profile, "tabs-ann", "tabs-bob");
        var (mine, other) = (Pane(one, "tabs-ann"), Pane(two, "tabs-ann"));
        await Expect(other.Locator(".unread")).ToHaveTextAsync("2");

        await mine.GetByRole(AriaRole.Button, new() { Name = "Mark read: first" }).ClickAsync();
        await Expect(other.Locator(".unread")).ToHaveTextAsync("1");
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Mark unread: first" })).ToBeVisibleAsync();

        await mine.GetByRole(AriaRole.Button, new() { Name = "Mark unread: first" }).ClickAsync();
        await Expect(other.Locator(".unread")).ToHaveTextAsync("2");

        await other.GetByRole(AriaRole.Button, new() { Name = "Mark all read" }).ClickAsync();
        await Expect(mine.Locator(".unread")).ToHaveTextAsync("0");
        await Expect(mine.Locator(".unread-item")).ToHaveCountAsync(0);

        await mine.GetByRole(AriaRole.Button, new() { Name = "Archive: first" }).ClickAsync();
        await Expect(other.Locator(".item")).ToHaveCountAsync(1);
        await other.GetByRole(AriaRole.Button, new() { Name = "Archived" }).ClickAsync();
        await Expect(other.Locator(".item .title")).ToHaveTextAsync("first");

        await mine.GetByRole(AriaRole.Button, new() { Name = "Delete: second" }).ClickAsync();
        await Expect(mine.Locator(".empty")).ToBeVisibleAsync();
        Assert.Empty(errors);
        Assert.Empty(otherErrors);
    }

    [Fact]
    public async Task Hostile_notifications_are_text()
    {
        const string Title = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>";
        await inbox.Publish("hostile-ann", new { type = "a", title = Title, body = "<b>bold</b>", actor = new { id = "<i>x</i>", name = "\u202e<svg onload=1>" }, url = "/\"onmouseover=x" });
        await using var profile = await inbox.Profile();
        var (page, errors) = await inbox.Open(profile, "hostile-ann", "<b>right</b>");
        var item = Pane(page, "hostile-ann").Locator(".item");

        await Expect(item.Locator(".title")).ToHaveTextAsync(Title);
        await Expect(item.Locator(".body")).ToHaveTextAsync("<b>bold</b>");
        await Expect(item.Locator("img, script, b, i, svg, [onmouseover]")).ToHaveCountAsync(0);
        await Expect(page).ToHaveTitleAsync("OrleansInbox");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task It_is_used_with_the_keyboard_alone()
    {
        await using var profile = await inbox.Profile();
        var (page, errors) = await inbox.Open(profile, "keys-ann", "keys-bob");

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.GetByLabel("Title", new() { Exact = true }).FocusAsync();
        await page.Keyboard.TypeAsync("by key");
        await page.Keyboard.PressAsync("Enter");
        var bob = Pane(page, "keys-bob");
        await Expect(bob.Locator(".item")).ToHaveCountAsync(1);

        await TabTo(page, "read");
        Assert.NotEqual("none", await page.EvaluateAsync<string>($"getComputedStyle({Focused}).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(bob.Locator(".unread")).ToHaveTextAsync("0");
        await TabTo(page, "remove");
        await page.Keyboard.PressAsync("Space");
        await Expect(bob.Locator(".item")).ToHaveCountAsync(0);
        await Expect(bob.Locator(".scroll")).ToBeFocusedAsync(); // and not lost to the top of the page
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task On_a_phone_nothing_scrolls_sideways(ColorScheme scheme)
    {
        var user = $"phone-{scheme}-{new string('x', 60)}";
        await inbox.Publish(user, new { type = "a.very.long.type.that.goes.on.and.on.and.on", title = new string('W', 200), body = new string('w', 400), group = new string('g', 100) });
        await using var profile = await inbox.Profile(new() { ViewportSize = new() { Width = 320, Height = 640 }, ColorScheme = scheme, HasTouch = true });
        var (page, errors) = await inbox.Open(profile, user, "phone-bob");
        await Expect(page.Locator(".item")).ToHaveCountAsync(1);

        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('.scroll')].filter(list => list.scrollWidth > list.clientWidth).length"));
        var background = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Dark ? "rgb(14, 16, 32)" : "rgb(244, 245, 250)", background);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Older_ones_come_as_one_scrolls_and_new_ones_do_not_repeat_them()
    {
        for (var index = 1; index <= 45; index++) await inbox.Publish("long-ann", new { type = "a", title = $"number {index}" });
        await using var profile = await inbox.Profile();
        var (page, errors) = await inbox.Open(profile, "long-ann", "long-bob");
        var ann = Pane(page, "long-ann");
        await inbox.Publish("long-ann", new { type = "a", title = "number 46" });
        await Expect(ann.Locator(".item .title").First).ToHaveTextAsync("number 46");

        // Only the rows around those on the screen exist: they are gathered on the way down, each in its place.
        var shown = new SortedDictionary<int, string>();
        while (!shown.ContainsKey(46))
        {
            foreach (var item in await ann.Locator(".item").AllAsync())
                shown[int.Parse((await item.GetAttributeAsync("aria-posinset"))!, CultureInfo.InvariantCulture)] = (await item.Locator(".title").TextContentAsync())!;
            var last = shown.Keys.Last();
            await ann.Locator(".scroll").EvaluateAsync("scroll => scroll.scrollTop += scroll.clientHeight");
            if (last < 46) await Expect(ann.Locator($".item[aria-posinset='{last + 1}']")).ToBeAttachedAsync();
        }

        Assert.Equal(Enumerable.Range(1, 46).Reverse().Select(index => $"number {index}"), shown.Values);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task The_page_leads_to_Orleans_dashboard_which_works_under_its_policy()
    {
        await inbox.Publish("dashboard-ann", new { type = "a", title = "an activation" });
        await using var profile = await inbox.Profile(new() { HttpCredentials = new() { Username = "me", Password = inbox.ApiKey } });
        var (page, errors) = await inbox.Open(profile, $"/#key={inbox.ApiKey}");

        await page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
        await Expect(page.GetByText("Active Silos")).ToBeVisibleAsync();
        await Expect(page.Locator("canvas").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Grains", Exact = true }).ClickAsync();
        await Expect(page.GetByText("InboxGrain").First).ToBeVisibleAsync();
        Assert.Empty(errors); // a style, a font or a script that the policy refuses is one
    }

    /// <summary>What has the focus, also within a web component.</summary>
    private const string Focused = "(function within(element) { return element.shadowRoot?.activeElement ? within(element.shadowRoot.activeElement) : element; })(document.activeElement)";

    internal static ILocator Pane(IPage page, string user) => page.GetByRole(AriaRole.Region, new() { Name = $"Inbox of {user}", Exact = true });

    private static async Task TabTo(IPage page, string verb)
    {
        for (var presses = 0; presses < 60; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>($"{Focused}.dataset.verb ?? null") == verb) return;
        }
        Assert.Fail($"Sixty times Tab did not lead to {verb}.");
    }
}
