using System.Text;
using System.Text.Json;

namespace OrleansInbox.Bench.Comparisons;

/// <summary>What a server has of the contract; it is found out by asking, since some peers only take publishes or have no list.</summary>
[Flags]
internal enum Abilities
{
    None = 0,
    Publish = 1,
    List = 2,

    /// <summary>Opens live streams.</summary>
    Stream = 4,

    /// <summary>What is published arrives on them.</summary>
    Deliver = 8,
}

/// <summary>Tries each part of the contract once.</summary>
internal sealed class Probe : IStreamListener
{
    private const string User = "bench-probe";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<Abilities> Run(Target target)
    {
        var probe = new Probe();
        var found = Abilities.None;
        using var stream = await Or(null, async () => await LiveStream.Open(target, User, 0, probe, Limit));
        if (stream is not null) found |= Abilities.Stream;
        if (await Or(false, () => Publishes(target))) found |= Abilities.Publish;
        if (await Or(false, () => Lists(target))) found |= Abilities.List;
        if (stream is not null && found.HasFlag(Abilities.Publish) && await Task.WhenAny(probe._arrived.Task, Task.Delay(Limit)) == probe._arrived.Task) found |= Abilities.Deliver;
        return found;
    }

    public void Event(int stream, ReadOnlySpan<byte> data, long at)
    {
        if (data.IndexOf(Encoding.ASCII.GetBytes(Requests.Marker)) >= 0) _arrived.TrySetResult();
    }

    public void Ended(int stream, Exception reason) { }

    private static async Task<bool> Publishes(Target target)
    {
        using var connection = await HttpConnection.Open(target, Limit);
        return await connection.Exchange(Requests.Publish(target, User, 0, Requests.Mark(0, 0))).AsTask().WaitAsync(Limit) is >= 200 and <= 299;
    }

    private static async Task<bool> Lists(Target target)
    {
        using var connection = await HttpConnection.Open(target, Limit);
        var (status, body) = await connection.Ask(Requests.List(target, User, 1, null)).WaitAsync(Limit);
        if (status != 200) return false;
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("items", out var items) && items.GetArrayLength() == 1;
    }

    /// <summary>A part that fails, in whatever way, is a part that the server does not have.</summary>
    private static async Task<T> Or<T>(T otherwise, Func<Task<T>> ask)
    {
        try { return await ask(); }
        catch (Exception e) when (Sample.IsWire(e) || e is TimeoutException or JsonException or InvalidOperationException) { return otherwise; }
    }
}
