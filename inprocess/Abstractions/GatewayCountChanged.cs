namespace Orleans;

public delegate void GatewayCountChangedHandler(object? sender, GatewayCountChangedEventArgs e);

public class GatewayCountChangedEventArgs(int currentNumberOfConnectedGateways, int previousNumberOfConnectedGateways) : EventArgs
{
    public int NumberOfConnectedGateways { get; } = currentNumberOfConnectedGateways;
    public int PreviousNumberOfConnectedGateways { get; } = previousNumberOfConnectedGateways;
}
