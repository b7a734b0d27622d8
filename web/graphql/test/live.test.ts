import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from 'graphql-ws';
import { Gateway, Heard } from './gateway.js';
import { Inbox } from './server.js';

const added = 'subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title } unreadCount cursor } }';
const read = 'subscription ($from: String) { notificationRead(resumeFrom: $from) { ids upTo resync unreadCount cursor } }';
const removed = 'subscription ($from: String) { notificationRemoved(resumeFrom: $from) { ids kept unreadCount cursor } }';
const acted = 'subscription ($from: String) { notificationActed(resumeFrom: $from) { id action at cursor } }';
const unread = 'subscription ($from: String) { unreadCountChanged(resumeFrom: $from) { unreadCount unseenCount cursor } }';

const inbox = Inbox.shared();
let gateway: Gateway;
let users = 0;
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(() => gateway?.stop());

async function someone() {
  const user = `user-${++users}`;
  const authorization = inbox.token(user);
  return { user, authorization };
}

function open(authorization: string): Client {
  const client = gateway.client(authorization);
  clients.push(client);
  return client;
}

async function cursorOf(authorization: string): Promise<string> {
  const answer = await gateway.ask('{ inbox { cursor } }', { authorization });
  return answer.data.inbox.cursor;
}

test('publish twice, two notifications arrive, from an inbox that held nothing', async () => {
  const { user, authorization } = await someone();
  const heard = Heard.on(open(authorization), added, { from: await cursorOf(authorization) });
  await inbox.publish(user, 'one');
  await inbox.publish(user, 'two');
  await heard.count(2);
  expect(heard.values.map((value) => value.notification.title)).toEqual(['one', 'two']);
  expect(heard.values.at(-1).unreadCount).toBe(2); // a replayed notification carries the current counts
});

test('what replaces another one says which', async () => {
  const { user, authorization } = await someone();
  const heard = Heard.on(open(authorization), 'subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { title key } replaces } }', { from: await cursorOf(authorization) });
  const first = await inbox.publish(user, 'packed', { key: 'order' });
  await heard.count(1);
  const second = await inbox.publish(user, 'sent', { key: 'order' });
  expect(second).not.toBe(first);
  expect(await heard.count(2)).toEqual([
    { notification: { title: 'packed', key: 'order' }, replaces: null }, { notification: { title: 'sent', key: 'order' }, replaces: first },
  ]);
});

test('marked read in one client, the other sees it, and the count', async () => {
  const { user, authorization } = await someone();
  const id = await inbox.publish(user, 'one');
  const from = await cursorOf(authorization);
  const other = open(authorization);
  const reads = Heard.on(other, read, { from });
  const counts = Heard.on(other, unread, { from });
  const mutation = await new Promise<any>((resolve, reject) =>
    open(authorization).subscribe({ query: 'mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }', variables: { ids: [id] } }, { next: resolve, error: reject, complete: () => undefined }));
  expect(mutation.data.markRead.unreadCount).toBe(0);
  const [event] = await reads.count(1);
  expect(event.ids).toEqual([id]);
  expect(event.unreadCount).toBe(0);
  const [count] = await counts.count(1);
  expect(count.unreadCount).toBe(0);
});

test('a removal arrives; a subscriber that missed it gets the kept ids', async () => {
  const { user, authorization } = await someone();
  const gone = await inbox.publish(user, 'one');
  const kept = await inbox.publish(user, 'two');
  const from = await cursorOf(authorization);
  await gateway.ask('mutation ($id: ID!) { delete(id: $id) { unreadCount } }', { authorization, variables: { id: gone } });
  const late = Heard.on(open(authorization), removed, { from });
  expect((await late.count(1))[0]).toMatchObject({ ids: [], kept: [kept], unreadCount: 1 });
  await gateway.ask('mutation ($id: ID!) { delete(id: $id) { unreadCount } }', { authorization, variables: { id: kept } });
  expect((await late.count(2))[1]).toMatchObject({ ids: [kept], kept: null, unreadCount: 0 });
});

describe('a choice', () => {
  const actions = ['yes', 'no'].map((id) => ({ id, label: id }));
  const act = (authorization: string, id: string, action: string) =>
    gateway.ask('mutation ($id: ID!, $action: String!) { act(id: $id, action: $action) { acted { action at } } }', { authorization, variables: { id, action } });

  test('arrives once, as a mark before it; one that is refused or repeated is no event', async () => {
    const { user, authorization } = await someone();
    const [first, second] = [await inbox.publish(user, 'one', { actions }), await inbox.publish(user, 'two', { actions })];
    const earlier = await inbox.publish(user, 'zero', { actions });
    const from = await cursorOf(authorization);
    const client = open(authorization);
    const [choices, reads] = [acted, read].map((query) => Heard.on(client, query, { from })) as [Heard, Heard];
    await act(authorization, earlier, 'yes');
    await choices.count(1); // live from here on; what came before may have come as a replay
    await reads.count(1);
    const { data } = await act(authorization, first, 'yes');
    await act(authorization, first, 'yes');
    await act(authorization, first, 'no');
    await act(authorization, second, 'no');
    const [, event] = await choices.count(3);
    expect(event).toEqual({ id: first, ...data.act.acted, cursor: expect.stringMatching(new RegExp(`^${earlier}~\\d+$`)) });
    expect(choices.values.map(({ id, action }) => [id, action])).toEqual([[earlier, 'yes'], [first, 'yes'], [second, 'no']]);
    expect((await reads.count(3)).slice(1).map(({ ids }) => ids)).toEqual([[first], [second]]);
  });

  test('that was missed comes first, with all that were made before; only the last event\'s cursor is beyond them', async () => {
    const { user, authorization } = await someone();
    const ids: string[] = [];
    for (const title of ['one', 'two', 'three', 'four']) ids.push(await inbox.publish(user, title, { actions }));
    const from = await cursorOf(authorization);
    await act(authorization, ids[2]!, 'no');
    await act(authorization, ids[0]!, 'yes');
    const pairs = (heard: Heard) => heard.values.map(({ id, action }) => [id, action]);
    const both = [[ids[0], 'yes'], [ids[2], 'no']];
    const late = Heard.on(open(authorization), acted, { from });
    await late.count(2);
    expect(pairs(late)).toEqual(both);
    expect(late.values.map(({ cursor }) => cursor)).toEqual([ids[3], await cursorOf(authorization)]);
    const within = Heard.on(open(authorization), acted, { from: late.values[0].cursor });
    await within.count(2);
    await act(authorization, ids[3]!, 'no');
    for (const heard of [late, within]) {
      await heard.count(3);
      expect(pairs(heard)).toEqual([...both, [ids[3], 'no']]);
    }
  });

  test('of which none was made is no event after a mark that was missed', async () => {
    const { user, authorization } = await someone();
    const id = await inbox.publish(user, 'one', { actions });
    const from = await cursorOf(authorization);
    await gateway.ask('mutation { markRead(all: true) { unreadCount } }', { authorization });
    const client = open(authorization);
    const [choices, reads] = [acted, read].map((query) => Heard.on(client, query, { from })) as [Heard, Heard];
    expect(await reads.count(1)).toMatchObject([{ ids: [id], resync: true }]);
    await act(authorization, id, 'yes');
    expect(await choices.count(1)).toMatchObject([{ id, action: 'yes' }]);
  });
});

test('resuming delivers missed notifications once and in order, then new ones, while more are published', async () => {
  const { user, authorization } = await someone();
  const first = await inbox.publish(user, '0');
  const expected: string[] = [];
  for (let i = 1; i <= 150; i++) expected.push(await inbox.publish(user, String(i)));
  const heard = [0, 1, 2].map(() => Heard.on(open(authorization), added, { from: first }));
  for (let i = 151; i <= 200; i++) expected.push(await inbox.publish(user, String(i)));
  for (const each of heard) {
    await each.count(200);
    expect(each.values.map((value) => value.notification.id)).toEqual(expected);
  }
});

test('a subscriber that is up to date gets no earlier events', async () => {
  const { user, authorization } = await someone();
  const early = await inbox.publish(user, 'early');
  const id = await inbox.publish(user, 'one');
  await gateway.ask('mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }', { authorization, variables: { ids: [early] } });
  const from = await cursorOf(authorization);
  const client = open(authorization);
  const [reads, removals, counts] = [read, removed, unread].map((query) => Heard.on(client, query, { from })) as [Heard, Heard, Heard];
  const next = await inbox.publish(user, 'two');
  await counts.count(1);
  await gateway.ask('mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }', { authorization, variables: { ids: [next] } });
  await gateway.ask('mutation ($id: ID!) { delete(id: $id) { unreadCount } }', { authorization, variables: { id } });
  expect(await removals.count(1)).toMatchObject([{ ids: [id], kept: null }]);
  expect(await reads.count(1)).toMatchObject([{ ids: [next], resync: false }]);
  // What is read is seen too, and what is removed is neither.
  expect((await counts.count(3)).map((value) => [value.unreadCount, value.unseenCount])).toEqual([[2, 2], [1, 1], [0, 0]]);
});

test('an erased inbox ends its subscriptions with RELOAD', async () => {
  const { user, authorization } = await someone();
  await inbox.publish(user, 'one');
  const heard = Heard.on(open(authorization), added, { from: await cursorOf(authorization) });
  await inbox.publish(user, 'two');
  await heard.count(1);
  await fetch(`${inbox.url}/v1/users/${user}/notifications`, { method: 'DELETE', headers: { authorization: inbox.token(null) } });
  await expect.poll(() => heard.errors.map((error) => error.extensions.code), { timeout: 10_000 }).toEqual(['RELOAD']);
  await expect.poll(() => heard.over).toBe(true);
});
