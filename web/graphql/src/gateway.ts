import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayContext } from './caller.js';
import { unavailable } from './errors.js';
import { Feeds } from './feeds.js';
import type { Settings } from './settings.js';
import { serveSockets } from './sockets.js';
import { Upstream } from './upstream.js';
import { UserLimit } from './userLimit.js';
import { createGraphQL } from './yoga.js';

export interface Gateway {
  readonly url: string;
  /** Closes all sockets with 1001, ends all event streams, waits up to 5 s for requests to finish, and frees the port. */
  close(): Promise<void>;
}

const drainMs = 5_000;

export async function startGateway(settings: Settings, log: (message: string) => void = console.error): Promise<Gateway> {
  const upstream = new Upstream(settings.inboxUrl, settings.upstreamTimeoutMs, settings.upstreamSilenceMs);
  const context: GatewayContext = {
    upstream,
    feeds: new Feeds(upstream, log),
    sockets: new UserLimit(settings.socketsPerUser),
    subscriptions: new UserLimit(settings.subscriptionsPerUser),
    queuePerSubscriber: settings.queuePerSubscriber,
    upstreamTimeoutMs: settings.upstreamTimeoutMs,
    log,
  };
  const yoga = createGraphQL(settings, context);
  const server = createServer((request, response) => {
    if (isWithin(settings.maxRequestBytes, request, response)) void yoga(request, response);
  });
  const sockets = serveSockets(server, yoga, settings, context);

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/graphql`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), drainMs);
      const disposed = sockets.dispose();
      context.feeds.endAll(unavailable('The gateway is shutting down.')); // event streams end at once, and come back elsewhere
      await disposed;
      const idle = setInterval(() => server.closeIdleConnections(), 100); // a connection whose request ends now is kept alive otherwise
      await closed;
      clearInterval(idle);
      clearTimeout(timer);
    },
  };
}

/** Requires a Content-Length, so that a body that is too large is never read. Node enforces the declared length. */
function isWithin(maxBytes: number, request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'POST') return true;
  const length = request.headers['content-length'];
  if (length !== undefined && Number(length) <= maxBytes) return true;
  const [status, message] = length === undefined ? [411, 'Content-Length is needed.'] : [413, `At most ${maxBytes} bytes.`];
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT', errors: { $: [message] } } }] }));
  return false;
}
