import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Gateway, type Answer } from './gateway.js';
import { Inbox, until } from './server.js';

const publishMany = 'mutation ($users: [ID!]!, $n: NotificationInput!, $once: String) { publishMany(users: $users, notification: $n, idempotencyKey: $once) { user id scheduled muted problem { code message } replayed } }';
const publishToTopic = 'mutation ($topic: ID!, $n: NotificationInput!, $except: [ID!], $once: String) { publishToTopic(topic: $topic, notification: $n, except: $except, idempotencyKey: $once) { id of replayed } }';
const retractFromTopic = 'mutation ($topic: ID!, $key: String!, $once: String) { retractFromTopic(topic: $topic, key: $key, idempotencyKey: $once) { id of replayed } }';
const subscribe = 'mutation ($topic: ID!, $users: [ID!]!) { subscribe(topic: $topic, users: $users) }';
const unsubscribe = 'mutation ($topic: ID!, $users: [ID!]!) { unsubscribe(topic: $topic, users: $users) }';
const follow = 'mutation ($topic: ID!) { follow(topic: $topic) }';
const unfollow = 'mutation ($topic: ID!) { unfollow(topic: $topic) }';
const openTopic = 'mutation ($topic: ID!) { openTopic(topic: $topic) }';
const topic = 'query ($topic: ID!) { topic(name: $topic) { name open subscribers } }';
const topicSubscribers = 'query ($topic: ID!, $first: Int, $after: String) { topicSubscribers(topic: $topic, first: $first, after: $after) { users pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
const topicSubscription = 'query ($topic: ID!, $user: ID) { topicSubscription(topic: $topic, user: $user) { subscribed open } }';
const topics = 'query ($user: ID) { topics(user: $user) { names } }';
const job = 'query ($id: ID!) { job(id: $id) { id state reached muted failed of } }';
const announce = 'mutation ($n: NotificationInput!, $expiresAt: DateTime!, $newcomers: Boolean! = true, $once: String) { announce(notification: $n, expiresAt: $expiresAt, newcomers: $newcomers, idempotencyKey: $once) { id createdAt replayed } }';
const retractAnnouncement = 'mutation ($id: ID!) { retractAnnouncement(id: $id) }';
const announcement = 'query ($id: ID!) { announcement(id: $id) { id createdAt expiresAt newcomers notification { type title priority data actions { id url } } delivered seen read } }';
const announcements = '{ announcements { id expiresAt notification { title body } delivered } }';

const inbox = Inbox.shared();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterAll(() => gateway?.stop());

const as = (user: string) => (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token(user), variables });
const asPublisher = (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token(null), variables });
const codes = ({ errors }: Answer) => errors?.map((error) => error.extensions?.['code']);
const fieldsOf = ({ errors }: Answer) => Object.keys(errors?.[0]?.extensions?.['errors'] ?? {});
const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const titlesOf = async (user: string): Promise<string[]> => (await as(user)('{ inbox { notifications { nodes { title } } } }')).data.inbox.notifications.nodes.map(({ title }: { title: string }) => title);
const done = (id: string) => until('the job to be done', async () => {
  const answer = await asPublisher(job, { id });
  return answer.data.job?.state === 'DONE' && answer.data.job;
});

describe('a batch', () => {
  test('has a result for each user, in their order; repeated it adds nothing', async () => {
    await as('cyd')('mutation { savePreferences(preferences: { mute: { types: ["like"], groups: [], topics: [] }, channels: [] }) { etag } }');
    const variables = { users: ['bob', 'a/b', 'cyd'], n: { type: 'like', title: 'many', url: null, data: { n: 1 } }, once: 'batch' };
    const { data } = await asPublisher(publishMany, variables);
    const none = { id: null, scheduled: null, muted: null, problem: null, replayed: false };
    const id = expect.stringMatching(/^\d+-\d+$/);
    expect(data.publishMany).toEqual([{ ...none, user: 'bob', id }, { ...none, user: 'a/b', id }, { ...none, user: 'cyd', muted: 'types' }]);
    const again = (await asPublisher(publishMany, variables)).data.publishMany;
    expect(again).toEqual([{ ...data.publishMany[0], replayed: true }, { ...data.publishMany[1], replayed: true }, data.publishMany[2]]);
    expect([await titlesOf('bob'), await titlesOf('a/b'), await titlesOf('cyd')]).toEqual([['many'], ['many'], []]);

    const later = (await asPublisher(publishMany, { users: ['bob'], n: { type: 't', title: 'later', deliverAt: ahead(3600) } })).data.publishMany;
    expect(later).toEqual([{ ...none, user: 'bob', scheduled: expect.any(String) }]);
  });

  test('one inbox that refuses it is a problem of its own, with the code of an error', async () => {
    const once = 'other body';
    await asPublisher(publishMany, { users: ['dan'], n: { type: 't', title: 'one' }, once });
    const { data, errors } = await asPublisher(publishMany, { users: ['dan', 'eve'], n: { type: 't', title: 'two' }, once });
    expect(errors).toBeUndefined();
    expect(data.publishMany).toMatchObject([{ user: 'dan', id: null, problem: { code: 'BAD_USER_INPUT', message: expect.any(String) } }, { user: 'eve', id: expect.any(String), problem: null }]);
  });

  test('what is wrong is named; it is for publishers', async () => {
    const wrong = await asPublisher(publishMany, { users: ['bob', 'bob'], n: { type: 'No Type', title: 't' } });
    expect([codes(wrong), fieldsOf(wrong).sort()]).toEqual([['BAD_USER_INPUT'], ['notification.type', 'users']]);
    expect(fieldsOf(await asPublisher(publishMany, { users: ['bob'], n: { type: 't', title: 't' }, once: '' }))).toEqual(['idempotencyKey']);
    expect(codes(await as('bob')(publishMany, { users: ['bob'], n: { type: 't', title: 't' } }))).toEqual(['FORBIDDEN']);
    expect(codes(await gateway.ask(publishMany, { variables: { users: ['bob'], n: { type: 't', title: 't' } } }))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a topic', () => {
  test('its subscribers are listed in pages, and are those who were not unsubscribed', async () => {
    const of = { topic: 'post:7' };
    expect((await asPublisher(topic, of)).data.topic).toEqual({ name: 'post:7', open: false, subscribers: 0 });
    for (let again = 0; again < 2; again++) expect((await asPublisher(subscribe, { ...of, users: ['fay', 'gil', 'a/c', 'hal'] })).data.subscribe).toBe(true);
    expect((await asPublisher(unsubscribe, { ...of, users: ['hal', 'nobody'] })).data.unsubscribe).toBe(true);
    expect((await asPublisher(topic, of)).data.topic).toEqual({ name: 'post:7', open: false, subscribers: 3 });
    const first = (await asPublisher(topicSubscribers, { ...of, first: 2 })).data.topicSubscribers;
    expect(first).toEqual({ users: ['a/c', 'fay'], pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: 'fay' } });
    const rest = (await asPublisher(topicSubscribers, { ...of, after: first.pageInfo.endCursor })).data.topicSubscribers;
    expect(rest).toEqual({ users: ['gil'], pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null } });
    expect((await asPublisher(topics, { user: 'a/c' })).data.topics).toEqual({ names: ['post:7'] });
    expect((await as('a/c')(topics)).data.topics).toEqual({ names: ['post:7'] });
    expect((await as('hal')(topics)).data.topics).toEqual({ names: [] });
    expect((await asPublisher(topicSubscription, { ...of, user: 'a/c' })).data.topicSubscription).toEqual({ subscribed: true, open: false });
  });

  test('users follow it where it is open', async () => {
    const of = { topic: 'release' }, asIda = as('ida');
    expect(codes(await asIda(follow, of))).toEqual(['FORBIDDEN']);
    expect((await asPublisher(openTopic, of)).data.openTopic).toBe(true);
    for (let again = 0; again < 2; again++) expect((await asIda(follow, of)).data.follow).toBe(true);
    expect((await asIda(topicSubscription, of)).data.topicSubscription).toEqual({ subscribed: true, open: true });
    for (let again = 0; again < 2; again++) expect((await asIda(unfollow, of)).data.unfollow).toBe(true);
    expect((await asIda(topicSubscription, of)).data.topicSubscription).toEqual({ subscribed: false, open: true });
    await asPublisher('mutation { openTopic(topic: "release", open: false) }');
    expect(codes(await asIda(follow, of))).toEqual(['FORBIDDEN']);
  });

  test('who is subscribed gets what is published; its key removes it', async () => {
    const of = { topic: 'order' };
    await asPublisher(subscribe, { ...of, users: ['jan', 'kay', 'leo'] });
    const variables = { ...of, n: { type: 'order', title: 'sent', key: 'order/17' }, except: ['kay'], once: 'k' };
    const published = (await asPublisher(publishToTopic, variables)).data.publishToTopic;
    expect(published).toEqual({ id: expect.stringMatching(/^order~\d+$/), of: expect.any(Number), replayed: false });
    expect((await asPublisher(publishToTopic, variables)).data.publishToTopic).toEqual({ ...published, replayed: true });
    expect(await done(published.id)).toEqual({ id: published.id, state: 'DONE', reached: 2, muted: 0, failed: 0, of: published.of });
    expect([await titlesOf('jan'), await titlesOf('kay'), await titlesOf('leo')]).toEqual([['sent'], [], ['sent']]);
    const removal = (await asPublisher(retractFromTopic, { ...of, key: 'order/17', once: 'r' })).data.retractFromTopic;
    expect((await asPublisher(retractFromTopic, { ...of, key: 'order/17', once: 'r' })).data.retractFromTopic).toEqual({ ...removal, replayed: true });
    await done(removal.id);
    expect([await titlesOf('jan'), await titlesOf('leo')]).toEqual([[], []]);
    expect(codes(await asPublisher(job, { id: 'order~99' }))).toEqual(['NOT_FOUND']);
  });

  test('what is wrong is named, and no argument becomes another path; it is for publishers', async () => {
    const wrong = await asPublisher(publishToTopic, { topic: 'order', n: { type: 'No Type', title: 't' }, except: ['..'] });
    expect([codes(wrong), fieldsOf(wrong).sort()]).toEqual([['BAD_USER_INPUT'], ['except[0]', 'type']]);
    expect(codes(await asPublisher(subscribe, { topic: 'order', users: [] }))).toEqual(['BAD_USER_INPUT']);
    for (const name of ['', '.', '..', 'a/b', 'a b', 't?x=1', 't#']) expect(codes(await asPublisher(topic, { topic: name })), name).toEqual(['BAD_USER_INPUT']);
    for (const id of ['x', 'order~0', '../topics/order']) expect(codes(await asPublisher(job, { id })), id).toEqual(['NOT_FOUND']);
    expect(codes(await asPublisher(retractFromTopic, { topic: 'order', key: '..' }))).toEqual(['BAD_USER_INPUT']);
    for (const query of [publishToTopic, subscribe, unsubscribe, openTopic, topic, topicSubscribers, retractFromTopic])
      expect(codes(await as('jan')(query, { topic: 'order', n: { type: 't', title: 't' }, users: ['jan'], key: 'k' })), query).toEqual(['FORBIDDEN']);
    expect(codes(await as('jan')(topics, { user: 'leo' }))).toEqual(['FORBIDDEN']);
    expect(codes(await as('jan')(topicSubscription, { topic: 'order', user: 'leo' }))).toEqual(['FORBIDDEN']);
    expect(codes(await gateway.ask(follow, { variables: { topic: 'order' } }))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('an announcement', () => {
  test('is in every inbox until it is retracted, and is counted', async () => {
    const variables = { n: { type: 'news', title: 'All', actions: [{ id: 'read', label: 'Read' }], data: { n: 1 } }, expiresAt: ahead(3600), once: 'a' };
    const announced = (await asPublisher(announce, variables)).data.announce;
    expect(announced).toEqual({ id: expect.stringMatching(/^\d+$/), createdAt: expect.stringMatching(/Z$/), replayed: false });
    expect((await asPublisher(announce, variables)).data.announce).toEqual({ ...announced, replayed: true });
    expect(await titlesOf('newcomer')).toEqual(['All']);

    const { id, createdAt } = announced;
    const one = { id, createdAt, expiresAt: variables.expiresAt, newcomers: true, notification: { type: 'news', title: 'All', priority: 'NORMAL', data: { n: 1 }, actions: [{ id: 'read', url: null }] }, seen: 0, read: 0 };
    expect((await asPublisher(announcement, { id })).data.announcement).toEqual({ ...one, delivered: expect.any(Number) });
    await until('it to be counted', async () => (await asPublisher(announcement, { id })).data.announcement.delivered > 0);
    expect((await asPublisher(announcements)).data.announcements).toEqual([{ id, expiresAt: variables.expiresAt, notification: { title: 'All', body: null }, delivered: expect.any(Number) }]);

    for (let again = 0; again < 2; again++) expect((await asPublisher(retractAnnouncement, { id })).data.retractAnnouncement).toBe(true);
    expect(codes(await asPublisher(announcement, { id }))).toEqual(['NOT_FOUND']);
    expect((await asPublisher(announcements)).data.announcements).toEqual([]);
    await until('the inbox to remove it', async () => (await titlesOf('newcomer')).length === 0);
  });

  test('newcomers may be left out', async () => {
    const { id } = (await asPublisher(announce, { n: { type: 'news', title: 'Old hands' }, expiresAt: ahead(3600), newcomers: false })).data.announce;
    expect(await titlesOf('late')).toEqual([]);
    expect((await asPublisher(announcement, { id })).data.announcement.newcomers).toBe(false);
    await asPublisher(retractAnnouncement, { id });
  });

  test('what is wrong is named; it is for publishers', async () => {
    const n = { type: 'news', title: 't' };
    const wrong = await asPublisher(announce, { n: { ...n, deliverAt: ahead(60), receipt: true }, expiresAt: ahead(-60) });
    expect([codes(wrong), fieldsOf(wrong).sort()]).toEqual([['BAD_USER_INPUT'], ['expiresAt', 'notification.deliverAt', 'notification.receipt']]);
    for (const id of ['x', '1']) for (const query of [announcement, retractAnnouncement]) expect(codes(await asPublisher(query, { id })), id).toEqual(['NOT_FOUND']);
    for (const id of ['', '..']) for (const query of [announcement, retractAnnouncement]) expect(codes(await asPublisher(query, { id })), id).toEqual(['BAD_USER_INPUT']);
    for (const query of [announce, announcement, announcements, retractAnnouncement]) expect(codes(await as('jan')(query, { id: '1', n, expiresAt: ahead(60) })), query).toEqual(['FORBIDDEN']);
  });
});

test('numbers in data keep their digits', async () => {
  const data = '{"n":9007199254740993,"e":1e400}';
  const ask = async (query: string, variables = '{}') =>
    (await fetch(gateway.url, { method: 'POST', headers: { authorization: inbox.token(null), 'content-type': 'application/json' }, body: `{"query":${JSON.stringify(query)},"variables":${variables}}` })).text();
  const n = `{"type":"t","title":"t","data":${data}}`;
  const stored = async (user: string) => (await fetch(`${inbox.url}/v1/users/${user}/notifications`, { headers: { authorization: inbox.token(null) } })).text();

  expect(await ask(publishMany, `{"users":["max"],"n":${n}}`)).not.toContain('errors');
  expect(await stored('max')).toContain(`"data":${data}`);
  await asPublisher(subscribe, { topic: 'numbers', users: ['ned'] });
  await done(JSON.parse(await ask(publishToTopic, `{"topic":"numbers","n":${n}}`)).data.publishToTopic.id);
  expect(await stored('ned')).toContain(`"data":${data}`);
  const announced = JSON.parse(await ask(announce, `{"n":${n},"expiresAt":"${ahead(3600)}"}`)).data.announce.id;
  expect(await ask(announcement, `{"id":"${announced}"}`)).toContain(`"data":${data}`);
  await asPublisher(retractAnnouncement, { id: announced });
});

test('cost is bounded: each call, and each announcement that may be listed', async () => {
  for (const query of [
    `mutation { ${Array.from({ length: 101 }, (_, i) => `a${i}: follow(topic: "t")`).join(' ')} }`,
    `{ ${Array.from({ length: 100 }, (_, i) => `a${i}: topics { names }`).join(' ')} }`,
    `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: announcements { id notification { title body } }`).join(' ')} }`,
  ]) expect((await asPublisher(query)).errors?.[0]?.message, query.slice(0, 40)).toMatch(/^The operation costs/);
  expect((await asPublisher('{ announcements { id notification { type title body url actor { id name } group key actions { id label url } data priority } delivered seen read } }')).errors).toBeUndefined();
});
