import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { createClient, type Client } from 'graphql-ws';
import { tap } from 'rxjs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Gateway } from './gateway.js';
import { Inbox, until } from './server.js';

const inbox = Inbox.shared();
let gateway: Gateway;
let authorization: string;
const sockets: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
  authorization = inbox.token('ann');
});
afterEach(async () => { for (const socket of sockets.splice(0)) await socket.dispose(); });
afterAll(() => gateway?.stop());

/** As in the README: graphql-ws repeats a subscription with its variables when it reconnects; this keeps resumeFrom at the last cursor. */
const resume = new ApolloLink((operation, forward) =>
  forward(operation).pipe(tap(({ data }) => {
    const cursor = (Object.values(data ?? {})[0] as { cursor?: string } | undefined)?.cursor;
    if (cursor) operation.variables['resumeFrom'] = cursor;
  })));

function apollo(): ApolloClient {
  const socket = createClient({ url: gateway.webSocketUrl, webSocketImpl: WebSocket, connectionParams: () => ({ authorization }), shouldRetry: () => true, retryAttempts: Infinity, retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)) });
  sockets.push(socket);
  const link = ApolloLink.split(
    ({ query }) => {
      const definition = getMainDefinition(query);
      return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
    },
    ApolloLink.from([resume, new GraphQLWsLink(socket)]),
    new HttpLink({ uri: gateway.url, headers: { authorization } }),
  );
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

const INBOX = gql`{ inbox { cursor unreadCount notifications { nodes { id title } } } }`;
const ADDED = gql`subscription ($resumeFrom: String) { notificationAdded(resumeFrom: $resumeFrom) { notification { id title read } unreadCount cursor } }`;
const READ = gql`subscription ($resumeFrom: String) { notificationRead(resumeFrom: $resumeFrom) { ids upTo unreadCount cursor } }`;
const COUNT = gql`subscription ($resumeFrom: String) { unreadCountChanged(resumeFrom: $resumeFrom) { unreadCount cursor } }`;
const MARK = gql`mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }`;

function hear(client: ApolloClient, query: typeof ADDED, resumeFrom: string): any[] {
  const values: any[] = [];
  client.subscribe({ query, variables: { resumeFrom } }).subscribe({ next: (result) => values.push(result.error ?? Object.values(result.data as object)[0]) });
  return values;
}

async function cursor(client: ApolloClient): Promise<string> {
  const { data } = await client.query<any>({ query: INBOX, fetchPolicy: 'network-only' });
  return data.inbox.cursor;
}

test('publish twice, two notifications arrive', async () => {
  const client = apollo();
  const heard = hear(client, ADDED, await cursor(client));
  const ids = [await inbox.publish('ann', 'one'), await inbox.publish('ann', 'two')];
  await until('both', () => heard.length >= 2);
  expect(heard.map((value) => value.notification.id)).toEqual(ids);
  const { data } = await client.query<any>({ query: INBOX, fetchPolicy: 'network-only' });
  expect(data.inbox).toMatchObject({ unreadCount: 2, notifications: { nodes: [{ title: 'two' }, { title: 'one' }] } });
});

test('mark read in one client, the other sees notificationRead and the count', async () => {
  const [one, other] = [apollo(), apollo()];
  const id = await inbox.publish('ann', 'three');
  const from = await cursor(other);
  const reads = hear(other, READ, from);
  const counts = hear(other, COUNT, from);
  await one.mutate({ mutation: MARK, variables: { ids: [id] } });
  await until('the mark', () => reads.length > 0 && counts.length > 0);
  expect(reads[0].ids).toContain(id);
  expect(counts.at(-1).unreadCount).toBe((await one.query<any>({ query: INBOX, fetchPolicy: 'network-only' })).data.inbox.unreadCount);
});

test('the gateway restarts: Apollo reconnects by itself, and gets what it missed once', async () => {
  const client = apollo();
  const heard = hear(client, ADDED, await cursor(client));
  const first = await inbox.publish('ann', 'before');
  await until('the first', () => heard.length > 0);
  await gateway.stop(); // long enough for connection attempts that fail
  const second = await inbox.publish('ann', 'meanwhile');
  await gateway.start();
  await until('the second', () => heard.some((value) => value.notification?.id === second), 20_000);
  expect(heard.map((value) => value.notification.id)).toEqual([first, second]);
});
