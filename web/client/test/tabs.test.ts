import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle } from './scripted.js';

/** Web Locks, as far as tabs need them: who asks first holds, the next one follows when it lets go. */
class Locks {
  #queue: { name: string; run: () => Promise<void>; isOver: boolean }[] = [];

  request(name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = { name, isOver: false, run: () => hold().then(resolve) };
      const queue = this.#queue;
      queue.push(one);
      let runs = false;
      signal.addEventListener('abort', () => {
        if (runs) return;
        queue.splice(queue.indexOf(one), 1);
        reject(new DOMException('aborted', 'AbortError'));
      });
      const next = () => {
        const first = queue.find(other => other.name === name);
        if (!first || first.isOver) return;
        first.isOver = true;
        void Promise.resolve().then(first.run).then(() => { queue.splice(queue.indexOf(first), 1); this.#wake.forEach(wake => wake()); });
      };
      one.run = (run => () => { runs = true; return run(); })(one.run);
      this.#wake.add(next);
      next();
    });
  }
  #wake = new Set<() => void>();
}

class Channel {
  static open: Channel[] = [];
  static losesFor: Channel | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  constructor(readonly name: string) { Channel.open.push(this); }
  postMessage(data: unknown): void {
    const copy = structuredClone(data);
    for (const other of Channel.open) if (other !== this && other.name === this.name && other !== Channel.losesFor) queueMicrotask(() => other.onmessage?.({ data: copy }));
  }
  close(): void { Channel.open = Channel.open.filter(one => one !== this); }
}

const jwt = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;
let server: Scripted;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { locks: new Locks() });
  vi.stubGlobal('BroadcastChannel', Channel);
  Channel.open = [];
  Channel.losesFor = undefined;
  server = new Scripted().holds(3, 5);
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function tabs(many: number, user = 'ann'): Promise<Inbox[]> {
  const opened = [];
  for (let i = 0; i < many; i++) {
    opened.push(server.open({ share: true, token: jwt(user) }));
    await settle();
  }
  return opened;
}

describe('tabs of one user', () => {
  it('share one connection, and show the same', async () => {
    const [first, second, third] = await tabs(3) as [Inbox, Inbox, Inbox];
    expect([first, second, third].map(tab => [tab.isLeader, tab.getSnapshot().status])).toEqual([[true, 'live'], [false, 'live'], [false, 'live']]);
    server.stream.added(item(4), counts(4, 5));
    server.stream.send('marked', { action: 'read', ids: ['1000-1'], counts: counts(4, 6, { unread: 3 }) });
    await settle();
    for (const tab of [first, second, third]) {
      expect(seqs(tab)).toEqual([4, 3, 2, 1]);
      expect(tab.getSnapshot().counts).toMatchObject({ unread: 3, version: 6 });
    }
    expect(server.streams).toHaveLength(1);
    expect(server.calls('/notifications')).toHaveLength(3);
  });

  it('go on without a gap or a double when the leader closes', async () => {
    const [first, second, third] = await tabs(3) as [Inbox, Inbox, Inbox];
    const told: string[] = [];
    third.on('added', ({ id }) => told.push(id));
    server.stream.added(item(4), counts(4, 5));
    await settle();
    server.greets = false;
    first.close();
    await settle();
    expect([second.isLeader, third.isLeader]).toEqual([true, false]);
    expect(server.calls('/stream').at(-1)!.headers.get('Last-Event-ID')).toBe('1000-4');
    // What came between the two leaders is replayed; what was there already comes twice.
    server.stream.added(item(4), counts(4, 5));
    server.stream.added(item(5), counts(5, 5));
    server.stream.ready(counts(5, 5));
    await settle();
    for (const tab of [second, third]) {
      expect(seqs(tab)).toEqual([5, 4, 3, 2, 1]);
      expect(tab.getSnapshot().status).toBe('live');
    }
    expect(told).toEqual(['1000-4', '1000-5']);
    expect(server.calls('/notifications')).toHaveLength(3);
  });

  it('find out when they slept through something', async () => {
    const [, second] = await tabs(2) as [Inbox, Inbox];
    Channel.losesFor = Channel.open[1];
    server.stream.added(item(4), counts(4, 5));
    await settle();
    Channel.losesFor = undefined;
    expect(seqs(second)).toEqual([3, 2, 1]);
    server.holds(5, 5);
    server.stream.added(item(5), counts(5, 5));
    await settle();
    expect(seqs(second)).toEqual([5, 4, 3, 2, 1]);
  });

  it('show a mark of one in all', async () => {
    const [first, second] = await tabs(2) as [Inbox, Inbox];
    const now = counts(3, 6, { unread: 2 });
    server.rule = ({ method }) => method === 'POST' ? json(now) : undefined;
    await second.markRead('1000-2');
    server.stream.send('marked', { action: 'read', ids: ['1000-2'], counts: now });
    await settle();
    for (const tab of [first, second]) expect(tab.getSnapshot()).toMatchObject({ pending: 0, counts: { unread: 2 }, items: [{}, { read: true }, {}] });
  });

  it('follow a leader that polls', async () => {
    server.rule = ({ path, query }) => path === '/stream' ? new Response('', { headers: { 'Content-Type': 'text/html' } }) : query.has('wait') ? json({}, 504) : undefined;
    const opened = [server.open({ share: true, token: jwt('ann') }, { _mostRetry: 1000, _climb: 1e9 }), server.open({ share: true, token: jwt('ann') })];
    await pass(2000);
    server.holds(4, 6);
    await pass(2000);
    for (const tab of opened) {
      expect(tab.getSnapshot().status).toBe('polling');
      expect(seqs(tab)).toEqual([4, 3, 2, 1]);
    }
  });

  it('leave the lead when they are signed out', async () => {
    const [first, second] = await tabs(2) as [Inbox, Inbox];
    server.rule = ({ path }) => path === '/notifications/read' ? json({}, 401) : undefined;
    void first.markRead('1000-1');
    await settle();
    expect(first.getSnapshot().status).toBe('signed-out');
    expect([first.isLeader, second.isLeader]).toEqual([false, true]);
    server.stream.added(item(4), counts(4, 5));
    await settle();
    expect(seqs(first)).toEqual([3, 2, 1]);
    expect(seqs(second)).toEqual([4, 3, 2, 1]);
  });
});

it('tabs of different users share nothing', async () => {
  const [ann] = await tabs(1, 'ann'), [bob] = await tabs(1, 'bob');
  expect([ann!.isLeader, bob!.isLeader]).toEqual([true, true]);
  server.streams[0]!.added(item(4), counts(4, 5));
  await settle();
  expect(seqs(ann!)).toEqual([4, 3, 2, 1]);
  expect(seqs(bob!)).toEqual([3, 2, 1]);
});

it('a token that does not say whose it is shares nothing', async () => {
  server.open({ share: true, token: 'opaque' });
  server.open({ share: true, token: 'opaque' });
  await settle();
  expect(server.streams).toHaveLength(2);
});

it('where there are no locks each tab has its own connection', async () => {
  vi.stubGlobal('navigator', {});
  const [first, second] = await tabs(2);
  expect([first!.isLeader, second!.isLeader]).toEqual([true, true]);
  expect(server.streams).toHaveLength(2);
});
