namespace OrleansInbox.Tests.ClientApi;

/// <summary>Holds every answer against the OpenAPI document of the server that gave it.</summary>
internal sealed class ContractHandler(OpenApiContract contract) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream") await response.Content.LoadIntoBufferAsync(cancellationToken);
        await contract.Check(request, response);
        return response;
    }
}
