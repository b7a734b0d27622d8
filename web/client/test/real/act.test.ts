import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openInbox } from '../../src/inbox.js';
import type { Inbox } from '../../src/types.js';
import { Proxy } from './proxy.js';
import { Server, until } from './server.js';

let server: Server;
beforeAll(async () => { server = await Server.start(); }, 40_000);
afterAll(() => server?.dispose());

const opened: Inbox[] = [];
afterEach(() => { for (const inbox of opened.splice(0)) inbox.close(); });

async function open(user: string, url = server.url): Promise<Inbox> {
  const inbox = openInbox({ url, user, token: await server.tokenFor(user) }, { retry: 50 });
  opened.push(inbox);
  await until('a stream', () => inbox.getSnapshot().status === 'live');
  return inbox;
}

const actions = [{ id: 'approve', label: 'Approve' }, { id: 'decline', label: 'Decline', url: '/why' }];
const chosen = (inbox: Inbox) => inbox.getSnapshot().items.map(({ acted }) => acted?.action ?? '').join();
const shows = (inbox: Inbox, wanted: string) => until(`"${wanted}", and not "${chosen(inbox)}"`, () => chosen(inbox) === wanted && !inbox.getSnapshot().pending);

it('a choice is there on every device, read, with the server\'s time; the same again is true, another one false', async () => {
  const { id } = (await server.publish('both', { actions }))!;
  const [here, there] = [await open('both'), await open('both')];
  expect(there.getSnapshot().items[0]!.actions).toEqual(actions);
  expect(await here.act(id, 'approve')).toBe(true);
  for (const one of [here, there]) await shows(one, 'approve');
  const { items: [held], counts } = await server.list('both');
  expect(held).toMatchObject({ read: true, acted: { action: 'approve' } });
  for (const one of [here, there]) await until('the server\'s state', () => JSON.stringify(one.getSnapshot().items[0]!.acted) === JSON.stringify(held.acted));
  expect(here.getSnapshot().counts).toEqual(counts);
  const errors: unknown[] = [];
  there.on('error', ({ action, ids, status, message }) => errors.push([action, ids, status, message]));
  expect(await there.act(id, 'approve')).toBe(true);
  expect(await there.act(id, 'decline')).toBe(false);
  await until('the error', () => errors.length > 0);
  expect(errors).toEqual([['act', [id], 409, expect.stringContaining('\'approve\'')]]);
  await shows(there, 'approve');
  expect(await there.act(id, 'fly')).toBe(false);
  expect(errors.at(-1)).toEqual(['act', [id], 404, expect.any(String)]);
});

it('of two at once one is true, and all devices agree', async () => {
  for (let at = 0; at < 10; at++) await server.publish('race', { actions });
  const [here, there] = [await open('race'), await open('race')];
  const ids = here.getSnapshot().items.map(({ id }) => id);
  const taken = await Promise.all([...ids.map(id => here.act(id, 'approve')), ...ids.map(id => there.act(id, 'decline'))]);
  ids.forEach((_, at) => expect([taken[at], taken[at + ids.length]].filter(Boolean)).toHaveLength(1));
  const wanted = ids.map((_, at) => taken[at] ? 'approve' : 'decline').join();
  expect((await server.list('race')).items.map(({ acted }) => acted.action).join()).toBe(wanted);
  for (const one of [here, there]) await shows(one, wanted);
});

it('what is chosen without a network is shown, and sent once it is back; what was missed is found', async () => {
  const { id } = (await server.publish('away', { actions }))!, { id: other } = (await server.publish('away', { actions }))!;
  const proxy = await Proxy.to(server.port);
  try {
    const [here, there] = [await open('away', proxy.url), await open('away')];
    proxy.refuses = true;
    proxy.cut();
    const done = here.act(id, 'approve');
    expect(chosen(here)).toBe(',approve');
    expect(await there.act(other, 'decline')).toBe(true);
    proxy.heal();
    here.reconnect();
    expect(await done).toBe(true);
    for (const one of [here, there]) await shows(one, 'decline,approve');
  } finally {
    await proxy.close();
  }
});
