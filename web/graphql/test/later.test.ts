import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from 'graphql-ws';
import { Gateway, Heard, type Answer } from './gateway.js';
import { Inbox, until } from './server.js';

const publish = 'mutation ($user: ID!, $n: NotificationInput!, $once: String) { publish(user: $user, notification: $n, idempotencyKey: $once) { id createdAt scheduled muted replayed } }';
const scheduled = 'query ($user: ID!, $first: Int, $after: String) { scheduled(user: $user, first: $first, after: $after) { nodes { scheduled deliverAt title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
const cancel = 'mutation ($user: ID!, $scheduled: ID!) { cancel(user: $user, scheduled: $scheduled) { cancelled id } }';
const snooze = 'mutation ($ids: [ID!]!, $until: DateTime!) { snooze(ids: $ids, until: $until) { unreadCount totalCount undo } }';
const unsnooze = 'mutation ($ids: [ID!]!) { unsnooze(ids: $ids) { unreadCount totalCount undo } }';
const snoozed = 'query ($first: Int, $after: String) { inbox { snoozed(first: $first, after: $after) { nodes { id until title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }';
const last = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };

const inbox = Inbox.shared();
let gateway: Gateway;
let users = 0;
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(() => gateway?.stop());

const codes = ({ errors }: Answer) => errors?.map((error) => error.extensions?.['code']);
const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

/** A user, and what they and a publisher ask about them. */
function someone() {
  const user = `user-${++users}`;
  const authorization = inbox.token(user);
  return {
    user,
    asUser: (query: string, variables: object = {}) => gateway.ask(query, { authorization, variables }),
    asPublisher: (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token(null), variables: { user, ...variables } }),
    hear: (query: string, from: string) => {
      const client = gateway.client(authorization);
      clients.push(client);
      return Heard.on(client, query, { from });
    },
  };
}

describe('schedule', () => {
  test('it is told by its name until it comes, and then by its id', async () => {
    const { asUser, asPublisher, hear } = someone();
    const heard = hear('subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title key } } }', '0-0');
    const n = { type: 'reminder', title: 'Soon', key: 'meeting', deliverAt: ahead(3) };
    const { data: { publish: { scheduled: name, ...rest } } } = await asPublisher(publish, { n, once: 'once' });
    expect(name).toMatch(/^\S+$/);
    expect(rest).toEqual({ id: null, createdAt: null, muted: null, replayed: false });
    expect((await asPublisher(publish, { n, once: 'once' })).data.publish).toMatchObject({ scheduled: name, id: null, replayed: true });
    expect((await asPublisher(scheduled)).data.scheduled).toEqual({ nodes: [{ scheduled: name, deliverAt: n.deliverAt, title: 'Soon' }], pageInfo: last });
    expect((await asUser('{ inbox { totalCount } }')).data.inbox).toEqual({ totalCount: 0 });

    const [{ notification }] = await heard.count(1);
    expect(notification).toEqual({ id: expect.stringMatching(/^\d+-\d+$/), title: 'Soon', key: 'meeting' });
    expect((await asPublisher(scheduled)).data.scheduled.nodes).toEqual([]);
    for (let again = 0; again < 2; again++) expect((await asPublisher(cancel, { scheduled: name })).data.cancel).toEqual({ cancelled: false, id: notification.id });
  });

  test('a time that has passed is now; null is none', async () => {
    const { asPublisher } = someone();
    for (const deliverAt of [ahead(-60), null]) {
      const { data } = await asPublisher(publish, { n: { type: 't', title: 'now', deliverAt } });
      expect(data.publish).toEqual({ id: expect.stringMatching(/^\d+-\d+$/), createdAt: expect.stringMatching(/Z$/), scheduled: null, muted: null, replayed: false });
    }
  });

  test('what is cancelled never comes; twice is once, and a name that was never given is NOT_FOUND', async () => {
    const { asPublisher } = someone();
    const { data } = await asPublisher(publish, { n: { type: 't', title: 'never', deliverAt: ahead(3600) } });
    for (let again = 0; again < 2; again++) expect((await asPublisher(cancel, { scheduled: data.publish.scheduled })).data.cancel).toEqual({ cancelled: true, id: null });
    expect((await asPublisher(scheduled)).data.scheduled.nodes).toEqual([]);
    expect(codes(await asPublisher(cancel, { scheduled: 'nothing' }))).toEqual(['NOT_FOUND']);
    for (const odd of ['', '.', '..']) expect(codes(await asPublisher(cancel, { scheduled: odd })), odd).toEqual(['BAD_USER_INPUT']);
  });

  test('pages are soonest first, with the fields of the publish', async () => {
    const { asPublisher } = someone();
    const n = { type: 'order.sent', title: '3', body: 'b', url: '/o', actor: { name: 'Bob' }, group: 'g', key: 'order:17', actions: [{ id: 'open', label: 'Open' }], data: { n: 1 }, priority: 'HIGH', expiresAt: '2099-01-01T00:00:00Z', deliverAt: ahead(300) };
    await asPublisher(publish, { n });
    for (const title of ['2', '1', '0']) await asPublisher(publish, { n: { type: 't', title, deliverAt: ahead(100 * Number(title) + 50) } });
    const titles: string[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo }: { nodes: { title: string }[]; pageInfo: any } = (await asPublisher(scheduled, { first: 3, after })).data.scheduled;
      titles.push(...nodes.map(({ title }) => title));
      expect(pageInfo).toEqual({ hasNextPage: after === null, hasPreviousPage: after !== null, startCursor: null, endCursor: after === null ? expect.any(String) : null });
      after = pageInfo.endCursor;
    } while (after !== null);
    expect(titles).toEqual(['0', '1', '2', '3']);
    const all = 'query ($user: ID!) { scheduled(user: $user) { nodes { createdAt deliverAt type title body url actor { name } group key actions { id label url } data priority expiresAt } } }';
    const { nodes } = (await asPublisher(all)).data.scheduled;
    expect(nodes[3]).toEqual({ ...n, createdAt: expect.stringMatching(/Z$/), actions: [{ ...n.actions[0], url: null }] });
    expect(nodes[0]).toMatchObject({ body: null, actions: null, priority: 'NORMAL' });
    expect(codes(await asPublisher(scheduled, { after: 'nowhere' }))).toEqual(['BAD_USER_INPUT']);
  });

  test('what has its key is retracted with it', async () => {
    const { asUser, asPublisher } = someone();
    await asPublisher(publish, { n: { type: 't', title: 'one', key: 'k', deliverAt: ahead(3600) } });
    await asUser('mutation { retract(key: "k") }');
    expect((await asPublisher(scheduled)).data.scheduled.nodes).toEqual([]);
  });

  test('it is for publishers, within a year', async () => {
    const { user, asUser, asPublisher } = someone();
    expect(codes(await asUser(scheduled, { user }))).toEqual(['FORBIDDEN']);
    expect(codes(await asUser(cancel, { user, scheduled: 's0123456789abcdef' }))).toEqual(['FORBIDDEN']);
    const late = await asPublisher(publish, { n: { type: 't', title: 't', deliverAt: ahead(400 * 86_400) } });
    expect([codes(late), Object.keys(late.errors![0]!.extensions!['errors'])]).toEqual([['BAD_USER_INPUT'], ['deliverAt']]);
  });
});

describe('snooze', () => {
  test('they leave the inbox, are listed soonest first, and come back as new ones that say what they were', async () => {
    const { user, asUser, hear } = someone();
    const ids: string[] = [];
    for (const title of ['zero', 'one', 'two', 'three']) ids.push(await inbox.publish(user, title, { data: { title } }));
    const { cursor } = (await asUser('{ inbox { cursor } }')).data.inbox;
    const gone = hear('subscription ($from: String) { notificationRemoved(resumeFrom: $from) { ids kept } }', cursor);
    const back = hear('subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title read snoozedFrom acted { action } } replaces silent } }', cursor);
    await asUser('mutation ($id: ID!) { delete(id: $id) { totalCount } }', { id: ids.shift() });
    await gone.count(1); // live from here on
    const first = await inbox.publish(user, 'unsnoozed');
    expect(await back.count(1)).toEqual([{ notification: { id: first, title: 'unsnoozed', read: false, snoozedFrom: null, acted: null }, replaces: null, silent: false }]);

    const [soon, later] = [ahead(3600), ahead(7200)];
    await asUser('mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }', { ids: [ids[0]] });
    expect((await asUser(snooze, { ids: [ids[0], ids[2], '1-1'], until: later })).data.snooze).toEqual({ unreadCount: 2, totalCount: 2, undo: null });
    expect((await asUser(snooze, { ids: [ids[1]], until: soon })).data.snooze).toEqual({ unreadCount: 1, totalCount: 1, undo: null });
    await until('all to be removed', () => gone.values.slice(1).flatMap((event) => event.ids).length === 3);
    expect(gone.values.slice(1).flatMap((event) => event.ids).sort()).toEqual([...ids].sort());
    const page = (await asUser(snoozed, { first: 2 })).data.inbox.snoozed;
    expect(page).toEqual({ nodes: [{ id: ids[1], until: soon, title: 'two' }, { id: expect.any(String), until: later, title: expect.any(String) }], pageInfo: { ...last, hasNextPage: true, endCursor: expect.any(String) } });
    const rest = (await asUser(snoozed, { first: 2, after: page.pageInfo.endCursor })).data.inbox.snoozed;
    expect(rest.pageInfo).toEqual({ ...last, hasPreviousPage: true });
    expect([...page.nodes, ...rest.nodes].map((node) => node.id).sort()).toEqual([...ids].sort());

    expect((await asUser(unsnooze, { ids: [ids[0], '1-1'] })).data.unsnooze).toEqual({ unreadCount: 2, totalCount: 2, undo: null });
    const [, { notification }] = await back.count(2);
    expect(notification).toEqual({ id: expect.not.stringMatching(ids[0]!), title: 'one', read: false, snoozedFrom: ids[0], acted: null });
    expect((await asUser('{ inbox { notifications { nodes { id snoozedFrom data } } } }')).data.inbox.notifications.nodes).toEqual([{ id: notification.id, snoozedFrom: ids[0], data: { title: 'one' } }, { id: first, snoozedFrom: null, data: null }]);
    await asUser(snooze, { ids: [notification.id], until: soon });
    const { nodes } = (await asUser('{ inbox { snoozed { nodes { id snoozedFrom priority actions { id } data } } } }')).data.inbox.snoozed;
    expect(nodes.find((node: any) => node.id === notification.id)).toEqual({ id: notification.id, snoozedFrom: ids[0], priority: 'NORMAL', actions: null, data: { title: 'one' } });
  });

  test('what is wrong is named; an inbox in which too many wait is a CONFLICT', async () => {
    const { user, asUser, asPublisher } = someone();
    const id = await inbox.publish(user, 'one');
    for (const [field, variables] of [['until', { ids: [id], until: ahead(5) }], ['until', { ids: [id], until: ahead(400 * 86_400) }], ['ids', { ids: [], until: ahead(3600) }], ['ids', { ids: Array(101).fill(id), until: ahead(3600) }]] as const) {
      const refused = await asUser(snooze, variables);
      expect([codes(refused), Object.keys(refused.errors![0]!.extensions!['errors'])]).toEqual([['BAD_USER_INPUT'], [field]]);
    }
    expect(codes(await gateway.ask(snooze, { variables: { ids: [id], until: ahead(3600) } }))).toEqual(['UNAUTHENTICATED']);
    const deliverAt = ahead(3600);
    for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, () => inbox.schedule(user, deliverAt)));
    const full = await asUser(snooze, { ids: [id], until: ahead(3600) });
    expect([codes(full), full.errors![0]!.extensions!['id']]).toEqual([['CONFLICT'], undefined]);
    expect(codes(await asPublisher(publish, { n: { type: 't', title: 't', deliverAt } }))).toEqual(['CONFLICT']);
  });
});

test('an idempotency key that comes again with another body is BAD_USER_INPUT, and the message names the first', async () => {
  const { asPublisher } = someone();
  const { data } = await asPublisher(publish, { n: { type: 't', title: 'one' }, once: 'k' });
  const refused = await asPublisher(publish, { n: { type: 't', title: 'two' }, once: 'k' });
  expect([codes(refused), Object.keys(refused.errors![0]!.extensions!['errors'])]).toEqual([['BAD_USER_INPUT'], ['idempotencyKey']]);
  expect(refused.errors![0]!.message).toContain(data.publish.id);
});
