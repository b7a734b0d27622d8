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

const shown = (inbox: Inbox) => inbox.getSnapshot().items.map(({ title, read, snoozedFrom }) => `${title}${read ? ' read' : ''}${snoozedFrom ? ` from ${snoozedFrom}` : ''}`).join();
const shows = (inbox: Inbox, wanted: string) => until(`"${wanted}", and not "${shown(inbox)}"`, () => shown(inbox) === wanted && !inbox.getSnapshot().pending);
const inAnHour = () => new Date(Date.now() + 3_600_000);

it('what is snoozed leaves every device, is listed soonest first, and is back with unsnooze: on top, unread, with the id that it had', async () => {
  for (const title of ['a', 'b', 'c']) await server.publish('snooze', { title });
  const [here, there] = [await open('snooze'), await open('snooze')];
  const [, b, a] = here.getSnapshot().items.map(({ id }) => id) as [string, string, string];
  await here.markRead(a);
  const late = new Date(Date.now() + 7_200_000), soon = inAnHour();
  expect(await here.snooze(b, late)).toBe(true);
  expect(await here.snooze([a], soon.toISOString())).toBe(true);
  for (const one of [here, there]) await shows(one, 'c');
  expect(here.getSnapshot().counts).toEqual((await server.list('snooze')).counts);
  const first = await here.snoozed(null, 1), rest = await here.snoozed(first.next, 1);
  expect([...first.items, ...rest.items].map(({ id, title, until }) => [id, title, Date.parse(until)])).toEqual([[a, 'a', +soon], [b, 'b', +late]]);
  expect(rest.next).toBe(null);
  expect(await there.unsnooze([a, b])).toBe(true);
  for (const one of [here, there]) await until(`both back, and not "${shown(one)}"`, () => shown(one).split(',').sort().join() === `a from ${a},b from ${b},c` && !one.getSnapshot().pending);
  const { items, counts } = await server.list('snooze');
  for (const one of [here, there]) expect([one.getSnapshot().items, one.getSnapshot().counts]).toEqual([items, counts]);
  expect(await here.snoozed()).toEqual({ items: [], next: null });
});

it('a time that the server does not take brings it back', async () => {
  const { id } = (await server.publish('past', { title: 'a' }))!;
  const inbox = await open('past'), errors: unknown[] = [];
  inbox.on('error', ({ action, ids, status, errors: fields }) => errors.push([action, ids, status, Object.keys(fields ?? {})]));
  const done = inbox.snooze(id, new Date(Date.now() - 1000));
  expect(shown(inbox)).toBe('');
  expect(await done).toBe(false);
  await shows(inbox, 'a');
  await until('the error', () => errors.length > 0);
  expect(errors).toEqual([['snooze', [id], 400, ['until']]]);
});
