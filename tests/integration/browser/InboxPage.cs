using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Playwright;
using OrleansInbox.Samples.GithubDemo;
using OrleansInbox.Tests.Processes;

namespace OrleansInbox.Tests.Browser;

/// <summary>A server with its page, and Debian's Chromium; shared by the tests of the page, each of which has users of its own.</summary>
public sealed class InboxPage : IAsyncLifetime
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private static readonly string[] _chromiums = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inbox-page-");
    private ServerProcess _server = null!;
    private HttpClient _publisher = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("CHROMIUM")
            ?? _chromiums.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"The page is tested with a browser, {string.Join(" or ", _chromiums)}: apt-get install chromium-headless-shell");
        _server = await ServerProcess.Start(_folder.FullName, "--Cluster:Dashboard", "true");
        _publisher = _server.Publisher();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            Timeout = 60_000,
        });
    }

    /// <summary>A browser profile of its own; its pages are tabs of the same person.</summary>
    public async Task<IBrowserContext> Profile(BrowserNewContextOptions? options = null)
    {
        var context = await _browser.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1200, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        return context;
    }

    /// <summary>A tab with two inboxes, both live. Whatever it writes to its console as an error is gathered.</summary>
    public async Task<(IPage Page, List<string> Errors)> Open(IBrowserContext profile, string left, string right)
    {
        var (page, errors) = await Open(profile, $"?left={Uri.EscapeDataString(left)}&right={Uri.EscapeDataString(right)}#key={_server.ApiKey}");
        await Assertions.Expect(page.Locator(".state[data-state=live]")).ToHaveCountAsync(2, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator(".items[aria-busy=false]")).ToHaveCountAsync(2, new() { Timeout = 30_000 });
        return (page, errors);
    }

    /// <summary>A tab with any address of the server.</summary>
    public async Task<(IPage Page, List<string> Errors)> Open(IBrowserContext profile, string address)
    {
        var errors = new List<string>();
        var page = await profile.NewPageAsync();
        page.Console += (_, message) => { if (message.Type is "error" or "warning") errors.Add(message.Text); };
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(new Uri(_server.Url, address).ToString());
        return (page, errors);
    }

    public string ApiKey => _server.ApiKey;

    /// <summary>The page's address as somebody knows it who has not read what the server printed.</summary>
    public Uri AddressWithoutKey => _server.Url;

    public async Task Publish(string user, object notification)
    {
        using var response = await _publisher.PostAsJsonAsync($"v1/users/{Uri.EscapeDataString(user)}/notifications", notification, _json);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Those who appear in the real deliveries, published as samples/github-demo does it.</summary>
    public async Task Publish(Publication publication) => await Publish(publication.User, publication.Notification);

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _publisher?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
