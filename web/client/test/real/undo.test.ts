import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openInbox } from '../../src/inbox.js';
import type { Inbox } from '../../src/types.js';
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

/** As a list of flags, newest first. */
const flags = (items: readonly { read: boolean; seen: boolean }[]) => items.map(({ read, seen }) => `${read ? 'r' : '-'}${seen ? 's' : '-'}`).join(' ');
const shows = (inbox: Inbox, wanted: string) => until(wanted, () => flags(inbox.getSnapshot().items) === wanted)
  .catch(failure => { expect(flags(inbox.getSnapshot().items), failure.message).toBe(wanted); });

it('on every device "all read" is taken back, and not what another one marked since', async () => {
  for (let at = 0; at < 3; at++) await server.publish('all');
  const [here, there] = [await open('all'), await open('all')];
  const oldest = here.getSnapshot().items[2]!.id;
  await here.markRead(oldest);
  await here.markRead({ all: true });
  for (const one of [here, there]) await shows(one, 'rs rs rs');
  await there.markUnread(here.getSnapshot().items[0]!.id);
  await there.markRead(here.getSnapshot().items[0]!.id);
  await server.publish('all');
  expect(await here.undo()).toBe(true);
  for (const one of [here, there]) await shows(one, '-- rs -- rs');
  expect(here.getSnapshot().counts).toMatchObject({ unread: 2, unseen: 2 });
  expect(await here.undo()).toBe(true);
  for (const one of [here, there]) await shows(one, '-- rs -- --');
  expect(flags((await server.list('all')).items)).toBe('-- rs -- --');
  expect([await here.undo(), await there.undo()]).toEqual([false, true]);
});

it('a mark of more ids than one request may have is taken back whole', async () => {
  const first = (await server.publish('many'))!.id, last = (await server.publish('many'))!.id;
  const inbox = await open('many'), [epoch] = first.split('-');
  await inbox.markRead([first, ...Array.from({ length: 1200 }, (_, at) => `${epoch}-${at + 100}`), last]);
  await shows(inbox, 'rs rs');
  expect(await inbox.undo()).toBe(true);
  await shows(inbox, '-- --');
  expect(flags((await server.list('many')).items)).toBe('-- --');
});

it('what was seen is unseen again when its cursor goes back', async () => {
  for (let at = 0; at < 3; at++) await server.publish('seen');
  const inbox = await open('seen'), [, middle, oldest] = inbox.getSnapshot().items.map(({ id }) => id);
  await server.call('POST', 'seen/notifications/seen', { upTo: oldest });
  await inbox.markRead(middle!);
  const { undo } = await server.call('POST', 'seen/notifications/seen', { all: true });
  await shows(inbox, '-s rs -s');
  await server.call('POST', 'seen/notifications/undo', { undo });
  await shows(inbox, '-- rs -s');
  expect(inbox.getSnapshot().counts).toMatchObject({ unread: 2, unseen: 1 });
});

it('after ten further marks it is too late', async () => {
  const { id } = (await server.publish('late'))!;
  const inbox = await open('late'), errors: unknown[] = [];
  inbox.on('error', ({ action, status }) => errors.push([action, status]));
  await inbox.markRead(id);
  for (let at = 0; at < 10; at++) await server.call('POST', 'late/notifications/archive', { ids: [id] });
  expect(await inbox.undo()).toBe(false);
  await until('the error', () => errors.length > 0);
  expect(errors).toEqual([['undo', 410]]);
});
