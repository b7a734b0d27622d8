import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Gateway } from './gateway.js';
import { Inbox, until } from './server.js';

let inbox: Inbox;
let gateway: Gateway;
let authorization: string;
const sockets: Client[] = [];

beforeAll(async () => {
  inbox = await Inbox.start();
  gateway = await Gateway.start(inbox.url);
  authorization = await inbox.token('user=ann');
});
afterEach(async () => { for (const socket of sockets.splice(0)) await socket.dispose(); });
afterAll(async () => {
  await gateway?.stop();
  await inbox?.dispose();
});

function apollo(): ApolloClient {
  const socket = createClient({ url: gateway.webSocketUrl, webSocketImpl: WebSocket, connectionParams: () => ({ authorization }) });
  sockets.push(socket);
  const link = ApolloLink.split(
    ({ query }) => {
      const definition = getMainDefinition(query);
      return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
    },
    new GraphQLWsLink(socket),
    new HttpLink({ uri: gateway.url, headers: { authorization } }),
  );
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

const INBOX = gql`{ inbox { cursor unreadCount notifications { nodes { id title } } } }`;
const ADDED = gql`subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title read } unreadCount cursor } }`;
const READ = gql`subscription ($from: String) { notificationRead(resumeFrom: $from) { ids upTo unreadCount cursor } }`;
const COUNT = gql`subscription ($from: String) { unreadCountChanged(resumeFrom: $from) { unreadCount cursor } }`;
const MARK = gql`mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }`;

function hear(client: ApolloClient, query: typeof ADDED, from: string): any[] {
  const values: any[] = [];
  client.subscribe({ query, variables: { from } }).subscribe({ next: (result) => values.push(result.error ?? Object.values(result.data as object)[0]) });
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

test('graphql-ws reconnects under Apollo by itself when the gateway restarts', async () => {
  const client = apollo();
  const heard = hear(client, ADDED, await cursor(client));
  const first = await inbox.publish('ann', 'before');
  await until('the first', () => heard.length > 0);
  await gateway.stop();
  const second = await inbox.publish('ann', 'meanwhile');
  await gateway.start();
  // The link repeats the subscription with its first variables: what came before comes again, and the cache has it already by its id.
  await until('the second', () => heard.some((value) => value.notification?.id === second), 20_000);
  expect([...new Set(heard.map((value) => value.notification.id))]).toEqual([first, second]);
});
