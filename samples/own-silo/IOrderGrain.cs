using OrleansInbox;

namespace Shop;

/// <summary>One order; the key is its number.</summary>
[Alias("order")]
public interface IOrderGrain : IGrainWithIntegerKey
{
    /// <summary>Tells the customer that the order is on its way, once.</summary>
    /// <returns>What the customer's inbox holds then.</returns>
    [Alias("ship")] Task<InboxCounts> Ship(string customer);
}
