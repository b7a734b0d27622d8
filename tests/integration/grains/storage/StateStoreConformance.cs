using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansInbox.Tests.Grains.Storage;

/// <summary>What the grain relies on in a state store; every backend passes all of it.</summary>
public abstract class StateStoreConformance : IAsyncLifetime
{
    private const string Name = "marks";
    private static int _grains;

    protected IGrainStorage Store { get; private set; } = null!;

    private GrainId Id { get; } = GrainId.Create("inbox", InboxKey.Of("t", $"état {Interlocked.Increment(ref _grains)} 🙂"));

    protected abstract Task<IGrainStorage> Create();

    /// <summary>Closes what <see cref="Create"/> opened last; the data stays.</summary>
    protected abstract Task Close();

    public async Task InitializeAsync() => Store = await Create();

    public virtual Task DisposeAsync() => Close();

    private async Task<GrainState<InboxMarks>> Read(GrainId? id = null)
    {
        var state = new GrainState<InboxMarks>();
        await Store.ReadStateAsync(Name, id ?? Id, state);
        return state;
    }

    private Task Write(GrainState<InboxMarks> state) => Store.WriteStateAsync(Name, Id, state);

    [Fact]
    public async Task A_state_that_never_was_is_empty_and_not_null()
    {
        var state = await Read();
        Assert.False(state.RecordExists);
        Assert.Equal("", state.State!.Read);
    }

    [Fact]
    public async Task A_state_reads_back_as_it_was_written_also_after_reopening()
    {
        var state = await Read();
        state.State = new() { Epoch = 1_766_000_000_000, Version = 7, Read = "1-40,43", Archived = "2", Seen = 41, Floor = 3 };
        await Write(state);
        Assert.True(state.RecordExists);
        await Close();
        Store = await Create();

        var read = await Read();
        Assert.True(read.RecordExists);
        Assert.Equal(state.ETag, read.ETag);
        Assert.Equal((1_766_000_000_000, 7, "1-40,43", "2", "", 41, 3),
            (read.State!.Epoch, read.State.Version, read.State.Read, read.State.Archived, read.State.Deleted, read.State.Seen, read.State.Floor));
    }

    [Fact]
    public async Task Every_write_needs_the_etag_of_the_one_before()
    {
        var mine = await Read();
        await Write(mine);
        var yours = await Read();
        mine.State = new() { Version = 1 };
        await Write(mine);
        mine.State = new() { Version = 2 };
        await Write(mine);

        yours.State = new() { Version = 99 };
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(yours));
        Assert.Equal(2, (await Read()).State!.Version);
    }

    [Fact]
    public async Task Who_believes_that_there_is_nothing_is_refused()
    {
        var (mine, yours) = (await Read(), await Read());
        await Write(mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(yours));
    }

    [Fact]
    public async Task Of_writers_at_the_same_time_one_wins_each_round()
    {
        var wins = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var round = 0; round < 10; round++)
            {
                var state = await Read();
                state.State!.Version++;
                try
                {
                    await Write(state);
                    Interlocked.Increment(ref wins);
                }
                catch (InconsistentStateException)
                {
                    // somebody was faster
                }
            }
        }));
        Assert.Equal(wins, (await Read()).State!.Version);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_stale_knowledge_of_it_is_refused()
    {
        var mine = await Read();
        mine.State = new() { Version = 5 };
        await Write(mine);
        var yours = await Read();
        await Store.ClearStateAsync(Name, Id, mine);
        Assert.False(mine.RecordExists);
        Assert.Equal(0, (await Read()).State!.Version);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(yours));
        mine.State = new() { Version = 6 };
        await Write(mine);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(yours));
        Assert.Equal(6, (await Read()).State!.Version);
    }

    [Fact]
    public async Task States_of_different_grains_do_not_meet()
    {
        var state = await Read();
        state.State = new() { Version = 5 };
        await Write(state);
        Assert.False((await Read(GrainId.Create("inbox", Id.Key + "x"))).RecordExists);
    }
}
