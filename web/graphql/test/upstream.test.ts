import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from 'graphql-ws';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Gateway, Heard } from './gateway.js';
import { until } from './server.js';

const added = 'subscription { notificationAdded { notification { id } } }';

/** A fake inbox that answers as the test says. A stream stays open and silent until the test writes to it. */
let inbox: Server;
let answer: (path: string, request: IncomingMessage) => { status: number; headers?: Record<string, string>; body?: object | string } | undefined;
let streams: { authorization: string; lastId: string | undefined; response: ServerResponse }[] = [];
let head = 1;
let gateway: Gateway | undefined;
const clients: Client[] = [];

const counts = (head: number) => ({ unread: head, unseen: head, total: head, head: `1-${head}`, version: 1 });
const item = (seq: number) => ({ id: `1-${seq}`, createdAt: '2026-01-01T00:00:00Z', type: 'test', title: `${seq}`, read: false, seen: false, archived: false });
const token = (sub: string, life: number) => `Bearer x.${Buffer.from(JSON.stringify({ sub, exp: Math.floor(Date.now() / 1000) + life })).toString('base64url')}.x`;

beforeEach(async () => {
  answer = () => undefined;
  streams = [];
  head = 1;
  inbox = createServer((request, response) => {
    const path = new URL(request.url!, 'http://inbox').pathname.replace('/v1/users/me', '');
    const told = answer(path, request);
    if (told) response.writeHead(told.status, { 'content-type': 'application/problem+json', ...told.headers }).end(typeof told.body === 'string' ? told.body : JSON.stringify(told.body ?? {}));
    else if (path === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.push({ authorization: request.headers.authorization!, lastId: request.headers['last-event-id'] as string | undefined, response });
      write('ready', { counts: counts(head), resumed: true }, `1-${head}`);
    } else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(counts(head)));
  });
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
});

async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await Gateway.start(`http://127.0.0.1:${(inbox.address() as AddressInfo).port}`, env);
}
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await gateway?.stop();
  inbox.closeAllConnections();
  await new Promise((resolve) => inbox.close(resolve));
});

function write(event: string, data: object, id: string): void {
  streams.at(-1)!.response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function publish(seq: number): void {
  write('added', { item: item(seq), counts: counts(seq) }, `1-${head = seq}`);
}

function subscribe(authorization: string): Heard {
  const client = gateway!.client(authorization);
  clients.push(client);
  return Heard.on(client, added);
}

test.each([['7', 7], ['Fri, 01 Jan 2038 00:00:00 GMT', 100_000_000]])('RATE_LIMITED says when to come back: Retry-After %s', async (header, least) => {
  await start();
  answer = () => ({ status: 429, headers: { 'retry-after': header }, body: { detail: 'Slowly.' } });
  const { errors } = await gateway!.ask('mutation { markRead(all: true) { unreadCount } }', { authorization: token('ann', 600) });
  expect(errors).toMatchObject([{ message: 'Slowly.', extensions: { code: 'RATE_LIMITED' } }]);
  const { retryAfter } = errors![0]!.extensions!;
  if (least === 7) expect(retryAfter).toBe(7);
  else expect(retryAfter).toBeGreaterThan(least);
});

test('a stream that is only half there is found by its silence, and goes on where it was', async () => {
  await start({ UPSTREAM_SILENCE_MS: '1000' });
  const heard = subscribe(token('ann', 600));
  await until('the first stream', () => streams.length === 1);
  publish(2);
  await heard.count(1);
  // No data, no heartbeat and no end.
  await until('the next stream', () => streams.length === 2);
  expect(streams[1]!.lastId).toBe('1-2');
  publish(3);
  expect((await heard.count(2)).map((value) => value.notification.id)).toEqual(['1-2', '1-3']);
  expect([heard.over, heard.errors]).toEqual([false, []]);
});

test('a shared stream goes on with the newest token, and with another one when that is refused', async () => {
  await start();
  const [old, fresh] = [token('ann', 600), token('ann', 700)];
  const first = subscribe(old);
  await until('the first stream', () => streams.length === 1);
  publish(2);
  await first.count(1);
  const second = subscribe(fresh);
  let newest = 2;
  await until('the second to hear', () => {
    publish(++newest); // notifications from before it has joined are not delivered to it
    return second.values.length > 0;
  });
  expect(streams.map(({ authorization }) => authorization)).toEqual([old]);

  streams[0]!.response.end();
  await until('the second stream', () => streams.length === 2);
  expect(streams[1]).toMatchObject({ authorization: fresh, lastId: `1-${newest}` });

  answer = (path, { headers }) => path === '/stream' && headers.authorization === fresh ? { status: 401, body: { detail: 'No longer.' } } : undefined;
  streams[1]!.response.end();
  await until('the third stream', () => streams.length === 3);
  expect(streams[2]).toMatchObject({ authorization: old, lastId: `1-${newest}` });
  await until('the refused one to end', () => second.over);
  expect(second.failure).toMatchObject({ code: 4403, reason: 'The token was refused' });
  publish(++newest);
  await until('the other to hear', () => first.values.at(-1).notification.id === `1-${newest}`);
  expect(first.over).toBe(false);
});

test('a replay that the inbox ends before it is complete is repeated by the client, and loses nothing', async () => {
  await start();
  const client = gateway!.client(token('ann', 600), { retryAttempts: 1, retryWait: () => Promise.resolve() });
  clients.push(client);
  let replays = 0;
  const replay = (seqs: number[]) => seqs.map((seq) => `id: 1-${seq}\nevent: added\ndata: ${JSON.stringify({ item: item(seq), counts: counts(3) })}\n\n`).join('');
  head = 3;
  answer = (path, { headers }) => {
    if (path !== '/stream' || headers['last-event-id'] !== '1-1') return undefined;
    const body = replays++ === 0 ? replay([2]) : `${replay([2, 3])}id: 1-3\nevent: ready\ndata: ${JSON.stringify({ counts: counts(3), resumed: true })}\n\n`;
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
  };
  const heard = Heard.on(client, 'subscription { notificationAdded(resumeFrom: "1-1") { notification { id } } }');
  // graphql-ws repeats the operation with the variables that it was given: an application moves `resumeFrom` on, as in the README.
  expect((await heard.count(3)).map((value) => value.notification.id)).toEqual(['1-2', '1-2', '1-3']);
  expect([heard.over, heard.errors, replays]).toEqual([false, [], 2]);
});

test('choices are resumed from where nothing was missed: the new ones alone, and no list is read', async () => {
  await start();
  const asked: string[] = [];
  answer = (path) => { asked.push(path); return undefined; };
  const client = gateway!.client(token('ann', 600));
  clients.push(client);
  const heard = Heard.on(client, 'subscription { notificationActed(resumeFrom: "1-1~1") { id action at cursor } }');
  await until('the stream', () => streams.length === 1);
  const at = '2026-01-01T00:00:00Z';
  // The first is of what the subscriber knows.
  for (const version of [1, 2, 3]) write('acted', { id: '1-1', acted: { action: `a${version}`, at }, counts: { ...counts(1), version } }, '1-1');
  expect(await heard.count(2)).toEqual([2, 3].map((version) => ({ id: '1-1', action: `a${version}`, at, cursor: `1-1~${version}` })));
  expect(asked.filter((path) => path === '/notifications')).toEqual([]);
});

test('a token that is refused before the stream is open closes the socket at once, not after the time-out', async () => {
  await start({ UPSTREAM_TIMEOUT_MS: '120000' });
  answer = (path) => path === '/stream' ? { status: 401, body: { detail: 'No longer.' } } : undefined;
  const heard = subscribe(token('ann', 600));
  await until('the end', () => heard.over);
  expect(heard.failure).toMatchObject({ code: 4403, reason: 'The token was refused' });
});
