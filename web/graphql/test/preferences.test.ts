import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Client } from 'graphql-ws';
import { Gateway, Heard, type Answer } from './gateway.js';
import { Inbox } from './server.js';

const fields = 'mute { types groups topics } quiet { from to zone } channels { channel off } etag';
const read = `query ($user: ID) { preferences(user: $user) { ${fields} } }`;
const save = `mutation ($preferences: PreferencesInput!, $ifMatch: String, $user: ID) { savePreferences(preferences: $preferences, ifMatch: $ifMatch, user: $user) { ${fields} } }`;
const none = { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: [] };
const some = { mute: { types: ['comment.*'], groups: ['post:7'], topics: [] }, quiet: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' }, channels: [{ channel: 'email', off: ['comment.*'] }] };

const inbox = Inbox.shared();
let gateway: Gateway;
let publisher: string;
const clients: Client[] = [];

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
  publisher = inbox.token(null);
});
afterEach(async () => { for (const client of clients.splice(0)) await client.dispose(); });
afterAll(() => gateway?.stop());

const codes = ({ errors }: Answer) => errors?.map((error) => error.extensions?.['code']);
const fieldsOf = ({ errors }: Answer) => Object.keys(errors?.[0]?.extensions?.['errors'] ?? {});
const as = (user: string) => (query: string, variables: object = {}) => gateway.ask(query, { authorization: inbox.token(user), variables });
const asPublisher = (query: string, variables: object = {}) => gateway.ask(query, { authorization: publisher, variables });
const publish = async (user: string, n: object) =>
  (await asPublisher('mutation ($user: ID!, $n: NotificationInput!) { publish(user: $user, notification: $n) { id createdAt scheduled muted replayed } }', { user, n: { type: 'test', title: 't', ...n } })).data.publish;

test('what was never set is empty; what is saved is there, as a whole', async () => {
  const asAnn = as('ann');
  expect((await asAnn(read)).data.preferences).toEqual({ ...none, etag: '"0"' });
  const saved = (await asAnn(save, { preferences: some })).data.savePreferences;
  expect(saved).toEqual({ ...some, etag: expect.stringMatching(/^"[^"]+"$/) });
  expect(saved.etag).not.toBe('"0"');
  expect((await asAnn(read)).data.preferences).toEqual(saved);
  const { quiet: _, ...loud } = some;
  expect((await asAnn(save, { preferences: loud })).data.savePreferences).toMatchObject({ ...some, quiet: null });
  expect((await asAnn(save, { preferences: none })).data.savePreferences).toMatchObject(none);
});

test('with ifMatch nothing is overwritten that was saved meanwhile', async () => {
  const asBob = as('bob');
  const first = (await asBob(save, { preferences: some, ifMatch: '"0"' })).data.savePreferences;
  const late = await asBob(save, { preferences: none, ifMatch: '"0"' });
  expect([late.data, codes(late)]).toEqual([null, ['PRECONDITION_FAILED']]);
  expect((await asBob(read)).data.preferences).toEqual(first);
  expect((await asBob(save, { preferences: none, ifMatch: first.etag })).data.savePreferences).toMatchObject(none);
  expect(fieldsOf(await asBob(save, { preferences: none, ifMatch: 'a\nb' }))).toEqual(['ifMatch']);
});

test('what is wrong is named by its field; a channel is there once', async () => {
  const asCyd = as('cyd');
  const wrong = await asCyd(save, { preferences: { ...some, quiet: { from: '25:00', to: '07:00', zone: 'Europe/Nowhere' } } });
  expect([codes(wrong), fieldsOf(wrong).sort()]).toEqual([['BAD_USER_INPUT'], ['quiet.from', 'quiet.zone']]);
  const channel = await asCyd(save, { preferences: { ...some, channels: [{ channel: 'email', off: ['Not A Type'] }] } });
  expect([codes(channel), fieldsOf(channel)]).toEqual([['BAD_USER_INPUT'], ['channels.email.off']]);
  const twice = await asCyd(save, { preferences: { ...some, channels: ['email', 'sms', 'email'].map((channel) => ({ channel, off: [] })) } });
  expect([codes(twice), fieldsOf(twice)]).toEqual([['BAD_USER_INPUT'], ['channels.email']]);
  expect((await asCyd(read)).data.preferences.etag).toBe('"0"');
});

test('a publisher reads and saves for a user; nobody else does', async () => {
  expect((await asPublisher(save, { preferences: some, user: 'a/b' })).data.savePreferences).toMatchObject(some);
  expect((await asPublisher(read, { user: 'a/b' })).data.preferences).toMatchObject(some);
  expect((await as('a/b')(read)).data.preferences).toMatchObject(some);
  for (const query of [read, save]) {
    expect(codes(await as('eve')(query, { preferences: none, user: 'a/b' }))).toEqual(['FORBIDDEN']);
    expect(codes(await gateway.ask(query, { variables: { preferences: none } }))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await asPublisher(query, { preferences: none, user: '..' }))).toEqual(['BAD_USER_INPUT']);
  }
});

test('a publish that is muted says by what, and is no error; what is mandatory comes', async () => {
  const asFay = as('fay');
  await asFay(save, { preferences: { ...some, quiet: null } });
  const muted = { id: null, createdAt: null, scheduled: null, replayed: false };
  expect(await publish('fay', { type: 'comment.created' })).toEqual({ ...muted, muted: 'types' });
  expect(await publish('fay', { group: 'post:7' })).toEqual({ ...muted, muted: 'groups' });
  const mandatory = await publish('fay', { type: 'comment.created', mandatory: true });
  expect(mandatory).toMatchObject({ id: expect.any(String), muted: null });
  expect(await publish('fay', { type: 'comments', mandatory: false })).toMatchObject({ id: expect.any(String), muted: null });
  expect((await asFay('{ inbox { totalCount } }')).data.inbox.totalCount).toBe(2);
});

test('what comes within quiet hours is silent, unless it is mandatory', async () => {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  await as('gil')(save, { preferences: { ...none, quiet: { from: clock(-1), to: clock(1), zone: 'UTC' } } });
  const client = gateway.client(inbox.token('gil'));
  clients.push(client);
  await publish('gil', { title: 'before' });
  const heard = Heard.on(client, 'subscription { notificationAdded(resumeFrom: "0-0") { notification { title } silent } }');
  await heard.count(1);
  await publish('gil', { title: 'quiet' });
  await publish('gil', { title: 'fire', mandatory: true });
  expect((await heard.count(3)).slice(1)).toEqual([{ notification: { title: 'quiet' }, silent: true }, { notification: { title: 'fire' }, silent: false }]);
  await as('gil')(save, { preferences: none });
  await publish('gil', { title: 'loud' });
  expect((await heard.count(4))[3]).toEqual({ notification: { title: 'loud' }, silent: false });
});
