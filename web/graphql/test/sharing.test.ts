import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Gateway, Heard } from './gateway.js';
import { Inbox, until } from './server.js';

const added = 'subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id } cursor } }';

const inbox = Inbox.shared();
let proxy: Server;
let gateway: Gateway;
/** Shared streams (without Last-Event-ID) that the gateway has open at the inbox, and their maximum. */
let open = 0;
let most = 0;
const clients: Client[] = [];

beforeAll(async () => {
  proxy = createServer((incoming, outgoing) => {
    const isShared = incoming.url!.endsWith('/stream') && incoming.headers['last-event-id'] === undefined;
    const onward = request(`${inbox.url}${incoming.url}`, { method: incoming.method!, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    if (isShared) {
      most = Math.max(most, ++open);
      outgoing.once('close', () => open--);
    }
    outgoing.once('close', () => onward.destroy());
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  gateway = await Gateway.start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
});
beforeEach(() => { most = 0; });
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(async () => {
  await gateway?.stop();
  proxy?.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

function subscribe(authorization: string): Heard {
  const client = gateway.client(authorization);
  clients.push(client);
  return Heard.on(client, added, { from: '0-0' });
}

const token = (sub: string, lifeSeconds: number) => inbox.tokenFor(sub, lifeSeconds);

test('twenty subscribers with two tokens share one upstream stream, which ends with the last of them', async () => {
  const tokens = [token('ann', 600), token('ann', 700)];
  const heard = Array.from({ length: 20 }, (_, i) => subscribe(tokens[i % 2]!));
  const id = await inbox.publish('ann', 'one');
  for (const each of heard) expect(await each.count(1)).toMatchObject([{ notification: { id } }]);
  expect([open, most]).toEqual([1, 1]);
  for (const each of heard.slice(1)) each.stop();
  const next = await inbox.publish('ann', 'two');
  expect((await heard[0]!.count(2))[1].notification.id).toBe(next);
  expect(open).toBe(1);
  heard[0]!.stop();
  await until('the upstream stream to end', () => open === 0);
});

test('two users share nothing', async () => {
  const [bob, eve] = [subscribe(token('bob', 600)), subscribe(token('eve', 600))];
  const [forBob, forEve] = [await inbox.publish('bob', 'b'), await inbox.publish('eve', 'e')];
  expect(await bob.count(1)).toMatchObject([{ notification: { id: forBob } }]);
  expect(await eve.count(1)).toMatchObject([{ notification: { id: forEve } }]);
  expect(open).toBe(2);
});

test('a subscription ends with its token, and not with that of another', async () => {
  const short = subscribe(token('carl', -7)); // 10 s of leeway: 3 s are left
  const long = subscribe(token('carl', 600));
  await inbox.publish('carl', 'one');
  await Promise.all([short.count(1), long.count(1)]);
  await until('the short one to end', () => short.over);
  expect(short.failure).toMatchObject({ code: 4403, reason: expect.stringMatching(/^The token (has expired|was refused)$/) }); // the gateway's word or the server's, whichever is first
  expect(short.errors).toEqual([]);
  await inbox.publish('carl', 'two');
  await long.count(2);
  expect(long.over).toBe(false);
});

test('subscriptions come over plain HTTP, too, as server-sent events', async () => {
  const authorization = token('dora', 600);
  const hangUp = new AbortController();
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: added, variables: { from: '0-0' } }),
    signal: hangUp.signal,
  });
  const id = await inbox.publish('dora', 'one');
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes(id)) break;
  }
  hangUp.abort();
  expect(text).toContain('event: next');
  await until('the upstream stream to end', () => open === 0);
});
