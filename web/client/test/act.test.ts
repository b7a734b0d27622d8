import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, settle, type Seen } from './scripted.js';

const actions = [{ id: 'approve', label: 'Approve' }, { id: 'decline', label: 'Decline', url: '/why' }];
const at = '2026-02-03T04:05:06Z';

let server: Scripted;
let inbox: Inbox;
/** What was sent, and the answers that wait for the test. */
let held: { call: Seen; answer: (response: Response | 'unreachable') => void }[];
let holds: boolean, errors: unknown[];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.setSystemTime('2026-01-02T03:04:05Z');
  server = new Scripted().holds(3, 5);
  server.items = server.items.map(one => ({ ...one, actions }));
  [held, holds, errors] = [[], true, []];
  server.rule = call => holds && call.method !== 'GET' ? new Promise(answer => held.push({ call, answer })) : undefined;
  inbox = server.open();
  inbox.on('error', ({ action, ids, status, message }) => errors.push([action, ids, status, message]));
  await settle();
});
afterEach(() => {
  closeAll();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const sent = () => server.seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path.slice(15), body]);
/** Newest first: what is chosen, or whether it is read. */
const shown = () => inbox.getSnapshot().items.map(({ acted, read }) => `${acted?.action ?? ''}${read ? ' read' : ''}`.trim()).join();
const unread = () => inbox.getSnapshot().counts.unread;
async function answer(at: number, response: Response | 'unreachable'): Promise<void> {
  held[at]!.answer(response);
  await settle();
}
/** As the server answers a choice: the notification, and no version. */
const taken = (seq: number, action: string) => json(item(seq, { actions, read: true, seen: true, acted: { action, at } }));
/** What a choice is to the stream: two versions. */
function tells(seq: number, action: string, version: number): void {
  server.stream.send('marked', { action: 'read', ids: [`1000-${seq}`], counts: counts(3, version - 1, { unread: 2, unseen: 2 }) });
  server.stream.send('acted', { id: `1000-${seq}`, acted: { action, at }, counts: server.now = counts(3, version, { unread: 2, unseen: 2 }) });
}

describe('a choice', () => {
  it('is shown at once, as chosen and read, counted, and the same object in every view', async () => {
    const before = inbox.getSnapshot();
    expect(before.items[1]).toMatchObject({ actions, read: false });
    void inbox.act('1000-2', 'approve');
    const now = inbox.getSnapshot();
    expect(now.items[1]).toMatchObject({ id: '1000-2', read: true, seen: true, acted: { action: 'approve', at: '2026-01-02T03:04:05.000Z' } });
    expect(now.items[0]).toBe(before.items[0]);
    expect(now).toMatchObject({ pending: 1, counts: { unread: 2, unseen: 2 } });
    void inbox.markSeen();
    expect(inbox.getSnapshot().items[1]).toBe(now.items[1]);
    await settle();
    expect(sent()).toEqual([['1000-2/actions/approve', undefined]]);
  });

  it('of a notification that is read already is shown too', () => {
    void inbox.markRead('1000-2');
    expect(shown()).toBe(',read,');
    void inbox.act('1000-2', 'approve');
    expect(shown()).toBe(',approve read,');
    expect(unread()).toBe(2);
  });

  it.each(['before', 'after'])('stays, and is counted once, when the events come %s the answer; the server\'s time replaces ours', async order => {
    const done = inbox.act('1000-2', 'approve');
    const seen = new Set<string>();
    inbox.subscribe(() => seen.add(`${shown()} ${unread()}`));
    await settle();
    const events = async () => { tells(2, 'approve', 7); await settle(); };
    if (order === 'before') await events();
    await answer(0, taken(2, 'approve'));
    expect(await done).toBe(true);
    if (order === 'after') {
      server.stream.send('marked', { action: 'read', ids: ['1000-2'], counts: counts(3, 6, { unread: 2, unseen: 2 }) });
      await settle();
      await events();
    }
    expect([...seen]).toEqual([',approve read, 2']);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, items: [{}, { acted: { action: 'approve', at } }, {}], counts: { unread: 2, version: 7 } });
    expect(server.calls('/notifications')).toHaveLength(1);
    // Nothing is laid over it any more: another device marks it unread.
    server.stream.send('marked', { action: 'unread', ids: ['1000-2'], counts: counts(3, 8) });
    await settle();
    expect(shown()).toBe(',approve,');
  });

  it('of another device is shown by its event, without a request; a version that was missed is found', async () => {
    tells(3, 'decline', 7);
    await settle();
    expect(shown()).toBe('decline read,,');
    expect(inbox.getSnapshot()).toMatchObject({ counts: { unread: 2, version: 7 } });
    await pass(10_000);
    expect(server.calls('/notifications')).toHaveLength(1);
    server.items = server.items.map(one => ({ ...one, read: true }));
    server.stream.send('acted', { id: '1000-1', acted: { action: 'approve', at }, counts: server.now = counts(3, 9, { unread: 0 }) });
    await pass(200);
    expect(server.calls('/notifications')).toHaveLength(2);
  });

  it('is shown at once when its two events have one version, as changes have that were stored together', async () => {
    const now = counts(3, 7, { unread: 2, unseen: 2 });
    server.stream.send('marked', { action: 'read', ids: ['1000-3'], counts: now });
    server.stream.send('acted', { id: '1000-3', acted: { action: 'decline', at }, counts: now });
    await settle();
    expect(shown()).toBe('decline read,,');
  });

  it('that comes after another one is rolled back, is false, and the list shows the first', async () => {
    const done = inbox.act('1000-2', 'approve');
    await settle();
    server.items = server.items.map(one => one.id === '1000-2' ? { ...one, read: true, seen: true, acted: { action: 'decline', at } } : one);
    server.now = counts(3, 7, { unread: 2, unseen: 2 });
    const seen: string[] = [];
    inbox.subscribe(() => seen.push(shown()));
    await answer(0, json({ detail: 'The first choice stays.' }, 409));
    expect(await done).toBe(false);
    expect(errors).toEqual([['act', ['1000-2'], 409, 'The first choice stays.']]);
    expect(seen.at(-1)).toBe(',decline read,');
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, counts: { unread: 2, version: 7 } });
  });

  it('does not hide what another device chose first, also before the answer', async () => {
    void inbox.act('1000-2', 'approve');
    await settle();
    tells(2, 'decline', 7);
    await settle();
    expect(shown()).toBe(',decline read,');
    expect(unread()).toBe(2);
  });

  it('of what is gone is refused, and the list lacks it', async () => {
    const done = inbox.act('1000-2', 'approve');
    await settle();
    server.items = server.items.filter(one => one.id !== '1000-2');
    await answer(0, json({}, 404));
    expect(await done).toBe(false);
    expect(errors).toEqual([['act', ['1000-2'], 404, 'HTTP 404']]);
    expect(inbox.getSnapshot().items.map(({ id }) => id)).toEqual(['1000-3', '1000-1']);
  });

  it('waits for its turn, goes alone, and is sent again when the network fails', async () => {
    const done = [inbox.markRead('1000-1'), inbox.act('1000-2', 'approve'), inbox.act('1000-3', 'decline'), inbox.markRead('1000-1')];
    await settle();
    expect(sent()).toHaveLength(1);
    await answer(0, json(counts(3, 6)));
    await answer(1, 'unreachable');
    expect(shown()).toBe('decline read,approve read,read');
    await pass(1100);
    await answer(2, json({}, 503, { 'Retry-After': '9' }));
    await pass(9100);
    await answer(3, taken(2, 'approve'));
    await answer(4, taken(3, 'decline'));
    await answer(5, json(counts(3, 10)));
    expect(await Promise.all(done)).toEqual([true, true, true, true]);
    expect(sent().map(([path]) => path)).toEqual(['read', ...Array(3).fill('1000-2/actions/approve'), '1000-3/actions/decline', 'read']);
    expect(errors).toEqual([]);
  });

  it('is taken over by a refresh where there is no stream', async () => {
    holds = false;
    server.stream.fail();
    server.rule = ({ path, method }) => path === '/stream' ? json({}, 500) : method === 'POST' ? taken(2, 'approve') : undefined;
    await pass(700);
    server.items = server.items.map(one => one.id === '1000-2' ? { ...one, read: true, seen: true, acted: { action: 'approve', at } } : one);
    server.now = counts(3, 7, { unread: 2, unseen: 2 });
    expect(await inbox.act('1000-2', 'approve')).toBe(true);
    expect(unread()).toBe(2);
    await pass(1000);
    expect(inbox.getSnapshot()).toMatchObject({ items: [{}, { acted: { action: 'approve', at } }, {}], counts: { unread: 2, version: 7 } });
  });

  it('is nothing that undo takes back', async () => {
    holds = false;
    server.rule = ({ path, method }) => method !== 'POST' ? undefined : path.includes('/actions/') ? taken(2, 'approve') : json({ ...server.now, ...(!path.endsWith('undo') && { undo: 'token' }) });
    await inbox.act('1000-2', 'approve');
    expect(await inbox.undo()).toBe(false);
    await inbox.markRead('1000-1');
    await inbox.act('1000-2', 'approve');
    expect(await inbox.undo()).toBe(true);
    expect(sent().at(-1)).toEqual(['undo', { undo: 'token' }]);
  });

  it('outlives the page that is left', async () => {
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    inbox = server.open();
    await settle();
    void inbox.markRead('1000-1');
    void inbox.act('1000-2', 'approve');
    await settle();
    expect(sent()).toHaveLength(1);
    page.dispatchEvent(new Event('pagehide'));
    await settle();
    expect(server.seen.filter(({ method }) => method === 'POST').map(({ path, keepalive }) => [path.slice(15), keepalive])).toEqual([['read', true], ['1000-2/actions/approve', true]]);
  });

  it('after close is neither sent nor promised', async () => {
    const done = inbox.act('1000-1', 'approve');
    inbox.close();
    expect(await done).toBe(false);
    expect(await inbox.act('1000-2', 'approve')).toBe(false);
    await settle();
    expect(sent().filter(([path]) => path.startsWith('1000-2'))).toEqual([]);
  });
});
