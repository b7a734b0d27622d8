namespace OrleansInbox;

/// <summary>The seqs <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
public readonly record struct SeqRange(long From, long To)
{
    public long Count => To - From + 1;

    public IEnumerable<long> Seqs
    {
        get
        {
            for (var seq = From; seq <= To; seq++) yield return seq;
        }
    }
}
