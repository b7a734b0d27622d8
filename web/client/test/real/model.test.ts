import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInbox } from '../../src/inbox.js';
import { compareIds } from '../../src/ids.js';
import type { Filter, Inbox, Item } from '../../src/types.js';
import { Proxy } from './proxy.js';
import { Server, until } from './server.js';

const times = { _firstBytes: 1500, _silence: 2500, retry: 50, _mostRetry: 600, call: 1500, _climb: 300, wait: 1000 };
const seeds = (process.env.INBOX_SEEDS ?? '1,2,3,5').split(',').map(Number);

const actions = ['yes', 'no'].map(id => ({ id, label: id }));

let server: Server;
beforeAll(async () => { server = await Server.start(); }, 40_000);
afterAll(() => server?.dispose());

/** mulberry32 */
function randomFrom(seed: number) {
  const next = () => {
    let t = seed += 0x6d2b79f5;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (n: number) => Math.floor(next() * n), of: <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)] };
}

class Device {
  readonly told: string[] = [];
  readonly removed: string[] = [];
  readonly answers: Promise<boolean>[] = [];
  readonly refusals: string[] = [];
  constructor(readonly inbox: Inbox, readonly proxy: Proxy, readonly user: string) {
    inbox.on('added', item => this.told.push(item.id));
    inbox.on('error', error => { if (error.action && error.status !== 410 && !(error.action === 'act' && [404, 409].includes(error.status))) this.refusals.push(`${error.action} ${error.ids}: ${error.status} ${error.message}`); });
  }

  static async open(user: string, filter: Filter): Promise<Device> {
    const proxy = await Proxy.to(server.port);
    const token = await server.tokenFor(user);
    return new Device(openInbox({ url: proxy.url, user, token, filter, pageSize: 10 }, times), proxy, user);
  }

  mark(random: ReturnType<typeof randomFrom>): void {
    const { items } = this.inbox.getSnapshot();
    const item = random.of(items);
    if (!item) return;
    const { inbox } = this;
    const make: (() => Promise<unknown>)[] = [
      () => inbox.undo(), () => inbox.undo(), () => inbox.act(item.id, random.of(['yes', 'no'])!), () => inbox.act(item.id, 'yes'),
      () => inbox.markRead(item.id), () => inbox.markRead(item.id), () => inbox.markUnread(item.id), () => inbox.archive(item.id), () => inbox.unarchive(item.id),
      () => inbox.markRead({ upTo: item.id }), () => inbox.markUnread({ upTo: item.id }), () => inbox.markSeen(), () => inbox.markSeen(item.id),
      () => inbox.markRead({ all: true }), () => inbox.unarchive({ all: true }), () => inbox.markRead({ group: 'g1' }),
      () => inbox.markRead(items.slice(0, 5).map(one => one.id)),
      () => { this.removed.push(item.id); return inbox.remove(item.id); },
    ];
    const at = random.below(make.length), answer = make[at]!();
    // There may be nothing to take back, or it is too late; another one may have been chosen, or the notification is gone.
    this.answers.push(answer.then(taken => at < 4 || taken === true));
  }

  async close(): Promise<void> {
    this.inbox.close();
    await this.proxy.close();
  }
}

const flags = ({ id, read, seen, archived, acted }: Item) => `${id}${read ? ' read' : ''}${seen ? ' seen' : ''}${archived ? ' archived' : ''}${acted ? ` ${acted.action} ${acted.at}` : ''}`;

/** Until the store shows what the server holds, to the last page. */
async function settles({ inbox, user }: Device, { status = 'inbox' }: Filter): Promise<void> {
  let shown: unknown, held: unknown;
  await until('the store to show what the server holds', async () => {
    const before = inbox.getSnapshot();
    if (before.pending || before.status === 'offline' || before.status === 'connecting') return shown = false;
    if (before.hasMore) { await inbox.loadMore(); return false; }
    const { items, counts } = await server.list(user, status);
    const now = inbox.getSnapshot();
    [shown, held] = [[now.items.map(flags), now.counts], [items.map(flags), counts]];
    return JSON.stringify(shown) === JSON.stringify(held);
  }, 15_000).catch(failure => { expect(shown, failure.message).toEqual(held); throw failure; });
}

describe('whatever happens, the store shows what the server holds once it is quiet', () => {
  it.each(seeds)('seed %i', async seed => {
    const random = randomFrom(seed);
    const user = `model:${seed}`;
    const filters: Filter[] = [{}, [{ status: 'unread' }, { status: 'all' }, { status: 'archived' }, { status: 'read' }, {}][seed % 5] as Filter];
    for (let i = random.below(30); i > 0; i--) await server.publish(user, { group: `g${i % 3}`, actions });
    const devices = await Promise.all(filters.map(filter => Device.open(user, filter)));
    try {
      for (let step = 0; step < 70; step++) {
        const device = random.of(devices)!;
        const what = random.below(22);
        if (what < 8) await server.publish(user, { title: `Step ${step}`, group: `g${step % 3}`, actions });
        else if (what < 16) device.mark(random);
        else if (what === 16) device.proxy.cut();
        else if (what === 17) { device.proxy.refuses = true; device.proxy.cut(); }
        else if (what === 18) device.proxy.stall();
        else if (what === 19) device.proxy.delay = random.below(120);
        else if (what === 20) void device.inbox.loadMore();
        else device.proxy.heal();
        if (step === 35) {
          await server.stop(seed % 2 ? 'SIGKILL' : 'SIGTERM');
          for (const one of devices) one.mark(random);
          await server.start();
        }
        if (step === 50 && seed % 3 === 0) {
          await server.call('DELETE', `${encodeURIComponent(user)}/notifications`);
        }
        // Sometimes in a row, sometimes after the network had its say.
        if (random.below(3) === 0) await new Promise(done => setTimeout(done, random.below(40)));
      }
      for (const device of devices) device.proxy.heal();
      for (const [i, device] of devices.entries()) await settles(device, filters[i]!);
      // What one misses while it is away, and nothing happens after it is back that could tell.
      for (const [away, here] of [devices, [...devices].reverse()] as [Device, Device][]) {
        away.proxy.refuses = true;
        away.proxy.cut();
        for (let i = 0; i < 5; i++) here.mark(random);
        await until('the marks to be taken', () => here.inbox.getSnapshot().pending === 0);
        away.proxy.heal();
        for (const [i, device] of devices.entries()) await settles(device, filters[i]!);
      }

      for (const device of devices) {
        expect([(await Promise.all(device.answers)).filter(taken => !taken), device.refusals], 'no mark is refused').toEqual([[], []]);
        expect(device.told, 'told once and in order').toEqual([...new Set(device.told)].sort(compareIds));
      }
      const { items } = await server.list(user, 'all');
      const gone = new Set(devices.flatMap(device => device.removed));
      expect(items.filter(item => gone.has(item.id)), 'what was removed is gone').toEqual([]);
    } finally {
      await Promise.all(devices.map(device => device.close()));
    }
  }, 40_000);
});
