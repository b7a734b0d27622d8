using Orleans.Runtime;

namespace OrleansInbox;

/// <summary>Inboxes by their key. Orleans resolves an interface's name by reflection for each reference that it makes, which is 5 % of a publish; here it is done once.</summary>
public sealed class InboxGrains(IGrainFactory grains)
{
    private sealed record InboxType(GrainType Grain, GrainInterfaceType Interface);

    private InboxType? _type;

    public IInboxGrain Get(string key)
    {
        var type = _type ??= Resolve();
        return (IInboxGrain)grains.GetGrain(GrainId.Create(type.Grain, IdSpan.Create(key)), type.Interface);
    }

    /// <summary>Throws as long as an Orleans client does not know the grains of a silo; it is resolved again then.</summary>
    private InboxType Resolve()
    {
        var any = (GrainReference)(object)grains.GetGrain<IInboxGrain>("any");
        return new(any.GrainId.Type, any.InterfaceType);
    }
}
