import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openInbox } from '../../src/inbox.js';
import type { Preferences } from '../../src/preferences.js';
import type { Inbox, Item } from '../../src/types.js';
import { Server, until } from './server.js';

let server: Server;
beforeAll(async () => { server = await Server.start(); }, 40_000);
afterAll(() => server?.dispose());

const opened: Inbox[] = [];
afterEach(() => { for (const inbox of opened.splice(0)) inbox.close(); });

async function open(user: string): Promise<Inbox> {
  const inbox = openInbox({ url: server.url, user, token: await server.tokenFor(user) });
  opened.push(inbox);
  await until('a stream', () => inbox.getSnapshot().status === 'live');
  return inbox;
}

const empty: Preferences = { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: {} };
/** From two hours ago until two hours from now. */
const quiet = () => {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return { from: clock(-2), to: clock(2), zone: 'UTC' };
};

it('preferences are kept, and not overwritten by whoever has not seen the latest', async () => {
  const [here, there] = [await open('keep'), await open('keep')];
  const first = await here.preferences();
  expect(first).toEqual({ value: empty, etag: '"0"' });
  const wished: Preferences = { mute: { types: ['comment.*'], groups: ['post:7'], topics: [] }, quiet: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' }, channels: { email: { off: ['upvote'] } } };
  const saved = await here.savePreferences(wished, first.etag);
  expect(saved.value).toEqual(wished);
  expect(saved.etag).not.toBe(first.etag);
  expect(await there.preferences()).toEqual(saved);
  await expect(there.savePreferences(empty, first.etag)).rejects.toMatchObject({ status: 412 });
  expect(await there.preferences()).toEqual(saved);
  await expect(there.savePreferences({ ...wished, quiet: { ...wished.quiet!, zone: 'Mars' } }, saved.etag)).rejects.toMatchObject({ status: 400, errors: { 'quiet.zone': [expect.any(String)] } });
  expect((await there.savePreferences(empty, saved.etag)).value).toEqual(empty);
});

it('what is muted does not come, and what comes in quiet hours says that it is silent', async () => {
  const inbox = await open('quiet'), arrived: Item[] = [];
  inbox.on('arrived', items => arrived.push(...items));
  await inbox.savePreferences({ ...empty, mute: { ...empty.mute, types: ['comment.*'] }, quiet: quiet() });
  await server.publish('quiet', { type: 'comment.created', title: 'muted' });
  await server.publish('quiet', { title: 'silent' });
  await server.publish('quiet', { title: 'mandatory', mandatory: true });
  await until('two', () => arrived.length === 2);
  expect(arrived.map(({ title, silent }) => [title, silent])).toEqual([['silent', true], ['mandatory', undefined]]);
  expect(inbox.getSnapshot().items.map(({ title }) => title)).toEqual(['mandatory', 'silent']);
});
