import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle } from './scripted.js';

class Channel {
  static open: Channel[] = [];
  static losesFor: Channel | undefined;
  /** Sits in `alert()` or a busy loop: what it would say and hear comes once that is over. */
  static busy: Channel | undefined;
  static #late: (() => void)[] = [];
  static wake(): void {
    Channel.busy = undefined;
    for (const one of Channel.#late.splice(0)) one();
  }
  onmessage: ((event: { data: unknown }) => void) | undefined;
  constructor(readonly name: string) { Channel.open.push(this); }
  postMessage(data: unknown): void {
    if (this === Channel.busy) return void Channel.#late.push(() => this.postMessage(data));
    const copy = structuredClone(data);
    for (const other of Channel.open) if (other !== this && other.name === this.name && other !== Channel.losesFor) {
      const hear = () => queueMicrotask(() => other.onmessage?.({ data: copy }));
      if (other === Channel.busy) Channel.#late.push(hear);
      else hear();
    }
  }
  close(): void { Channel.open = Channel.open.filter(one => one !== this); }
}

const jwt = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;
let server: Scripted;
beforeEach(() => {
  vi.useFakeTimers();
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
    await pass(200);
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
    await pass(100);
    expect([second.isLeader, third.isLeader].sort()).toEqual([false, true]);
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
    await pass(100);
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
  await pass(200);
  expect(server.streams).toHaveLength(2);
});

it('share one connection in every kind of context: seven tabs on a host name without TLS, where there are no Web Locks', async () => {
  vi.stubGlobal('navigator', {});
  const seven = await tabs(7);
  expect(seven.map(tab => tab.getSnapshot().status)).toEqual(Array(7).fill('live'));
  expect(server.streams).toHaveLength(1);
  server.stream.added(item(4), counts(4, 5));
  await settle();
  for (const tab of seven) expect(seqs(tab)).toEqual([4, 3, 2, 1]);
});

it('that open at the same time agree on one connection', async () => {
  const five = Array.from({ length: 5 }, () => server.open({ share: true, token: jwt('ann') }));
  await pass(1000);
  expect(five.filter(tab => tab.isLeader)).toHaveLength(1);
  expect(server.streams.filter(stream => !stream.isOver)).toHaveLength(1);
  expect(five.map(tab => tab.getSnapshot().status)).toEqual(Array(5).fill('live'));
});

describe('a leader that says nothing', () => {
  const unread = (tab: Inbox) => tab.getSnapshot().counts.unread;
  const publishes = (head: number) => {
    server.holds(head, 5);
    for (const stream of server.streams) if (!stream.isOver) stream.added(item(head), counts(head, 5));
  };
  /** The leader neither hears nor speaks, and three are published: what only it is told reaches nobody. */
  async function stuck(many = 2): Promise<Inbox[]> {
    const opened = await tabs(many);
    Channel.busy = Channel.open[0];
    for (const head of [4, 5, 6]) publishes(head);
    await settle();
    expect(opened.slice(1).map(unread)).toEqual(Array(many - 1).fill(3));
    return opened;
  }

  it('loses the lead within a bounded time, and the others show what the server holds', async () => {
    const [, second, third] = await stuck(3);
    await pass(14_000);
    expect([second, third].map(tab => unread(tab!))).toEqual([6, 6]);
    expect([second!.isLeader, third!.isLeader].sort()).toEqual([false, true]);
  });

  it('loses it within seconds to a tab that is looked at', async () => {
    const page = new EventTarget();
    vi.stubGlobal('document', { hidden: false });
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    const [, second] = await stuck();
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(3_100);
    expect(unread(second!)).toBe(6);
  });

  it('follows once it is back, with nothing lost and nothing twice', async () => {
    const [first, second] = await stuck() as [Inbox, Inbox];
    const told: string[][] = [[], []];
    [first, second].forEach((tab, at) => tab.on('added', ({ id }) => told[at]!.push(id)));
    await pass(14_000);
    publishes(7);
    await settle();
    Channel.wake();
    await pass(1000);
    publishes(8);
    await pass(100);
    expect([first.isLeader, second.isLeader]).toEqual([false, true]);
    expect(server.streams.filter(stream => !stream.isOver)).toHaveLength(1);
    for (const tab of [first, second]) expect(seqs(tab)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    for (const ids of told) expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('has it again when the one that took it goes', async () => {
    const [first, second] = await stuck() as [Inbox, Inbox];
    await pass(14_000);
    second.close();
    Channel.wake();
    await pass(14_000);
    expect(first.isLeader).toBe(true);
    expect(server.streams.filter(stream => !stream.isOver)).toHaveLength(1);
    publishes(7);
    await settle();
    expect(unread(first)).toBe(7);
  });

  it('keeps it while it answers, however little happens', async () => {
    const [first] = await tabs(3);
    for (let at = 0; at < 20; at++) {
      await pass(14_000);
      server.stream.raw(':\n\n');
    }
    expect(first!.isLeader).toBe(true);
    expect(server.streams).toHaveLength(1);
    expect(server.calls('/notifications')).toHaveLength(3);
  });
});

describe('a tab that shares nothing', () => {
  it('lets go of its stream while it is hidden, polls, and is live again when it is looked at', async () => {
    const page = new EventTarget(), look = { hidden: false };
    vi.stubGlobal('document', look);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    server.rule = ({ path }) => path === '/counts' ? json(server.now, 200, { 'X-Poll-Interval': '20' }) : undefined;
    const inbox = server.open({ share: true, token: 'opaque' });
    await settle();
    const turn = (hidden: boolean) => { look.hidden = hidden; page.dispatchEvent(new Event('visibilitychange')); return settle(); };
    expect(inbox.getSnapshot().status).toBe('live');
    await turn(true);
    expect(server.streams.map(stream => stream.isOver)).toEqual([true]);
    server.holds(4, 5);
    await pass(20_000);
    expect(seqs(inbox)).toEqual([4, 3, 2, 1]);
    expect(server.streams).toHaveLength(1);
    await turn(false);
    expect(inbox.getSnapshot().status).toBe('live');
    expect(server.streams.map(stream => stream.isOver)).toEqual([true, false]);
  });

  it('that was opened hidden has no stream; one that shares keeps the stream that all have', async () => {
    vi.stubGlobal('document', { hidden: true });
    for (let at = 0; at < 7; at++) server.open({ share: true, token: 'opaque' });
    await pass(1000);
    expect(server.streams).toHaveLength(0);
    const [first] = await tabs(2);
    expect(first!.getSnapshot().status).toBe('live');
    expect(server.streams).toHaveLength(1);
  });
});
