namespace OrleansInbox.Chaos;

/// <summary>Kills, ends, freezes and starts again; cuts and slows connections. Most silos, at least one front-end, and soon Redis again are left.</summary>
internal sealed class Nemesis(ChaosCluster house, History history)
{
    private readonly Random _dice = new(house.Options.Seed);
    private readonly List<Task> _aftermath = [];

    public int Kills { get; private set; }

    public async Task Run(CancellationToken enough, CancellationToken stop)
    {
        try
        {
            while (Kills < house.Options.Kills)
            {
                await Task.Delay(TimeSpan.FromSeconds(house.Options.Pause * (0.5 + _dice.NextDouble())), enough);
                StartEnded(stop);
                while (!Strike(stop)) { } // somebody else then
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Time is up.
        }
        await Task.WhenAll(_aftermath);
    }

    private bool Strike(CancellationToken stop)
    {
        var lot = _dice.Next(100);
        if (house.Shards.Length > 0 && lot % 2 == 0) return ChooseShard(lot < 40 ? "kill" : lot < 60 ? "cut" : "cut and kill", stop); // every second deed
        if (lot < 62) return Choose(house.Silos, 2, lot < 36 ? "kill" : lot < 51 ? "term" : "freeze", stop);
        if (lot < 82) return Choose(house.FrontEnds, house.Options.IsCoHosted ? 2 : 1, lot < 74 ? "kill" : lot < 79 ? "term" : "freeze", stop);
        if (lot < 90 && house.Shards.Length == 0) return Choose(house.Redis, 0, lot < 87 ? "kill" : "term", stop);
        if (lot < 96) Cut(_dice.Next(house.Doors.Length));
        else _aftermath.Add(Slow(_dice.Next(house.Doors.Length), stop));
        return true;
    }

    /// <returns>False when too few would be left.</returns>
    private bool Choose(Member[] members, int leave, string how, CancellationToken stop)
    {
        var free = members.Where(m => !m.IsTaken).ToArray();
        if (free.Length <= leave) return false;
        var victim = free[_dice.Next(free.Length)];
        victim.IsTaken = true;
        Kills++;
        _aftermath.Add(Strike(victim, how, stop));
        return true;
    }

    /// <returns>False when another is not whole: two masters of three have to be there to replace the third.</returns>
    private bool ChooseShard(string how, CancellationToken stop)
    {
        if (house.Shards.Any(shard => shard.Nodes.Any(node => node.IsTaken) || !shard.IsWhole())) return false;
        var shard = house.Shards[_dice.Next(house.Shards.Length)];
        if (shard.Roles() is not { } roles) return false;
        foreach (var node in shard.Nodes) node.IsTaken = true;
        Kills++;
        _aftermath.Add(Strike(shard, roles.Master, how, stop));
        return true;
    }

    private async Task Strike(RedisShard shard, Member master, string how, CancellationToken stop)
    {
        var (apart, away) = (_dice.Next(500, 4_000), _dice.Next(2) * 6_000 + 500); // back before its replica takes over, or as the replica of that one
        history.Note(new Deed(history.Now, $"{how} redis", master.Name));
        if (how != "kill")
        {
            shard.Part(true);
            await Task.Delay(apart, stop);
        }
        if (how != "cut") await master.Kill();
        shard.Part(false);
        if (!master.IsRunning)
        {
            await Task.Delay(away, stop);
            master.Start();
            history.Note(new Deed(history.Now, "start", master.Name));
        }
        for (var waited = 0; waited < 300 && !shard.IsWhole(); waited++) await Task.Delay(200, stop);
        history.Note(new Deed(history.Now, shard.IsWhole() ? Deed.Ready : "does not get ready", master.Name));
        foreach (var node in shard.Nodes) node.IsTaken = false;
    }

    private async Task Strike(Member victim, string how, CancellationToken stop)
    {
        history.Note(new Deed(history.Now, $"{how} {victim.Name.Split('-')[0]}", victim.Name));
        if (how == "kill") await victim.Kill();
        else if (how == "term") await victim.Terminate();
        else await Frozen(victim, stop);
        if (!victim.IsRunning) await StartAgain(victim, stop);
    }

    /// <summary>A silo that a failover of Redis has struck from the table of members ends; whoever runs it in earnest has something that starts it again.</summary>
    private void StartEnded(CancellationToken stop)
    {
        foreach (var ended in house.Silos.Concat(house.FrontEnds).Where(member => member is { IsTaken: false, IsRunning: false }))
        {
            history.Note(new Deed(history.Now, $"ended {ended.Name.Split('-')[0]}", ended.Name));
            ended.IsTaken = true;
            _aftermath.Add(StartAgain(ended, stop));
        }
    }

    private async Task StartAgain(Member victim, CancellationToken stop)
    {
        await Task.Delay(house.Redis.Contains(victim) ? 500 : 4_000, stop);
        victim.Start();
        history.Note(new Deed(history.Now, "start", victim.Name));
        var isReady = await victim.Ready(TimeSpan.FromSeconds(60), stop);
        history.Note(new Deed(history.Now, isReady ? Deed.Ready : "does not get ready", victim.Name));
        victim.IsTaken = false;
    }

    /// <summary>Half a minute. The others have given a silo up by then: it ends by itself when it finds out.</summary>
    private async Task Frozen(Member victim, CancellationToken stop)
    {
        victim.Freeze();
        await Task.Delay(30_000, stop);
        victim.Thaw();
        history.Note(new Deed(history.Now, "thaw", victim.Name));
        await Task.Delay(2_000, stop);
        if (!await victim.Ready(TimeSpan.FromSeconds(15), stop))
        {
            await victim.Terminate();
            return;
        }
        history.Note(new Deed(history.Now, Deed.Ready, victim.Name));
        victim.IsTaken = false;
    }

    private void Cut(int door)
    {
        history.Note(new Deed(history.Now, "cut", $"clients of front-end-{door}"));
        house.Doors[door].Cut();
        history.Note(new Deed(history.Now, Deed.Ready, $"clients of front-end-{door}"));
    }

    private async Task Slow(int door, CancellationToken stop)
    {
        history.Note(new Deed(history.Now, "slow", $"clients of front-end-{door}"));
        house.Doors[door].Slow(true);
        await Task.Delay(5_000, stop);
        house.Doors[door].Slow(false);
        history.Note(new Deed(history.Now, Deed.Ready, $"clients of front-end-{door}"));
    }
}
