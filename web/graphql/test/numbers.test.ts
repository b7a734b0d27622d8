import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Gateway } from './gateway.js';
import { Inbox, until } from './server.js';

/** More digits than a double holds: JavaScript reads …992, 0.12345678901234568 and Infinity. */
const data = '{"n":9007199254740993,"f":0.1234567890123456789,"deep":[{"e":1e400}],"text":"9007199254740993"}';
const literal = '{ n: 9007199254740993, f: 0.1234567890123456789, deep: [{ e: 1e400 }], text: "9007199254740993" }';
const publish = 'mutation ($data: JSON) { publish(user: "ann", notification: { type: "t", title: "t", data: $data }) { id } }';
const read = (id: string) => `{ notification(id: "${id}") { data } }`;

const inbox = Inbox.shared();
let gateway: Gateway;
let ann: string;
let publisher: string;

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
  ann = inbox.token('ann');
  publisher = inbox.token(null);
});
afterAll(() => gateway?.stop());

/** Texts, as a client's JSON.parse would round, too. */
async function post(authorization: string, body: string, type = 'application/json'): Promise<string> {
  return (await fetch(gateway.url, { method: 'POST', headers: { authorization, 'content-type': type }, body })).text();
}
const ask = (authorization: string, query: string) => post(authorization, JSON.stringify({ query }));
const idOf = (answer: string) => (JSON.parse(answer) as any).data.publish.id as string;
const stored = async (id: string) => (await fetch(`${inbox.url}/v1/users/me/notifications/${id}`, { headers: { authorization: ann } })).text();

test('numbers of any length are stored and read as they were written: variables', async () => {
  const id = idOf(await post(publisher, `{"query":${JSON.stringify(publish)},"variables":{"data":${data}}}`));
  expect(await stored(id)).toContain(`"data":${data}`);
  expect(await ask(ann, read(id))).toBe(`{"data":{"notification":{"data":${data}}}}`);
});

test('… literals', async () => {
  const id = idOf(await ask(publisher, publish.replace('$data }', `${literal} }`).replace(' ($data: JSON)', '')));
  expect(await stored(id)).toContain(`"data":${data}`);
});

test('… a literal with a variable inside, and a form', async () => {
  const query = publish.replace('data: $data', 'data: { inner: $data }');
  const form = new URLSearchParams({ query, variables: `{"data":9007199254740993}` });
  const id = idOf(await post(publisher, String(form), 'application/x-www-form-urlencoded'));
  expect(await stored(id)).toContain('"data":{"inner":9007199254740993}');
});

test('… GET', async () => {
  const id = await inbox.publish('ann', 'by HTTP', { data: 1 });
  const parameters = new URLSearchParams({ query: 'query ($id: ID!) { notification(id: $id) { title } }', variables: JSON.stringify({ id }) });
  const response = await fetch(`${gateway.url}?${parameters}`, { headers: { authorization: ann } });
  expect(await response.json()).toEqual({ data: { notification: { title: 'by HTTP' } } });
});

test('… event streams', async () => {
  const hangUp = new AbortController();
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { authorization: inbox.token('bob'), 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { notificationAdded(resumeFrom: "0-0") { notification { data } } }' }),
    signal: hangUp.signal,
  });
  await post(publisher, `{"query":${JSON.stringify(publish.replace('ann', 'bob'))},"variables":{"data":${data}}}`);
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) if ((text += chunk).endsWith('}\n\n')) break;
  expect(text).toContain(`data: {"data":{"notificationAdded":{"notification":{"data":${data}}}}}`);
  hangUp.abort();
});

test('… sockets', async () => {
  const socket = new WebSocket(gateway.webSocketUrl, 'graphql-transport-ws');
  const messages: string[] = [];
  socket.on('message', (message) => messages.push(String(message)));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: publisher } }));
  await until('connection_ack', () => messages.length === 1);
  socket.send(`{"id":"1","type":"subscribe","payload":{"query":${JSON.stringify(publish)},"variables":{"data":${data}}}}`);
  await until('the answer', () => messages.length === 3);
  const id = (JSON.parse(messages[1]!) as any).payload.data.publish.id as string;
  expect(await stored(id)).toContain(`"data":${data}`);
  socket.close();

  const reader = new WebSocket(gateway.webSocketUrl, 'graphql-transport-ws');
  const answers: string[] = [];
  reader.on('message', (message) => answers.push(String(message)));
  await new Promise((resolve) => reader.once('open', resolve));
  reader.send(JSON.stringify({ type: 'connection_init', payload: { authorization: ann } }));
  await until('connection_ack', () => answers.length === 1);
  reader.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: read(id) } }));
  await until('the answer', () => answers.length === 3);
  expect(answers[1]).toContain(`"data":{"notification":{"data":${data}}}`);
  reader.close();
});

test('a number as ID never becomes another one: it is refused when it would be rounded', async () => {
  const query = JSON.stringify('mutation ($user: ID!) { publish(user: $user, notification: { type: "t", title: "t" }) { id } }');
  const answer = await post(publisher, `{"query":${query},"variables":{"user":9007199254740993}}`);
  expect(answer).toContain('9007199254740993');
  expect(answer).not.toContain('number:');
  expect((JSON.parse(answer) as any).errors[0]).toMatchObject({ message: expect.stringContaining('ID cannot represent'), extensions: { code: 'BAD_USER_INPUT' } });
});

test('a body that is no JSON is 400', async () => {
  for (const body of ['{', '7', 'null']) {
    const response = await fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([body, response.status, ((await response.json()) as any).errors[0].extensions.code]).toEqual([body, 400, 'BAD_REQUEST']);
  }
});
