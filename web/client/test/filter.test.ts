import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Filter, Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle } from './scripted.js';

/** 5 upvotes and 3 mentions, all unread. */
let server: Scripted;
/** What the server counts of the types that are asked for. */
let ofTypes: { unread: number; unseen: number; total: number };
beforeEach(() => {
  vi.useFakeTimers();
  server = new Scripted().holds(8, 5);
  server.items = server.items.map((one, at) => ({ ...one, type: at < 5 ? 'upvote' : 'mention', ...(at < 2 && { group: 'g' }) }));
  ofTypes = { unread: 5, unseen: 5, total: 5 };
  server.rule = ({ path, query }) => path === '/counts' && query.has('type') ? json({ ...server.now, ...ofTypes })
    : path === '/notifications' && query.has('type') ? json({ items: server.items.filter(one => query.get('type')!.split(',').includes(one.type)), next: null, counts: server.now }) : undefined;
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});

async function open(filter: Filter): Promise<Inbox> {
  const inbox = server.open({ filter });
  await settle();
  return inbox;
}
const sent = () => server.seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path.slice(15), body]);

describe('a filter by type', () => {
  it('holds for the counts, from the first on', async () => {
    const inbox = server.open({ filter: { type: 'upvote' } });
    const unread = new Set<number>();
    inbox.subscribe(() => unread.add(inbox.getSnapshot().counts.unread));
    await settle();
    expect(server.calls('/counts').map(({ query }) => query.get('type'))).toEqual(['upvote']);
    expect(inbox.getSnapshot().counts).toEqual({ unread: 5, unseen: 5, total: 5, head: '1000-8', version: 5 });
    expect([...unread]).not.toContain(8);
  });

  it.each([['upvote', 'upvote'], [['upvote', 'reply'], 'upvote,reply']])('holds for what is marked: all, and all up to an id, of %s', async (type, wire) => {
    const inbox = await open({ type });
    await inbox.markRead({ all: true });
    await inbox.archive({ upTo: '1000-5' });
    await inbox.markRead('1000-4');
    expect(sent()).toEqual([['read', { upTo: '1000-8', type: wire }], ['archive', { upTo: '1000-5', type: wire }], ['read', { ids: ['1000-4'] }]]);
  });

  it('is not that of another mark: one that waits for all types is not merged with one of some', async () => {
    const inbox = await open({});
    const held: ((response: Response) => void)[] = [];
    const { rule } = server;
    server.rule = call => call.method === 'POST' ? new Promise(answer => held.push(answer)) : rule(call);
    void inbox.markRead('1000-1');
    void inbox.markRead({ upTo: '1000-2' });
    await inbox.setFilter({ type: 'upvote' });
    void inbox.markRead({ all: true });
    for (let at = 0; at < 3; at++) {
      await settle();
      held[at]!(json(counts(8, 6)));
    }
    await settle();
    expect(sent().map(([, body]) => body)).toEqual([{ ids: ['1000-1'] }, { upTo: '1000-2' }, { upTo: '1000-8', type: 'upvote' }]);
  });

  it('marks and counts at once, and then as the server says', async () => {
    const inbox = await open({ type: 'upvote' });
    void inbox.markRead({ all: true });
    expect(inbox.getSnapshot().counts.unread).toBe(0);
    await settle();
    ofTypes = { ...ofTypes, unread: 0 };
    const told: number[] = [];
    inbox.subscribe(() => told.push(inbox.getSnapshot().counts.unread));
    server.stream.send('marked', { action: 'read', ids: [8, 7, 6, 5, 4].map(seq => `1000-${seq}`), counts: counts(8, 6, { unread: 3 }) });
    await pass(200);
    expect(new Set(told)).toEqual(new Set([0]));
    expect(inbox.getSnapshot().items.every(one => one.read)).toBe(true);
  });

  it('counts what comes of the types, and nothing of others', async () => {
    const inbox = await open({ type: 'upvote' });
    server.stream.added(item(9, { type: 'mention' }), counts(9, 5));
    await settle();
    expect(inbox.getSnapshot().counts.unread).toBe(5);
    server.stream.added(item(10, { type: 'upvote' }), counts(10, 5));
    await settle();
    expect(inbox.getSnapshot().counts.unread).toBe(6);
    // Below what is loaded another device reads: the server knows.
    ofTypes = { unread: 4, unseen: 6, total: 6 };
    server.stream.send('marked', { action: 'read', upTo: '1000-2', counts: counts(10, 6) });
    await pass(200);
    expect(inbox.getSnapshot().counts).toMatchObject({ unread: 4, total: 6 });
  });

  it('that is taken off, or another one, counts that', async () => {
    const inbox = await open({ type: 'upvote' });
    ofTypes = { unread: 3, unseen: 3, total: 3 };
    await inbox.setFilter({ type: 'mention' });
    expect(inbox.getSnapshot().counts.unread).toBe(3);
    await inbox.setFilter({});
    expect(inbox.getSnapshot().counts.unread).toBe(8);
  });

  it('asks nothing more once the inbox is closed', async () => {
    const { rule } = server;
    server.rule = call => call.path === '/counts' ? 'unreachable' : rule(call);
    const inbox = await open({ type: 'upvote' });
    await pass(70_000);
    expect(server.calls('/counts').length).toBeGreaterThan(2);
    inbox.close();
    const before = server.seen.length;
    await pass(120_000);
    expect(server.seen).toHaveLength(before);
  });
});

describe('a filter by group', () => {
  it('holds for what is marked', async () => {
    server.items = server.items.filter(one => one.group === 'g');
    const inbox = await open({ group: 'g' });
    expect(seqs(inbox)).toEqual([8, 7]);
    await inbox.markRead({ all: true });
    await inbox.markUnread({ all: true });
    await inbox.archive({ upTo: '1000-7' });
    await inbox.markSeen();
    expect(sent()).toEqual([['read', { group: 'g' }], ['unread', { ids: ['1000-8', '1000-7'] }], ['archive', { ids: ['1000-7'] }], ['seen', { upTo: '1000-8' }]]);
  });
});

describe('a search', () => {
  beforeEach(() => { server.items = server.items.map((one, at) => ({ ...one, title: at === 1 ? 'Ann wrote' : 'Bob wrote', ...(at === 3 && { actor: { name: 'Anna' } }) })); });

  it('is asked of the server, and lets in what comes and has the text', async () => {
    server.rule = ({ path, query }) => path === '/notifications' && query.has('q')
      ? json({ items: server.items.filter(one => /ann/i.test(one.title + one.actor?.name)), next: null, counts: server.now }) : undefined;
    const inbox = await open({ q: 'aNN' });
    expect(server.calls('/notifications').map(({ query }) => query.get('q'))).toEqual(['aNN']);
    expect(seqs(inbox)).toEqual([7, 5]);
    server.stream.added(item(9, { title: 'Bob again' }), counts(9, 9));
    server.stream.added(item(10, { title: 'ANN again' }), counts(10, 10));
    await settle();
    expect(seqs(inbox)).toEqual([10, 7, 5]);
  });

  it('is what all of it means: those that are found are marked, and no others', async () => {
    server.rule = ({ path, query }) => path === '/notifications' && query.has('q')
      ? json({ items: server.items.filter(one => one.title.startsWith('Ann')), next: null, counts: server.now }) : undefined;
    const inbox = await open({ q: 'ann' });
    await inbox.markRead({ all: true });
    expect(sent()).toEqual([['read', { ids: ['1000-7'] }]]);
  });
});
