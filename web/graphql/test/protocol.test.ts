import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Gateway } from './gateway.js';
import { Inbox, until } from './server.js';

const inbox = Inbox.shared();
let gateway: Gateway;
let authorization: string;

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url, { CONNECTION_INIT_TIMEOUT_MS: '300', QUEUE_PER_SUBSCRIBER: '8', OPERATIONS_PER_SOCKET: '2' });
  authorization = inbox.token('ann');
});
afterAll(() => gateway?.stop());

/** A bare socket, without the graphql-ws client. */
async function raw(headers: Record<string, string> = {}) {
  const socket = new WebSocket(gateway.webSocketUrl, 'graphql-transport-ws', { headers });
  const messages: any[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })));
  await new Promise((resolve) => socket.once('open', resolve));
  const say = (message: object | string) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const init = async (payload: object = { authorization }) => {
    say({ type: 'connection_init', payload });
    await until('connection_ack', () => messages.some((message) => message.type === 'connection_ack'));
  };
  return { socket, messages, closed, say, init };
}

const watch = (id: string) => ({ id, type: 'subscribe', payload: { query: 'subscription { notificationAdded { notification { id data } } }' } });

test('4400: what is no message', async () => {
  const { say, closed } = await raw();
  say('hello');
  expect((await closed).code).toBe(4400);
});

test('4401: no credentials; and an operation before connection_init', async () => {
  const none = await raw();
  none.say({ type: 'connection_init' });
  expect((await none.closed).code).toBe(4401);
  const early = await raw();
  early.say(watch('1'));
  expect((await early.closed).code).toBe(4401);
});

test('4403: refused credentials', async () => {
  for (const wrong of ['Bearer nonsense', `${authorization}x`, 'Basic abc', 7]) {
    const { say, closed, messages } = await raw();
    say({ type: 'connection_init', payload: { authorization: wrong } });
    expect((await closed).code).toBe(4403);
    expect(messages).toEqual([]);
  }
});

test('a token that claims to be another user is not believed', async () => {
  const [header, , signature] = authorization.split('.');
  const forged = `${header}.${Buffer.from(JSON.stringify({ sub: 'ann', exp: 4e9 })).toString('base64url')}.${signature}`;
  const answer = await gateway.ask('{ inbox { unreadCount } }', { authorization: forged });
  expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
});

test('4408: no connection_init in time', async () => {
  const { closed } = await raw();
  expect((await closed).code).toBe(4408);
});

test('4409 and 4429: an id that is taken, and connection_init twice', async () => {
  const first = await raw();
  await first.init();
  first.say(watch('1'));
  first.say(watch('1'));
  expect((await first.closed).code).toBe(4409);
  const second = await raw();
  await second.init();
  second.say({ type: 'connection_init' });
  expect((await second.closed).code).toBe(4429);
});

test('the token may travel in the header of the handshake', async () => {
  const { socket, init, closed } = await raw({ authorization });
  await init({});
  socket.close();
  await closed;
});

test('1013 while the inbox is unavailable, upon which clients reconnect', async () => {
  const lonely = await Gateway.start('http://127.0.0.1:9');
  try {
    const socket = new WebSocket(lonely.webSocketUrl, 'graphql-transport-ws');
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1013);
    const { errors } = await lonely.ask('{ inbox { unreadCount } }', { authorization });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 2 });
  } finally {
    await lonely.stop();
  }
});

test('too many operations on one socket are refused, each by itself', async () => {
  const { socket, say, init, messages, closed } = await raw();
  await init();
  for (const id of ['1', '2', '3']) say(watch(id));
  await until('the refusal', () => messages.some((message) => message.type === 'error'));
  expect(messages.filter((message) => message.type === 'error')).toMatchObject([{ id: '3', payload: [{ extensions: { code: 'RATE_LIMITED' } }] }]);
  socket.close();
  await closed;
});

test('a subscriber that does not read is cut off; another one of the same user is not', async () => {
  const user = 'slow';
  const token = inbox.token(user);
  const slow = await raw();
  await slow.init({ authorization: token });
  const quick = await raw();
  await quick.init({ authorization: token });
  slow.say(watch('1'));
  quick.say(watch('1'));
  await until('both to be live', async () => {
    await inbox.publish(user, 'are you there?');
    return slow.messages.length > 1 && quick.messages.length > 1;
  });
  slow.socket.pause();
  const data = { text: 'x'.repeat(15_000) };
  for (let batch = 0; batch < 30 && !gateway.output.includes('cut off'); batch++)
    await Promise.all(Array.from({ length: 20 }, () => inbox.publish(user, 'large', { data })));
  expect(gateway.output).toContain('cut off');
  const id = await inbox.publish(user, 'last');
  await until('the quick one to hear the last', () => quick.messages.some((message) => message.payload?.data?.notificationAdded?.notification.id === id));
  const ids = quick.messages.filter((message) => message.type === 'next').map((message) => message.payload.data.notificationAdded.notification.id);
  expect(new Set(ids).size).toBe(ids.length);
  slow.socket.resume();
  expect([1013, 1006]).toContain((await slow.closed).code); // 1006: it did not read the close frame in time
  quick.socket.close();
});

test('tokens are in no log', () => {
  expect(gateway.output).not.toContain('eyJ');
});
