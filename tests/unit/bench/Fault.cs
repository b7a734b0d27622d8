namespace OrleansInbox.Tests.Bench;

/// <summary>What a server under the load tool can do wrong, every tenth time.</summary>
public enum Fault
{
    None,
    Lose,
    Repeat,
    Swap,
    Stray,
    Refuse,
    CutStreams,
    RefuseStreams,
    Trim,
    RepeatPages,
}
