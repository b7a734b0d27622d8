using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using OrleansInbox.ClientApi;

namespace OrleansInbox.Tests.ClientApi;

/// <summary>The whole program on a free port and on a date of the test's choice: the date alone is moved, timers and time-outs run as always.</summary>
internal sealed class DatedServer : IAsyncDisposable
{
    private readonly Factory _factory;

    private DatedServer(Factory factory, MovedTime time) => (_factory, Time) = (factory, time);

    public MovedTime Time { get; }

    /// <param name="date">What the server's clock shows when it starts.</param>
    /// <param name="settings">As <c>Name=value</c>, beside the credentials of <see cref="ApiServer"/>.</param>
    public static DatedServer Start(DateTimeOffset date, params string[] settings)
    {
        var time = new MovedTime();
        time.Leap(date - time.GetUtcNow());
        var factory = new Factory(time, settings);
        factory.UseKestrel(0);
        factory.StartServer();
        return new(factory, time);
    }

    public HttpClient Publisher()
    {
        var client = new HttpClient { BaseAddress = _factory.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("ApiKey", ApiServer.PublisherKey);
        return client;
    }

    public ValueTask DisposeAsync() => _factory.DisposeAsync();

    private sealed class Factory(MovedTime time, string[] settings) : WebApplicationFactory<FrontEndSettings>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            foreach (var setting in (string[])[.. ApiServer.Credentials().Select(argument => argument[2..]), "Logging:LogLevel:Default=Warning", .. settings])
                if (setting.Split('=', 2) is [var name, var value]) builder.UseSetting(name, value);
            builder.ConfigureServices(time.AddTo);
        }
    }
}
