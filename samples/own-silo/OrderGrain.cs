using System.Globalization;
using OrleansInbox;

namespace Shop;

public sealed class OrderGrain(IGrainFactory grains) : Grain, IOrderGrain
{
    public async Task<InboxCounts> Ship(string customer)
    {
        var order = this.GetPrimaryKeyLong().ToString(CultureInfo.InvariantCulture);
        var inbox = grains.GetGrain<IInboxGrain>(InboxKey.Of(InboxKey.DefaultTenant, customer));
        await inbox.Append(new NewNotification
        {
            Type = "order.shipped",
            Title = $"Order {order} is on its way",
            Url = $"/orders/{order}",
            CollapseKey = $"order:{order}", // one notification for each order, the newest
            IdempotencyKey = $"order-{order}-shipped", // the call may be repeated
        });
        return await inbox.Counts();
    }
}
