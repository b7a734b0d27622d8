import type { Server } from 'node:http';
import { getOperationAST, GraphQLError, type ExecutionArgs } from 'graphql';
import { CloseCode, type Context } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Caller, type GatewayContext } from './caller.js';
import { type Authorization, fromPayload, readAuthorization, subjectOf } from './credentials.js';
import { codeOf, rateLimited, reconnectCodeOf } from './errors.js';
import { reviveNumber } from './exactJson.js';
import { ExactSocket } from './exactSocket.js';
import { onExpiry } from './expiry.js';
import type { Settings } from './settings.js';
import type { createGraphQL } from './yoga.js';

type Payload = Record<string, unknown>;
type Carried = Partial<Extra> & Record<PropertyKey, unknown> & { caller?: Caller };
type Socket = Context<Payload, Extra & Carried>;

/** Close code "Try Again Later" (IANA registry of RFC 6455), upon which graphql-ws reconnects: the inbox is unavailable, the client reads too slowly, or the user has too many sockets. */
const tryAgainLater = 1013;
const keepAliveMs = 12_000;
/** After this time a socket that does not take the close frame is terminated. */
const graceMs = 2_000;

/** WebSocket at /graphql, protocol graphql-transport-ws. `dispose` closes all sockets with 1001. */
export function serveSockets(server: Server, yoga: ReturnType<typeof createGraphQL>, settings: Settings, context: GatewayContext) {
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: settings.maxRequestBytes, WebSocket: ExactSocket });
  return useServer<Payload, Carried>(
    {
      jsonMessageReviver: reviveNumber,
      connectionInitWaitTimeout: settings.connectionInitTimeoutMs,
      onConnect: (socket) => admit(socket, context),
      onNext: ({ extra }, _id, _payload, args, result) => reconnectIfNeeded(extra.socket, args, result),
      onSubscribe: async (socket, _id, { operationName, query, variables }) => {
        if (Object.keys(socket.subscriptions).length > settings.operationsPerSocket)
          return [rateLimited(`At most ${settings.operationsPerSocket} operations at a time.`, 1)];
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
 * Verifies the credentials at connection_init. None: 4401, which is final for graphql-ws. Refused: 4403, upon which it connects again and
 * asks for its connectionParams anew. Inbox unavailable, or too many sockets of the user: 1013. The socket ends with its token, with 4403.
 */
async function admit(socket: Socket, context: GatewayContext): Promise<boolean> {
  const webSocket = socket.extra.socket;
  const closed = new Promise<never>(() => undefined); // neither acknowledged nor closed a second time by graphql-ws
  try {
    const authorization = fromPayload(socket.connectionParams) ?? readAuthorization(socket.extra.request.headers.authorization);
    if (authorization === null) {
      webSocket.close(CloseCode.Unauthorized, 'Unauthorized');
      return closed;
    }
    if (!(await isAccepted(authorization, context))) {
      webSocket.close(tryAgainLater, 'The inbox is not available');
      return closed;
    }
    if (webSocket.readyState !== webSocket.OPEN) return closed;
    const { key, expiresAt } = subjectOf(authorization);
    const release = context.sockets.acquire(key);
    if (release === null) {
      webSocket.close(tryAgainLater, `At most ${context.sockets.max} sockets of a user`);
      return closed;
    }
    webSocket.once('close', release);
    webSocket.once('close', onExpiry(expiresAt, () => close(webSocket, CloseCode.Forbidden, 'The token has expired')));
    socket.extra.caller = new Caller(context, authorization, () => {
      context.log('A subscriber was cut off, as it reads too slowly. It can resume.');
      close(webSocket, tryAgainLater, 'Too slow');
    });
    return true;
  } catch {
    return false; // malformed or refused
  }
}

/** @throws when the inbox refuses the credentials; false when it is not available */
async function isAccepted(authorization: Authorization, { upstream }: GatewayContext): Promise<boolean> {
  try {
    await upstream.counts(authorization);
    return true;
  } catch (failure) {
    switch (codeOf(failure)) {
      case 'UNAUTHENTICATED': throw failure;
      case 'FORBIDDEN':
      case 'BAD_USER_INPUT':
      case 'NOT_FOUND': return true; // valid credentials without an own inbox: a publisher
      default: return false;
    }
  }
}

/**
 * The end of a token, or of the inbox during a replay, is not the end of a subscription: the socket is closed in place of the answer, and
 * the client connects again and repeats the operation. A query or mutation that meets an unavailable inbox keeps its error.
 */
function reconnectIfNeeded(webSocket: WebSocket, { document, operationName }: ExecutionArgs, result: Parameters<typeof reconnectCodeOf>[0]): void {
  const code = reconnectCodeOf(result);
  if (code === 'UNAUTHENTICATED') close(webSocket, CloseCode.Forbidden, 'The token was refused');
  else if (code === 'UNAVAILABLE' && getOperationAST(document, operationName)?.operation === 'subscription') close(webSocket, tryAgainLater, 'The inbox is not available');
}

function close(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(code, reason);
  // The close frame waits behind the data that was not read.
  const timer = setTimeout(() => socket.terminate(), graceMs);
  socket.once('close', () => clearTimeout(timer));
}

function envelope(args: ExecutionArgs) {
  return args.rootValue as Pick<ReturnType<ReturnType<typeof createGraphQL>['getEnveloped']>, 'execute' | 'subscribe'>;
}
