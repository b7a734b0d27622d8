import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Gateway, Heard } from './gateway.js';
import { Inbox, until } from './server.js';

const added = 'subscription { notificationAdded(resumeFrom: "0-0") { notification { title } } }';

const inbox = Inbox.shared();
let gateway: Gateway;
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url, { SOCKETS_PER_USER: '2', SUBSCRIPTIONS_PER_USER: '3' });
});
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(() => gateway?.stop());

/** Connects at once, as a page does that keeps its socket. */
function connect(authorization: string) {
  const state = { client: null as unknown as Client, acknowledged: false, closed: null as { code: number; reason: string } | null };
  state.client = gateway.client(authorization, {
    lazy: false,
    onNonLazyError: () => undefined,
    on: { connected: () => { state.acknowledged = true; }, closed: (event) => { const { code, reason } = event as CloseEvent; state.closed = { code, reason }; } },
  });
  clients.push(state.client);
  return state;
}

async function sse(authorization: string): Promise<string> {
  const response = await fetch(gateway.url, { method: 'POST', headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' }, body: JSON.stringify({ query: added }) });
  return response.text();
}

test('one socket too many of a user is closed with 1013 and says why; the others, and other users, stay', async () => {
  const [token, another] = [inbox.tokenFor('ann', 600), inbox.tokenFor('ann', 700)];
  const [first, second] = [connect(token), connect(another)];
  await until('both to be there', () => first.acknowledged && second.acknowledged);
  const third = connect(token);
  await until('the third to be closed', () => third.closed);
  expect([third.acknowledged, third.closed]).toEqual([false, { code: 1013, reason: 'At most 2 sockets of a user' }]);
  const other = connect(inbox.tokenFor('bob', 600));
  await until('the other user', () => other.acknowledged);
  expect([first.closed, second.closed]).toEqual([null, null]);
  await first.client.dispose();
  // The place is free again.
  await until('a new one', async () => {
    const next = connect(token);
    await until('an answer', () => next.acknowledged || next.closed);
    return next.acknowledged;
  });
});

test('one subscription too many of a user is RATE_LIMITED, over whichever connection; the others go on', async () => {
  const [first, second] = [connect(inbox.tokenFor('carl', 600)).client, connect(inbox.tokenFor('carl', 600)).client];
  await inbox.publish('carl', 'one');
  const heard = [first, first, second].map((client) => Heard.on(client, added));
  for (const each of heard) await each.count(1);

  const refused = Heard.on(second, added);
  await until('the refusal', () => refused.over);
  expect(refused.errors).toMatchObject([{ message: 'At most 3 subscriptions of a user at a time.', extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }]);
  expect(await sse(inbox.tokenFor('carl', 600))).toMatch(/"code":"RATE_LIMITED".*\n\nevent: complete\n/);

  await inbox.publish('carl', 'two');
  for (const each of heard) await each.count(2);
  heard[0]!.stop();
  await until('a place to be free', async () => {
    const next = Heard.on(second, added);
    await until('an answer', () => next.over || next.values.length > 0);
    return next.values.length > 0;
  });
});
