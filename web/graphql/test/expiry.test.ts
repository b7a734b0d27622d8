import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Gateway, Heard } from './gateway.js';
import { Inbox, until } from './server.js';

const added = 'subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title } cursor } }';
/** The inbox accepts a token for 10 s after its `exp`: this one for about 2 s from now. */
const nearlyOver = -8;

const inbox = Inbox.shared();
let gateway: Gateway;
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(() => gateway?.stop());

/** As an application writes it: `connectionParams` as a function, and graphql-ws's own rule when to connect again. */
function clientWith(tokens: string[], closes: number[] = []): Client {
  const client = gateway.client('', {
    connectionParams: () => ({ authorization: tokens.length > 1 ? tokens.shift() : tokens[0] }),
    lazy: false,
    retryAttempts: 5,
    retryWait: () => Promise.resolve(),
    on: { closed: (event) => closes.push((event as { code: number }).code) },
  });
  clients.push(client);
  return client;
}

function sse(authorization: string, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(gateway.url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: added, variables: { from: '0-0' } }),
    signal,
  });
}

test('a graphql-ws client whose token expires connects again with a new one, and hears what comes then', async () => {
  const closes: number[] = [];
  const heard = Heard.on(clientWith([inbox.tokenFor('ann', nearlyOver), inbox.tokenFor('ann', 600)], closes), added);
  await until('a first notification', async () => {
    await inbox.publish('ann', 'before');
    return heard.values.length > 0;
  });
  await until('the token to expire', () => closes.length > 0);
  expect(closes).toEqual([4403]);
  await until('a notification after it', async () => {
    await inbox.publish('ann', 'after');
    return heard.values.at(-1).notification.title === 'after';
  });
  expect([heard.over, heard.errors, closes]).toEqual([false, [], [4403]]);
});

test('a socket without subscriptions ends with its token, too', async () => {
  const closes: number[] = [];
  const client = clientWith([inbox.tokenFor('bob', nearlyOver), inbox.tokenFor('bob', 600)], closes);
  await until('the token to expire', () => closes.length > 0);
  expect(closes).toEqual([4403]);
  expect((await client.iterate({ query: '{ inbox { unreadCount } }' }).next()).value).toEqual({ data: { inbox: { unreadCount: 0 } } });
});

test('a publisher\'s socket ends with its token, which has no `sub`', async () => {
  const closes: number[] = [];
  const [old, fresh] = [nearlyOver, 600].map((life) => inbox.tokenFor(undefined, life, { scope: 'notifications:publish' })) as [string, string];
  const client = clientWith([old, fresh], closes);
  await until('the token to expire', () => closes.length > 0);
  expect(closes).toEqual([4403]);
  const { value } = await client.iterate({ query: 'mutation { publish(user: "carl", notification: { type: "t", title: "t" }) { replayed } }' }).next();
  expect(value).toEqual({ data: { publish: { replayed: false } } });
});

test('an SSE subscription ends with its token, without `complete`: its client connects again', async () => {
  const response = await sse(inbox.tokenFor('dora', nearlyOver));
  const id = await inbox.publish('dora', 'one');
  const text = await response.text();
  expect(text).toContain(id);
  expect(text).toMatch(/: UNAUTHENTICATED\n\n$/);
  expect(text).not.toContain('event: complete');
});

test('an SSE subscription with an expired token is refused with 401, from which graphql-sse connects again', async () => {
  const response = await sse(inbox.tokenFor('dora', -60));
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});

test('an SSE subscription that ends by itself says `complete`', async () => {
  const authorization = inbox.tokenFor('eve', 600);
  await inbox.publish('eve', 'one');
  const response = await sse(authorization);
  await fetch(`${inbox.url}/v1/users/eve/notifications`, { method: 'DELETE', headers: { authorization: inbox.token(null) } });
  const text = await response.text();
  expect(text).toContain('"code":"RELOAD"');
  expect(text).toMatch(/event: complete\ndata:\n\n$/);
});
