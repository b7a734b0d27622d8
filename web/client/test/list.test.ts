import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle } from './scripted.js';

let server: Scripted;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Scripted().holds(50, 5);
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});
const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

it('older pages are appended, none twice and none left out while others arrive', async () => {
  const inbox = server.open();
  await settle();
  expect(inbox.getSnapshot()).toMatchObject({ hasMore: true, loading: false });
  const more = inbox.loadMore();
  expect(inbox.getSnapshot().loading).toBe(true);
  server.stream.added(item(51), counts(51, 5));
  await settle();
  expect(await more).toBe(true);
  expect(seqs(inbox)).toEqual(range(51, 11));
  expect(await inbox.loadMore()).toBe(false);
  expect(seqs(inbox)).toEqual(range(51, 1));
  expect(await inbox.loadMore()).toBe(false);
  expect(inbox.getSnapshot().hasMore).toBe(false);
});

it('a mark that comes while an older page is on its way reaches that page too', async () => {
  const inbox = server.open();
  await settle();
  let answer!: (response: Response | undefined) => void;
  server.rule = ({ query }) => query.has('before') ? new Promise(resolve => { answer = resolve; }) : undefined;
  const more = inbox.loadMore();
  await settle();
  const old = json({ items: range(30, 11).map(seq => item(seq)), next: '1000-11', counts: counts(50, 5) });
  server.stream.send('marked', { action: 'read', ids: ['1000-20'], counts: counts(50, 6, { unread: 49 }) });
  await settle();
  answer(old);
  await more;
  expect(inbox.getSnapshot().items.filter(one => one.read).map(({ id }) => id)).toEqual(['1000-20']);
});

it('a mark that the page knows already, and what undid it, is not applied again', async () => {
  const inbox = server.open();
  await settle();
  let answer!: (response: Response | undefined) => void;
  server.rule = ({ path }) => path === '/notifications' ? new Promise(resolve => { answer = resolve; }) : undefined;
  const done = inbox.reload();
  await settle();
  server.stream.send('marked', { action: 'read', ids: ['1000-50'], counts: counts(50, 6, { unread: 49 }) });
  await settle();
  server.now = counts(50, 7);
  answer(undefined);
  await done;
  expect(inbox.getSnapshot().items[0]!.read).toBe(false);
  expect(inbox.getSnapshot().counts).toMatchObject({ unread: 50, version: 7 });
});

it('a reload is as deep as what was shown', async () => {
  const inbox = server.open();
  await settle();
  await inbox.loadMore();
  await inbox.reload();
  expect(seqs(inbox).length).toBeGreaterThanOrEqual(40);
  expect(seqs(inbox)).toEqual(range(50, 51 - seqs(inbox).length));
});

it('a page that fails says so, and can be asked for again', async () => {
  const inbox = server.open();
  await settle();
  server.rule = ({ query }) => query.has('before') ? 'unreachable' : undefined;
  const errors: number[] = [];
  inbox.on('error', ({ status }) => errors.push(status));
  const more = inbox.loadMore();
  await settle();
  expect(await more).toBe(false);
  expect(errors).toEqual([0]);
  expect(inbox.getSnapshot()).toMatchObject({ hasMore: true, error: { status: 0 }, status: 'live' });
  server.rule = () => undefined;
  const again = inbox.loadMore();
  await pass(2000);
  expect(await again).toBe(true);
  expect(inbox.getSnapshot().error).toBeNull();
});

it('another filter shows what is known of it at once, then the server\'s answer', async () => {
  server.items = server.items.map((one, i) => i % 2 ? { ...one, read: true } : one);
  const inbox = server.open();
  await settle();
  const done = inbox.setFilter({ status: 'unread', type: ['test', 'other'], group: 'g' });
  expect(inbox.getSnapshot()).toMatchObject({ loading: true, filter: { status: 'unread' } });
  await settle();
  await done;
  const { query } = server.calls('/notifications').find(call => call.query.has('group') && !call.query.has('before'))!;
  expect(Object.fromEntries(query)).toEqual({ status: 'unread', type: 'test,other', group: 'g', limit: '20' });
  await inbox.setFilter({ status: 'unread' });
  server.stream.added(item(51), counts(51, 5));
  await settle();
  expect(seqs(inbox)[0]).toBe(51);
  server.stream.send('marked', { action: 'read', ids: ['1000-51'], counts: counts(51, 6) });
  await settle();
  expect(seqs(inbox)[0]).not.toBe(51);
});

it('what another device lets into the list is fetched', async () => {
  server.items = server.items.slice(25);
  const inbox = server.open();
  await settle();
  server.items.unshift(item(40));
  server.stream.send('marked', { action: 'unarchive', ids: ['1000-40'], counts: counts(50, 6) });
  server.now = counts(50, 6);
  await pass(200);
  expect(seqs(inbox)[0]).toBe(40);
});

it('what retention dropped goes', async () => {
  server.holds(5, 5);
  const inbox = server.open();
  await settle();
  server.items = [item(6), item(5), item(4)];
  server.stream.added(item(6), counts(6, 8, { total: 3 }));
  server.now = counts(6, 8, { total: 3 });
  await pass(6000);
  expect(seqs(inbox)).toEqual([6, 5, 4]);
});

it('what is shown is filled up when marks empty it', async () => {
  const inbox = server.open();
  await settle();
  server.items = server.items.slice(20);
  void inbox.archive({ upTo: '1000-31' });
  server.stream.send('marked', { action: 'read', ids: ['1000-50'], counts: counts(50, 6) });
  await settle();
  expect(seqs(inbox).length).toBeGreaterThanOrEqual(20);
});

it('a listener that throws stops nobody else', async () => {
  const thrown: unknown[] = [];
  const mine = (error: unknown) => thrown.push(error);
  process.prependListener('uncaughtException', mine);
  const others = process.listeners('uncaughtException').filter(one => one !== mine);
  for (const other of others) process.off('uncaughtException', other);
  try {
    const inbox = server.open();
    await settle();
    inbox.on('added', () => { throw new Error('page'); });
    server.stream.added(item(51), counts(51, 5));
    await settle();
    vi.useRealTimers();
    await new Promise(done => setImmediate(done));
    expect(seqs(inbox)[0]).toBe(51);
    expect(thrown).toHaveLength(1);
  } finally {
    process.off('uncaughtException', mine);
    for (const other of others) process.on('uncaughtException', other);
  }
});
