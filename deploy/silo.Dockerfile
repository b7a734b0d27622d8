# syntax=docker/dockerfile:1
# A member of the cluster. From the root of the repository: docker build -f deploy/silo.Dockerfile -t orleans-inbox-silo .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY abstractions/OrleansInbox.Abstractions.csproj abstractions/
COPY grains/OrleansInbox.Grains.csproj grains/
COPY silo/OrleansInbox.Silo.csproj silo/
RUN dotnet restore silo --use-current-runtime -p:PublishReadyToRun=true
COPY abstractions/ abstractions/
COPY grains/ grains/
COPY silo/ silo/
RUN dotnet publish silo --no-restore --use-current-runtime -c Release -p:UseAppHost=false -o /app

# Not the chiseled image: it has no shell for the health check, and a dotnet process every few seconds would cost more than what it guards.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# Diagnostics off: they write to /tmp, and the file system is read-only.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
# Health, silo to silo, client to silo.
EXPOSE 8080 11111 30000
STOPSIGNAL SIGTERM
# The image has no curl; bash speaks enough HTTP.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["dotnet", "OrleansInbox.Silo.dll"]
