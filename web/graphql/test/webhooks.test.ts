import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Gateway, type Answer } from './gateway.js';
import { Inbox } from './server.js';

const publish = 'mutation ($n: NotificationInput!, $once: String) { publish(user: "ann", notification: $n, idempotencyKey: $once) { id scheduled replayed } }';
const n = { type: 'invoice', title: 'Invoice 17' };

const inbox = Inbox.shared();
let gateway: Gateway;
const owned: { stop(): unknown }[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterEach(async () => { for (const one of owned.splice(0)) await one.stop(); });
afterAll(() => gateway?.stop());

const ask = (variables: object, query = publish) => gateway.ask(query, { authorization: inbox.token(null), variables });
const codes = ({ errors }: Answer) => errors?.map((error) => error.extensions?.['code']);
const fieldsOf = ({ errors }: Answer) => Object.keys(errors?.[0]?.extensions?.['errors'] ?? {});

/** A gateway in front of an inbox that keeps the bodies that it gets. */
async function listening(): Promise<{ gateway: Gateway; bodies: any[] }> {
  const bodies: any[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"1-1","createdAt":"2027-01-01T00:00:00Z"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owned.push({ stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }) });
  const before = await Gateway.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  owned.unshift(before);
  return { gateway: before, bodies };
}

test('what is to be told is handed over as the API names it; SEEN is the default', async () => {
  const { gateway: before, bodies } = await listening();
  const said = [{ fallback: { after: 60 } }, { fallback: { after: 2_592_000, unless: 'READ' }, receipt: true }, { fallback: { after: 600, unless: 'SEEN' }, receipt: false }, { fallback: null, receipt: null }, {}];
  for (const more of said) expect((await before.ask(publish, { authorization: 'ApiKey k', variables: { n: { ...n, ...more } } })).errors).toBeUndefined();
  await before.ask('mutation { publish(user: "ann", notification: { type: "t", title: "literal", fallback: { after: 60, unless: READ } }) { id } }', { authorization: 'ApiKey k' });
  expect(bodies).toEqual([
    { ...n, fallback: { after: 60, unless: 'seen' } },
    { ...n, fallback: { after: 2_592_000, unless: 'read' }, receipt: true },
    { ...n, fallback: { after: 600, unless: 'seen' }, receipt: false },
    n,
    n,
    { type: 't', title: 'literal', fallback: { after: 60, unless: 'read' } },
  ]);
});

test('the inbox takes them, now and later, and as a part of an idempotent publish', async () => {
  const told = { ...n, fallback: { after: 60, unless: 'READ' }, receipt: true };
  const first = (await ask({ n: told, once: 'k' })).data.publish;
  expect(first).toEqual({ id: expect.stringMatching(/^\d+-\d+$/), scheduled: null, replayed: false });
  expect((await ask({ n: told, once: 'k' })).data.publish).toEqual({ ...first, replayed: true });
  const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
  expect((await ask({ n: { ...told, fallback: { after: 60, unless: null }, deliverAt } })).data.publish).toEqual({ id: null, scheduled: expect.any(String), replayed: false });
});

test('a time out of bounds is named by its field', async () => {
  for (const after of [59, 2_592_001, 0, -1, 2_147_483_647]) {
    const refused = await ask({ n: { ...n, fallback: { after } } });
    expect([codes(refused), fieldsOf(refused)], String(after)).toEqual([['BAD_USER_INPUT'], ['fallback.after']]);
  }
});

test('what the schema does not know never gets to the inbox', async () => {
  const { gateway: before, bodies } = await listening();
  for (const more of [{ fallback: {} }, { fallback: { unless: 'SEEN' } }, { fallback: { after: '60' } }, { fallback: { after: 60.5 } }, { fallback: { after: 60, unless: 'seen' } }, { fallback: { after: 60, then: 1 } }, { receipt: 'yes' }]) {
    const refused = await before.ask(publish, { authorization: 'ApiKey k', variables: { n: { ...n, ...more } } });
    expect(refused.errors?.length, JSON.stringify(more)).toBe(1);
  }
  expect(bodies).toEqual([]);
});
