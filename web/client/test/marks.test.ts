import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle, type Seen } from './scripted.js';

let server: Scripted;
let inbox: Inbox;
/** Answers of marks that wait for the test. */
let held: { call: Seen; answer: (response: Response | 'unreachable') => void }[];
let holds: boolean;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Scripted().holds(5, 5);
  [held, holds] = [[], true];
  server.rule = call => holds && call.method !== 'GET' ? new Promise(answer => held.push({ call, answer })) : undefined;
  inbox = server.open();
  await settle();
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});

const read = () => inbox.getSnapshot().items.filter(one => one.read).map(({ id }) => +id.split('-')[1]!);
const sent = () => held.map(({ call }) => [call.path.replace('/notifications', ''), call.body]);
async function answer(response: Response | 'unreachable'): Promise<void> {
  held.at(-1)!.answer(response);
  await settle();
}

describe('a mark', () => {
  it('is shown at once, counted, and the same object in every view', async () => {
    const before = inbox.getSnapshot();
    expect(inbox.getSnapshot()).toBe(before);
    void inbox.markRead('1000-3');
    const now = inbox.getSnapshot();
    expect(now.items[2]).toMatchObject({ id: '1000-3', read: true, seen: true });
    expect(now.items[0]).toBe(before.items[0]);
    expect(now).toMatchObject({ pending: 1, counts: { unread: 4, unseen: 4 } });
    void inbox.markSeen();
    expect(inbox.getSnapshot().items[2]!.read).toBe(true);
    expect(inbox.getSnapshot().counts).toMatchObject({ unread: 4, unseen: 0 });
  });

  it('stays while the answer comes before the event, and is not counted twice', async () => {
    const done = inbox.markRead('1000-3');
    const unread: number[] = [];
    inbox.subscribe(() => unread.push(inbox.getSnapshot().counts.unread));
    await settle();
    const now = counts(5, 6, { unread: 4 });
    await answer(json(now));
    expect(await done).toBe(true);
    expect(read()).toEqual([3]);
    server.stream.send('marked', { action: 'read', ids: ['1000-3'], counts: now });
    await settle();
    expect(read()).toEqual([3]);
    expect(new Set(unread)).toEqual(new Set([4]));
    // Another device undoes it.
    server.stream.send('marked', { action: 'unread', ids: ['1000-3'], counts: counts(5, 7) });
    await settle();
    expect(read()).toEqual([]);
  });

  it('stays when the event comes before the answer', async () => {
    void inbox.markRead('1000-3');
    await settle();
    const now = counts(5, 6, { unread: 4 });
    server.stream.send('marked', { action: 'read', ids: ['1000-3'], counts: now });
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ pending: 1, counts: { unread: 4 } });
    await answer(json(now));
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, counts: { unread: 4 } });
    expect(read()).toEqual([3]);
  });

  it('made while another is in flight is not lost, and those that wait go together', async () => {
    void inbox.markRead('1000-1');
    await settle();
    void inbox.markRead('1000-2');
    void inbox.markRead('1000-3');
    void inbox.markRead('1000-4');
    void inbox.markUnread('1000-2');
    await settle();
    expect(sent()).toEqual([['/read', { ids: ['1000-1'] }]]);
    expect(read()).toEqual([4, 3, 1]);
    await answer(json(counts(5, 6)));
    await answer(json(counts(5, 7)));
    await answer(json(counts(5, 7)));
    expect(sent()).toEqual([['/read', { ids: ['1000-1'] }], ['/read', { ids: ['1000-2', '1000-3', '1000-4'] }], ['/unread', { ids: ['1000-2'] }]]);
    expect(inbox.getSnapshot().pending).toBe(0);
  });

  it('that is refused is rolled back, with an event, and the next one goes on', async () => {
    const errors: unknown[] = [];
    inbox.on('error', error => errors.push({ status: error.status, action: error.action, ids: error.ids, message: error.message }));
    const first = inbox.markRead('1000-1'), second = inbox.archive('1000-2');
    await settle();
    await answer(json({ detail: 'No.' }, 403));
    expect(await first).toBe(false);
    expect(errors).toEqual([{ status: 403, action: 'read', ids: ['1000-1'], message: 'No.' }]);
    expect(read()).toEqual([]);
    expect(seqs(inbox)).toEqual([5, 4, 3, 1]);
    await answer(json(counts(5, 6)));
    expect(await second).toBe(true);
  });

  it('up to an id from before an erase is settled without an error, and the list is loaded anew', async () => {
    const errors: unknown[] = [];
    inbox.on('error', error => errors.push(error));
    const done = inbox.markRead({ upTo: '1000-3' });
    await settle();
    expect(read()).toEqual([3, 2, 1]);
    server.items = [{ ...item(1), id: '2000-1' }];
    server.now = counts(1, 8, { head: '2000-1' });
    await answer(json({ detail: 'upTo: 1000-3 is no id of this inbox as it is now.', errors: { upTo: ['1000-3 is no id of this inbox as it is now.'] } }, 400));
    expect(await done).toBe(true);
    expect(errors).toEqual([]);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, items: [{ id: '2000-1', read: false, seen: false }], counts: { unread: 1, unseen: 1, head: '2000-1', version: 8 } });
  });

  it.each([
    ['what is no id', 'the third', { upTo: ['Not an id.'] }],
    ['an id, when something else is wrong', '1000-3', { type: ['No type.'] }],
  ])('up to %s is refused', async (_, upTo, errors) => {
    const told: unknown[] = [];
    inbox.on('error', ({ status, action }) => told.push({ status, action }));
    const done = inbox.markSeen(upTo), before = server.calls('/notifications').length;
    await settle();
    await answer(json({ errors }, 400));
    expect(await done).toBe(false);
    expect(told).toEqual([{ status: 400, action: 'seen' }]);
    expect(server.calls('/notifications')).toHaveLength(before);
  });

  it('made offline is shown, kept in order and sent when the connection is back', async () => {
    server.rule = () => 'unreachable';
    server.stream.fail();
    await pass(3000);
    expect(inbox.getSnapshot().status).toBe('offline');
    const done = Promise.all([inbox.markRead('1000-1'), inbox.archive('1000-1'), inbox.remove('1000-2')]);
    await pass(20_000);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 3, counts: { unread: 3, total: 4 } });
    expect(seqs(inbox)).toEqual([5, 4, 3]);
    server.seen.length = 0;
    server.rule = () => undefined;
    inbox.reconnect();
    await settle();
    expect(await done).toEqual([true, true, true]);
    expect(server.seen.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`))
      .toEqual(['POST /notifications/read', 'POST /notifications/archive', 'POST /notifications/delete']);
  });

  it.each([[500, {}, 1100], [503, { 'Retry-After': '9' }, 9100], [429, { 'Retry-After': '3' }, 3100]])('is sent again after %i', async (status, headers, wait) => {
    const done = inbox.markRead('1000-1');
    await settle();
    await answer(json({}, status, headers));
    expect(read()).toEqual([1]);
    await pass(wait - 1100);
    expect(held).toHaveLength(1);
    await pass(1200);
    expect(sent()).toEqual([['/read', { ids: ['1000-1'] }], ['/read', { ids: ['1000-1'] }]]);
    await answer(json(counts(5, 6)));
    expect(await done).toBe(true);
  });

  it('waits while signed out', async () => {
    const done = inbox.markRead('1000-1');
    await settle();
    await answer(json({}, 401));
    expect(inbox.getSnapshot()).toMatchObject({ status: 'signed-out', pending: 1 });
    expect(read()).toEqual([1]);
    holds = false;
    inbox.reconnect();
    await settle();
    expect(await done).toBe(true);
  });

  it('of all means all that was there when it was made', async () => {
    void inbox.markRead({ all: true });
    await settle();
    server.stream.added(item(6), counts(6, 5));
    await settle();
    expect(read()).toEqual([5, 4, 3, 2, 1]);
    expect(inbox.getSnapshot().counts.unread).toBe(1);
    expect(sent()).toEqual([['/read', { upTo: '1000-5' }]]);
  });

  it('that reads all leaves nothing unseen, also of what is not loaded', async () => {
    server.holds(50, 5);
    inbox = server.open();
    await settle();
    void inbox.markRead({ all: true });
    expect(inbox.getSnapshot()).toMatchObject({ hasMore: true, counts: { unread: 0, unseen: 0 } });
    void inbox.markUnread('1000-50');
    expect(inbox.getSnapshot().items[0]).toMatchObject({ read: false, seen: true });
  });

  it.each([['seen', true], ['unseen', false]])('of reading that is taken back leaves the notification %s, as the server says', async (_, seen) => {
    server.items = server.items.map(one => ({ ...one, read: true, seen: true }));
    server.now = counts(5, 6, { unread: 0, unseen: 0 });
    await Promise.all([inbox.reload(), settle()]);
    const now = counts(5, 7, { unread: 1, unseen: seen ? 0 : 1 });
    server.items = server.items.map((one, at) => at ? one : { ...one, read: false, seen });
    server.now = now;
    server.stream.send('marked', { action: 'unread', ids: ['1000-5'], counts: now });
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ items: [{ read: false }, {}, {}, {}, {}], counts: now });
    await pass(100);
    expect(inbox.getSnapshot()).toMatchObject({ items: [{ read: false, seen }, {}, {}, {}, {}], counts: now });
    await pass(10_000);
    expect(server.calls('/notifications')).toHaveLength(3);
  });

  it('of a group, and of more ids than one request may have', async () => {
    holds = false;
    await inbox.markRead({ group: 'g' });
    expect(server.calls('/notifications/read', 'POST')[0]!.body).toEqual({ group: 'g' });
    await inbox.archive(Array.from({ length: 1500 }, (_, i) => `1000-${i + 1}`));
    expect(server.calls('/notifications/archive', 'POST').map(({ body }) => body.ids.length)).toEqual([1000, 500]);
  });

  it('to delete is one request, of ids or of a group, and stays hidden until the list itself lacks them', async () => {
    void inbox.remove(['1000-1', '1000-2', '1000-3']);
    await settle();
    expect(sent()).toEqual([['/delete', { ids: ['1000-1', '1000-2', '1000-3'] }]]);
    expect(seqs(inbox)).toEqual([5, 4]);
    const now = counts(5, 6, { total: 2 });
    await answer(json(now));
    expect(seqs(inbox)).toEqual([5, 4]);
    server.stream.send('removed', { ids: ['1000-1', '1000-2', '1000-3'], counts: now });
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, counts: { total: 2 } });
    expect(seqs(inbox)).toEqual([5, 4]);
    void inbox.remove({ group: 'g' });
    await settle();
    expect(sent().at(-1)).toEqual(['/delete', { group: 'g' }]);
  });

  it('is taken over by a refresh where there is no stream', async () => {
    holds = false;
    server.stream.fail();
    server.rule = ({ path }) => path === '/stream' ? json({}, 500) : undefined;
    await pass(700);
    server.items = server.items.map(one => one.id === '1000-3' ? { ...one, read: true } : one);
    server.now = counts(5, 6, { unread: 4 });
    await inbox.markRead('1000-3');
    expect(inbox.getSnapshot().counts.unread).toBe(4);
    await pass(1000);
    expect(read()).toEqual([3]);
    expect(inbox.getSnapshot().counts).toMatchObject({ unread: 4, version: 6 });
  });

  it('after close is neither sent nor promised', async () => {
    const done = inbox.markRead('1000-1');
    inbox.close();
    expect(await done).toBe(false);
    expect(await inbox.markRead('1000-2')).toBe(false);
  });
});

describe('a page that is left', () => {
  /** The globals as an event target: what browsers have. */
  function page(): EventTarget {
    const target = new EventTarget();
    vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
    vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
    inbox = server.open();
    return target;
  }
  afterEach(() => vi.unstubAllGlobals());
  const left = () => server.seen.filter(({ method }) => method === 'POST').map(({ path, body, keepalive }) => [path.slice(15), body.ids?.length ?? body, keepalive]);

  it('sends all that waits at once, and what it is told while it goes; each request outlives it', async () => {
    const target = page();
    await settle();
    void inbox.markRead('1000-1');
    await settle();
    void inbox.archive('1000-2');
    for (let seq = 1; seq <= 60; seq++) void inbox.remove(`1000-${seq}`);
    await settle();
    expect(left()).toEqual([['read', 1, true]]);
    target.dispatchEvent(new Event('pagehide'));
    void inbox.markRead({ group: 'g' });
    await settle();
    expect(left()).toEqual([['read', 1, true], ['archive', 1, true], ['delete', 60, true], ['read', { group: 'g' }, true]]);
  });

  it('goes on in order when it comes back', async () => {
    const target = page();
    await settle();
    void inbox.markRead('1000-1');
    void inbox.archive('1000-2');
    target.dispatchEvent(new Event('pagehide'));
    await settle();
    held[1]!.answer('unreachable');
    await settle();
    expect(inbox.getSnapshot().pending).toBe(2);
    holds = false;
    held[0]!.answer(json(counts(5, 6)));
    target.dispatchEvent(new Event('pageshow'));
    await settle();
    expect(left().map(([path]) => path)).toEqual(['read', 'archive', 'archive']);
    expect(inbox.getSnapshot().pending).toBe(0);
  });

  it('asks browsers to keep no more than they take: 64 KiB at a time', async () => {
    const target = page();
    await settle();
    void inbox.markRead(Array.from({ length: 5000 }, (_, seq) => `1767225600000-${seq + 1}`));
    target.dispatchEvent(new Event('pagehide'));
    await settle();
    expect(left()).toEqual([['read', 1000, true], ['read', 1000, true], ['read', 1000, false], ['read', 1000, false], ['read', 1000, false]]);
    for (const { answer } of held.splice(0)) answer(json(counts(5, 6)));
    await settle();
    void inbox.markRead('1000-1');
    await settle();
    expect(left().at(-1)).toEqual(['read', 1, true]);
  });
});
