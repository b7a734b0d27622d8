# syntax=docker/dockerfile:1
# Answers HTTP and holds live connections. From the root of the repository: docker build -f deploy/front-end.Dockerfile -t orleans-inbox-front-end .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY abstractions/OrleansInbox.Abstractions.csproj abstractions/
COPY grains/OrleansInbox.Grains.csproj grains/
COPY client-api/OrleansInbox.ClientApi.csproj client-api/
RUN dotnet restore client-api --use-current-runtime -p:PublishReadyToRun=true
COPY abstractions/ abstractions/
COPY grains/ grains/
COPY client-api/ client-api/
RUN dotnet publish client-api --no-restore --use-current-runtime -c Release -p:UseAppHost=false -o /app \
    && install -d -o "$APP_UID" -m 700 /empty

# Not the chiseled image: it has no shell for the health check, and a dotnet process every few seconds would cost more than what it guards.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# Written to only without Redis (one process, SQLite): then a volume belongs here.
COPY --from=build --chown=$APP_UID /empty /data
# Diagnostics off: they write to /tmp, and the file system is read-only.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    Inbox__DataPath=/data
USER $APP_UID
EXPOSE 8080
STOPSIGNAL SIGTERM
# The image has no curl; bash speaks enough HTTP.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["dotnet", "OrleansInbox.ClientApi.dll"]
