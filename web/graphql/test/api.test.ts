import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gateway, type Answer } from './gateway.js';
import { Inbox } from './server.js';

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

const asAnn = (query: string, variables?: object) => gateway.ask(query, { authorization: ann, ...(variables ? { variables } : {}) });
const codes = ({ errors }: Answer) => errors?.map((error) => error.extensions?.['code']);

test('publish, page, mark and delete', async () => {
  const publish = 'mutation ($n: NotificationInput!, $key: String) { publish(user: "ann", notification: $n, idempotencyKey: $key) { id createdAt replayed } }';
  const n = { type: 'comment.created', title: 'Ann', body: 'b', url: '/posts/7', actor: { id: 'bob', name: 'Bob' }, group: 'g', data: { any: ['json', 1, null] }, priority: 'HIGH' };
  const first = await gateway.ask(publish, { authorization: publisher, variables: { n, key: 'once' } });
  const again = await gateway.ask(publish, { authorization: publisher, variables: { n, key: 'once' } });
  expect(first.data.publish.replayed).toBe(false);
  expect(again.data.publish).toMatchObject({ id: first.data.publish.id, replayed: true });
  for (let i = 0; i < 4; i++) await inbox.publish('ann', `n${i}`);

  const page = 'query ($after: String) { inbox { unreadCount unseenCount totalCount notifications(first: 2, after: $after) { edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }';
  const titles: string[] = [];
  let after: string | null = null;
  do {
    const { data } = await asAnn(page, { after });
    expect(data.inbox).toMatchObject({ unreadCount: 5, unseenCount: 5, totalCount: 5 });
    const { edges, pageInfo }: { edges: any[]; pageInfo: any } = data.inbox.notifications;
    titles.push(...edges.map((edge) => edge.node.title));
    expect(pageInfo).toMatchObject({ hasPreviousPage: after !== null, endCursor: edges.at(-1).cursor });
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  expect(titles).toEqual(['n3', 'n2', 'n1', 'n0', 'Ann']);

  const { id } = first.data.publish;
  const one = await asAnn('query ($id: ID!) { notification(id: $id) { title body url actor { id name avatarUrl } group data priority expiresAt read seen archived } }', { id });
  expect(one.data.notification).toEqual({ title: 'Ann', body: 'b', url: '/posts/7', actor: { id: 'bob', name: 'Bob', avatarUrl: null }, group: 'g', data: { any: ['json', 1, null] }, priority: 'HIGH', expiresAt: null, read: false, seen: false, archived: false });

  const marks = await asAnn('mutation ($id: ID!) { markRead(group: "g") { unreadCount } markUnread(ids: [$id]) { unreadCount } archive(ids: [$id]) { unreadCount } markSeen(all: true) { unseenCount } }', { id });
  expect(marks.data).toEqual({ markRead: { unreadCount: 4 }, markUnread: { unreadCount: 5 }, archive: { unreadCount: 4 }, markSeen: { unseenCount: 0 } });
  const searched = await asAnn('{ inbox { found: notifications(status: ALL, search: "BOB") { nodes { id } } none: notifications(status: ALL, search: "nobody") { nodes { id } } } }');
  expect(searched.data.inbox).toEqual({ found: { nodes: [{ id }] }, none: { nodes: [] } });
  const archived = await asAnn('{ inbox { notifications(status: ARCHIVED, type: ["comment.created"], group: "g") { nodes { id archived } } } }');
  expect(archived.data.inbox.notifications.nodes).toEqual([{ id, archived: true }]);
  const gone = await asAnn('mutation ($id: ID!) { unarchive(ids: [$id]) { unreadCount } delete(id: $id) { totalCount } }', { id });
  expect(gone.data).toEqual({ unarchive: { unreadCount: 5 }, delete: { totalCount: 4 } });
  const missing = await asAnn('query ($id: ID!) { notification(id: $id) { id } }', { id });
  expect(missing.data).toEqual({ notification: null });
  expect(codes(missing)).toEqual(['NOT_FOUND']);
});

test('of one key the inbox has the newest; it is marked and retracted by its key', async () => {
  const publish = 'mutation ($user: ID!, $title: String!) { publish(user: $user, notification: { type: "order", title: $title, key: "order/17" }) { id } }';
  const [user, asUser] = ['kay', (query: string, variables = {}) => gateway.ask(query, { authorization: inbox.token('kay'), variables })];
  for (const title of ['packed', 'sent']) await gateway.ask(publish, { authorization: publisher, variables: { user, title } });
  expect((await asUser('{ inbox { notifications { nodes { title key } } } }')).data.inbox.notifications.nodes).toEqual([{ title: 'sent', key: 'order/17' }]);
  expect((await asUser('mutation { markRead(key: "order/17") { unreadCount } markUnread(key: "none") { unreadCount } }')).data).toEqual({ markRead: { unreadCount: 0 }, markUnread: { unreadCount: 0 } });
  expect((await asUser('mutation { retract(key: "order/17") }')).data).toEqual({ retract: true });
  expect((await asUser('mutation { retract(key: "order/17") }')).data).toEqual({ retract: true });
  expect((await asUser('{ inbox { totalCount } }')).data.inbox).toEqual({ totalCount: 0 });
  expect(codes(await asUser('mutation { retract(key: "a", user: "ann") }'))).toEqual(['FORBIDDEN']);
  expect(codes(await asUser('mutation { retract(key: "..") }'))).toEqual(['BAD_USER_INPUT']);
});

test('a mark is taken back by its token, as often as one likes; what it did not change stays', async () => {
  const [first, second] = [await inbox.publish('una', 'first'), await inbox.publish('una', 'second')];
  const asUna = (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token('una'), variables });
  await asUna('mutation ($id: ID!) { markRead(ids: [$id]) { unreadCount } }', { id: first });
  const marked = await asUna('mutation { markRead(all: true) { unreadCount undo } archive(all: true) { undo } markSeen(all: true) { undo } }');
  expect(marked.data.markRead.unreadCount).toBe(0);
  const tokens: string[] = ['markRead', 'archive', 'markSeen'].map((name) => marked.data[name].undo);
  for (const token of tokens) expect(token).toMatch(/^[\w-]+$/);
  expect(new Set(tokens).size).toBe(3);

  const undo = 'mutation ($token: String!) { undo(token: $token) { unreadCount unseenCount undo } }';
  const state = async () => (await asUna('{ inbox { undo notifications(status: ALL) { nodes { id read archived } } } }')).data.inbox;
  for (let again = 0; again < 2; again++) expect((await asUna(undo, { token: tokens[0] })).data.undo).toMatchObject({ unreadCount: 0, undo: null });
  expect((await state()).notifications.nodes).toEqual([{ id: second, read: false, archived: true }, { id: first, read: true, archived: true }]);
  expect((await asUna(undo, { token: tokens[1] })).data.undo).toEqual({ unreadCount: 1, unseenCount: 0, undo: null });
  expect((await asUna(undo, { token: tokens[2] })).data.undo).toEqual({ unreadCount: 1, unseenCount: 1, undo: null });
  expect(await state()).toEqual({ undo: null, notifications: { nodes: [{ id: second, read: false, archived: false }, { id: first, read: true, archived: false }] } });

  for (let at = 0; at < 10; at++) await asUna('mutation { markSeen(all: true) { unseenCount } }');
  const late = await asUna(undo, { token: tokens[0] });
  expect([late.data, codes(late)]).toEqual([null, ['GONE']]);
  expect(codes(await asUna(undo, { token: '' }))).toEqual(['BAD_USER_INPUT']);
  expect(codes(await gateway.ask(undo, { variables: { token: tokens[0]! } }))).toEqual(['UNAUTHENTICATED']);
});

test('one of the actions is chosen: the notification is read, the same again is the same, another one is a CONFLICT', async () => {
  const asDan = (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token('dan'), variables });
  const publish = (actions: unknown) => gateway.ask('mutation ($actions: [NotificationActionInput!]) { publish(user: "dan", notification: { type: "request", title: "Leave", actions: $actions }) { id } }', { authorization: publisher, variables: { actions } });
  const { id } = (await publish([{ id: 'approve', label: 'Approve', url: null }, { id: 'decline', label: 'Decline', url: '/why' }])).data.publish;
  const { id: plain } = (await publish(null)).data.publish;
  const state = async () => (await asDan('{ inbox { unreadCount notifications { nodes { id read actions { id label url } acted { action at } } } } }')).data.inbox;
  const actions = [{ id: 'approve', label: 'Approve', url: null }, { id: 'decline', label: 'Decline', url: '/why' }], none = { id: plain, read: false, actions: null, acted: null };
  expect(await state()).toEqual({ unreadCount: 2, notifications: { nodes: [none, { id, read: false, actions, acted: null }] } });

  const act = 'mutation ($id: ID!, $action: String!) { act(id: $id, action: $action) { id title read actions { id } acted { action at } } }';
  const chosen = await asDan(act, { id, action: 'approve' });
  expect(chosen.data.act).toEqual({ id, title: 'Leave', read: true, actions: [{ id: 'approve' }, { id: 'decline' }], acted: { action: 'approve', at: expect.stringMatching(/^\d{4}-.*Z$/) } });
  expect(await asDan(act, { id, action: 'approve' })).toEqual(chosen);
  const other = await asDan(act, { id, action: 'decline' });
  expect([other.data, codes(other)]).toEqual([null, ['CONFLICT']]);
  expect(other.errors![0]!.message).toContain("'approve'");
  expect(await state()).toEqual({ unreadCount: 1, notifications: { nodes: [none, { id, read: true, actions, acted: chosen.data.act.acted }] } });

  for (const [of, action] of [[id, 'fly'], [plain, 'approve'], ['1-1', 'approve'], ['..', 'approve']]) expect(codes(await asDan(act, { id: of, action })), `${of} ${action}`).toEqual(['NOT_FOUND']);
  for (const action of ['', '.', '..']) expect(codes(await asDan(act, { id, action })), action).toEqual(['BAD_USER_INPUT']);
  expect(codes(await asAnn(act, { id, action: 'approve' }))).toEqual(['NOT_FOUND']);
  expect(codes(await gateway.ask(act, { variables: { id, action: 'approve' } }))).toEqual(['UNAUTHENTICATED']);
  const bad = await publish([{ id: 'a', label: 'A', url: 'javascript:x' }]);
  expect([codes(bad), Object.keys(bad.errors![0]!.extensions!['errors'])]).toEqual([['BAD_USER_INPUT'], ['actions[0].url']]);
});

test('who may do what', async () => {
  expect(codes(await gateway.ask('{ inbox { unreadCount } }'))).toEqual(['UNAUTHENTICATED']);
  expect(codes(await gateway.ask('{ inbox { unreadCount } }', { authorization: 'Bearer nonsense' }))).toEqual(['UNAUTHENTICATED']);
  expect(codes(await gateway.ask('{ inbox { unreadCount } }', { authorization: 'Basic YTpi' }))).toEqual(['UNAUTHENTICATED']);
  expect(codes(await asAnn('mutation { publish(user: "bob", notification: { type: "t", title: "t" }) { id } }'))).toEqual(['FORBIDDEN']);
  expect((await gateway.ask('{ inbox { unreadCount } }', { authorization: publisher })).errors).toHaveLength(1);
});

test('bad input names the fields, with the reasons', async () => {
  const bad = await gateway.ask('mutation { publish(user: "ann", notification: { type: "Not A Type", title: "" }) { id } }', { authorization: publisher });
  expect(codes(bad)).toEqual(['BAD_USER_INPUT']);
  expect(Object.keys(bad.errors![0]!.extensions!['errors'])).toEqual(expect.arrayContaining(['type', 'title']));
  expect(codes(await asAnn('mutation { markRead { unreadCount } }'))).toEqual(['BAD_USER_INPUT']);
  expect(codes(await asAnn('{ inbox { notifications(first: 1000) { nodes { id } } } }'))).toEqual(['BAD_USER_INPUT']);
  expect(codes(await asAnn('{ nothing }'))).toEqual(['BAD_USER_INPUT']);
  expect(JSON.stringify([bad, await asAnn('{')])).not.toMatch(/stack|node_modules/);
});

test('no argument becomes another path', async () => {
  const { id } = (await gateway.ask('mutation { publish(user: "ann", notification: { type: "t", title: "stays" }) { id } }', { authorization: publisher })).data.publish;
  for (const user of ['.', '..', ''])
    expect(codes(await gateway.ask('mutation ($user: ID!) { publish(user: $user, notification: { type: "t", title: "t" }) { id } }', { authorization: publisher, variables: { user } }))).toEqual(['BAD_USER_INPUT']);
  for (const odd of ['..', '.', '%2e%2e', '../..', '1?x=1', '#'])
    expect(codes(await asAnn('mutation ($id: ID!) { delete(id: $id) { unreadCount } }', { id: odd }))).toEqual(['NOT_FOUND']);
  const { data } = await asAnn('query ($id: ID!) { notification(id: $id) { title } }', { id });
  expect(data.notification.title).toBe('stays');
  const odd = 'a/b:{c} 🔔';
  expect((await gateway.ask('mutation ($user: ID!) { publish(user: $user, notification: { type: "t", title: "t" }) { id } }', { authorization: publisher, variables: { user: odd } })).errors).toBeUndefined();
  expect((await gateway.ask('{ inbox { unreadCount } }', { authorization: inbox.token(odd) })).data.inbox.unreadCount).toBe(1);
});

test('depth, cost, tokens and size are bounded, before anything runs', async () => {
  const cases = [
    '{ inbox { notifications(first: 100) { nodes { id title } } } b: inbox { notifications(first: 100) { nodes { id title body url type group createdAt read seen archived expiresAt priority data } edges { node { id title body url type group createdAt read seen archived expiresAt priority data } } } } c: inbox { notifications(first: 100) { nodes { id title body url type group createdAt read seen archived expiresAt priority data } edges { node { id title body url type group createdAt read seen archived expiresAt priority data } } } } }',
    `{ ${Array.from({ length: 150 }, (_, i) => `a${i}: inbox { unreadCount }`).join(' ')} }`,
    `{ ${'... { '.repeat(10)} inbox { unreadCount } ${'}'.repeat(10)} ${Array.from({ length: 400 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
    `query { ...f0 } ${Array.from({ length: 12 }, (_, i) => `fragment f${i} on Query { ${i < 11 ? `...f${i + 1} `.repeat(10) : 'inbox { unreadCount }'} }`).join(' ')}`,
    'query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
    `mutation { ${'undo(token: "t") { undo } '.repeat(100)} }`,
    `{ ${Array.from({ length: 60 }, (_, i) => `a${i}: scheduled(user: "u", first: 100) { nodes { title } }`).join(' ')} }`,
    `{ inbox { ${Array.from({ length: 60 }, (_, i) => `a${i}: snoozed(first: 100) { nodes { title } }`).join(' ')} } }`,
    `mutation { ${'cancel(scheduled: "s", user: "u") { id } '.repeat(100)} }`,
    `{ ${Array.from({ length: 100 }, (_, i) => `a${i}: preferences { etag }`).join(' ')} }`,
    `{ preferences { ${Array.from({ length: 50 }, (_, i) => `a${i}: channels { channel }`).join(' ')} } }`,
    `mutation { ...fifty ...fifty } fragment fifty on Mutation { ${'act(id: "1-1", action: "a") { id } '.repeat(50)} }`,
  ];
  for (const query of cases) {
    const answer = await asAnn(query);
    expect(answer.errors, query.slice(0, 60)).toBeDefined();
    expect(answer.data ?? null).toBeNull();
    for (const code of codes(answer)!) expect(['BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED']).toContain(code);
  }
  const large = await fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: `{ inbox { unreadCount } } # ${'x'.repeat(200_000)}` }) }).catch(() => null);
  expect(large?.status ?? 413).toBe(413);
  // Of each of 20 notifications: the node, and three actions of three fields.
  const costly = await asAnn(`{ inbox { notifications { nodes { actions { id label url } } } more: notifications(first: 100) { nodes { ${Array.from({ length: 5 }, (_, i) => `a${i}: actions { id label url }`).join(' ')} } } } }`);
  expect(costly.errors?.[0]?.message).toBe(`The operation costs ${50 + (50 + 20 * 11) + (50 + 100 * 51)}; 5000 are allowed.`);
  const shallow = await Gateway.start(inbox.url, { MAX_DEPTH: '2' });
  try {
    const deep = await shallow.ask('{ inbox { notifications { nodes { id } } } }', { authorization: ann });
    expect(deep.errors?.[0]?.message).toContain('nests 4 deep');
  } finally {
    await shallow.stop();
  }
});

test('introspection, GraphiQL and hints are for development alone', async () => {
  const query = '{ __schema { queryType { name } } }';
  expect((await gateway.ask(query)).data.__schema.queryType.name).toBe('Query');
  const html = { headers: { accept: 'text/html' } };
  expect(await (await fetch(gateway.url, html)).text()).toContain('<html');
  const production = await Gateway.start(inbox.url, { NODE_ENV: 'production' });
  try {
    expect(codes(await production.ask(query))).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
    expect(await (await fetch(production.url, html)).text()).not.toContain('<html');
    expect((await production.ask('{ inbo { x } }')).errors?.[0]?.message).not.toContain('inbox');
    expect((await production.ask('{ inbox { totalCount } }', { authorization: ann })).data.inbox.totalCount).toBeGreaterThan(0);
  } finally {
    await production.stop();
  }
});

test('settings that are wrong are all named at once', async () => {
  await expect(Gateway.start('nowhere', { MAX_DEPTH: '0' })).rejects.toThrow(/INBOX_URL[\s\S]*MAX_DEPTH/);
});
