import type { Server } from 'node:http';
import { GraphQLError, type ExecutionArgs } from 'graphql';
import { CloseCode, type Context } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Caller, type GatewayContext } from './caller.js';
import { fromPayload, readAuthorization } from './credentials.js';
import { codeOf } from './errors.js';
import type { Settings } from './settings.js';
import type { createGraphQL } from './yoga.js';

type Payload = Record<string, unknown>;
type Carried = Partial<Extra> & Record<PropertyKey, unknown> & { caller?: Caller };
type Socket = Context<Payload, Extra & Carried>;

/** Close code "Try Again Later" (IANA registry of RFC 6455), upon which graphql-ws reconnects: the inbox is unavailable, or the client reads too slowly. */
const tryAgainLater = 1013;
const keepAliveMs = 12_000;
/** After this time a socket that does not take the close frame is terminated. */
const graceMs = 2_000;

/** WebSocket at /graphql, protocol graphql-transport-ws. `dispose` closes all sockets with 1001. */
export function serveSockets(server: Server, yoga: ReturnType<typeof createGraphQL>, settings: Settings, context: GatewayContext) {
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: settings.maxRequestBytes });
  return useServer<Payload, Carried>(
    {
      connectionInitWaitTimeout: settings.connectionInitTimeoutMs,
      onConnect: (socket) => admit(socket, context),
      onSubscribe: async (socket, _id, { operationName, query, variables }) => {
        if (Object.keys(socket.subscriptions).length > settings.operationsPerSocket)
          return [new GraphQLError(`At most ${settings.operationsPerSocket} operations at a time.`, { extensions: { code: 'RATE_LIMITED', retryAfter: 1 } })];
        const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped({ caller: socket.extra.caller });
        let document;
        try {
          document = parse(query);
        } catch (failure) {
          return [new GraphQLError(failure instanceof Error ? failure.message : 'Not GraphQL.', { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })];
        }
        const errors = validate(schema, document);
        if (errors.length > 0) return errors as GraphQLError[];
        return { schema, operationName, document, variableValues: variables, contextValue: await contextFactory(), rootValue: { execute, subscribe } };
      },
      // The enveloped functions, so that yoga's plugins (limits, masking) apply to sockets too.
      execute: (args) => envelope(args).execute(args),
      subscribe: (args) => envelope(args).subscribe(args),
    },
    sockets,
    keepAliveMs,
  );
}

/**
 * Proves the credentials once, at connection_init. None: 4401, which clients take as final. Refused: 4403, upon which they may come back with
 * fresh ones. The inbox is away: 1013.
 */
async function admit(socket: Socket, context: GatewayContext): Promise<boolean> {
  const webSocket = socket.extra.socket;
  try {
    const authorization = fromPayload(socket.connectionParams) ?? readAuthorization(socket.extra.request.headers.authorization);
    if (authorization === null) {
      webSocket.close(CloseCode.Unauthorized, 'Unauthorized');
      return new Promise(() => undefined); // the socket is closing: no acknowledgement, no second close
    }
    socket.extra.caller = new Caller(context, authorization, () => cutOff(webSocket, context));
    await context.upstream.counts(authorization);
    return true;
  } catch (failure) {
    switch (codeOf(failure)) {
      case 'UNAUTHENTICATED': return false;
      case 'FORBIDDEN':
      case 'BAD_USER_INPUT':
      case 'NOT_FOUND': return true; // valid credentials without an own inbox: a publisher
    }
    webSocket.close(tryAgainLater, 'The inbox is not available');
    return new Promise(() => undefined);
  }
}

function cutOff(socket: WebSocket, { log }: GatewayContext): void {
  if (socket.readyState !== socket.OPEN) return;
  log('A subscriber was cut off, as it did not keep up. It can resume where it was.');
  socket.close(tryAgainLater, 'Too slow');
  // The close frame waits behind the data that was not read.
  const timer = setTimeout(() => socket.terminate(), graceMs);
  socket.once('close', () => clearTimeout(timer));
}

function envelope(args: ExecutionArgs) {
  return args.rootValue as Pick<ReturnType<ReturnType<typeof createGraphQL>['getEnveloped']>, 'execute' | 'subscribe'>;
}
