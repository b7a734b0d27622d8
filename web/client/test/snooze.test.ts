import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle, type Seen } from './scripted.js';

const until = '2026-01-02T08:00:00.000Z';

let server: Scripted;
let inbox: Inbox;
/** What was sent, and the answers that wait for the test. */
let held: { call: Seen; answer: (response: Response | 'unreachable') => void }[];
let holds: boolean, errors: unknown[];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Scripted().holds(3, 5);
  [held, holds, errors] = [[], true, []];
  server.rule = call => holds && call.method === 'POST' ? new Promise(answer => held.push({ call, answer })) : undefined;
  inbox = server.open();
  inbox.on('error', ({ action, ids, status }) => errors.push([action, ids, status]));
  await settle();
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});

const sent = () => server.seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]);
async function answer(at: number, response: Response | 'unreachable'): Promise<void> {
  held[at]!.answer(response);
  await settle();
}

describe('a snooze', () => {
  it('takes the rows away at once, counted, and stays so when the events come after the answer', async () => {
    const done = inbox.snooze(['1000-3', '1000-1'], new Date(until));
    expect(seqs(inbox)).toEqual([2]);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 1, counts: { unread: 1, unseen: 1, total: 1 } });
    await settle();
    expect(sent()).toEqual([['/notifications/snooze', { ids: ['1000-3', '1000-1'], until }]]);
    const seen = new Set<string>();
    inbox.subscribe(() => seen.add(`${seqs(inbox)} ${inbox.getSnapshot().counts.total}`));
    server.now = counts(3, 6, { unread: 1, unseen: 1, total: 1 });
    await answer(0, json(server.now));
    expect(await done).toBe(true);
    server.stream.send('removed', { ids: ['1000-3', '1000-1'], counts: server.now });
    await settle();
    expect([...seen]).toEqual(['2 1']);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, counts: { unread: 1, total: 1, version: 6 } });
    expect(server.calls('/notifications')).toHaveLength(1);
  });

  it('that is refused comes back, is false, and says why', async () => {
    const done = inbox.snooze('1000-2', 'nonsense');
    expect(seqs(inbox)).toEqual([3, 1]);
    await settle();
    await answer(0, json({ detail: 'No.', errors: { until: ['Must be a time from a minute to a year ahead.'] } }, 400));
    expect(await done).toBe(false);
    expect(seqs(inbox)).toEqual([3, 2, 1]);
    expect(inbox.getSnapshot().counts).toMatchObject({ unread: 3, total: 3 });
    expect(errors).toEqual([['snooze', ['1000-2'], 400]]);
  });

  it('waits for its turn and is sent again when the network fails; those to one time go together, a hundred at most', async () => {
    const many = Array.from({ length: 150 }, (_, at) => `1000-${at + 1}`);
    const done = [inbox.markRead('1000-1'), inbox.snooze('1000-1', until), inbox.snooze('1000-2', until), inbox.snooze('1000-3', '2026-01-03T08:00:00Z'), inbox.snooze(many, until)];
    await settle();
    expect(sent()).toHaveLength(1);
    await answer(0, json(counts(3, 6)));
    await answer(1, 'unreachable');
    expect(seqs(inbox)).toEqual([]);
    await pass(1100);
    for (let at = 2; at < 6; at++) await answer(at, json(counts(0, 7)));
    expect(await Promise.all(done)).toEqual(Array(5).fill(true));
    expect(sent().map(([path, body]) => [path.slice(15), body.until ?? '', body.ids.length])).toEqual([
      ['read', '', 1], ['snooze', until, 2], ['snooze', until, 2], ['snooze', '2026-01-03T08:00:00Z', 1], ['snooze', until, 100], ['snooze', until, 50],
    ]);
    expect(errors).toEqual([]);
  });

  it('is ended by unsnooze, in order, and is back with its new id when the stream says so', async () => {
    const done = [inbox.snooze('1000-2', until), inbox.unsnooze('1000-2')];
    await settle();
    await answer(0, json(counts(3, 6, { total: 2 })));
    expect(sent()).toEqual([['/notifications/snooze', { ids: ['1000-2'], until }], ['/unsnooze', { ids: ['1000-2'] }]]);
    server.stream.send('removed', { ids: ['1000-2'], counts: counts(3, 6, { total: 2 }) });
    await settle();
    expect(seqs(inbox)).toEqual([3, 1]);
    await answer(1, json(counts(4, 6, { total: 3 })));
    server.stream.added(item(4, { snoozedFrom: '1000-2' }), counts(4, 6, { unread: 3, total: 3 }));
    await settle();
    expect(await Promise.all(done)).toEqual([true, true]);
    expect(seqs(inbox)).toEqual([4, 3, 1]);
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, items: [{ snoozedFrom: '1000-2' }, {}, {}], counts: { total: 3 } });
  });

  it('is back by a refresh where there is no stream', async () => {
    holds = false;
    const { rule } = server;
    server.rule = call => call.path === '/stream' ? json({}, 500) : rule(call);
    server.stream.fail();
    await pass(700);
    [server.items, server.now] = [[item(4, { snoozedFrom: '1000-2' }), item(3), item(1)], counts(4, 7, { total: 3 })];
    expect(await inbox.unsnooze('1000-2')).toBe(true);
    await pass(1000);
    expect(seqs(inbox)).toEqual([4, 3, 1]);
    expect(inbox.getSnapshot().pending).toBe(0);
  });

  it('is nothing that undo takes back', async () => {
    holds = false;
    await inbox.snooze('1000-2', until);
    await inbox.unsnooze('1000-2');
    expect(await inbox.undo()).toBe(false);
  });
});

describe('what is snoozed', () => {
  it('is listed page by page, and rejects with what the server says', async () => {
    const pages = [{ items: [{ id: '1000-2', until, type: 'test', title: 'two' }], next: 'here' }, { items: [], next: null }];
    server.rule = ({ path, query }) => path !== '/snoozed' ? undefined : query.get('limit') === '0' ? json({ errors: { limit: ['Must be 1 to 100.'] } }, 400) : json(pages[query.has('after') ? 1 : 0]);
    expect(await inbox.snoozed()).toEqual(pages[0]);
    expect(await inbox.snoozed('here', 50)).toEqual(pages[1]);
    expect(server.calls('/snoozed').map(({ query }) => `${query}`)).toEqual(['', 'after=here&limit=50']);
    await expect(inbox.snoozed(null, 0)).rejects.toMatchObject({ status: 400, errors: { limit: ['Must be 1 to 100.'] } });
    inbox.close();
    await expect(inbox.snoozed()).rejects.toMatchObject({ status: 0 });
    expect(server.calls('/snoozed')).toHaveLength(3);
  });
});

describe('quiet hours', () => {
  it('are said of what comes in them, in the list and by the events', async () => {
    const arrived: unknown[] = [];
    inbox.on('arrived', items => arrived.push(items.map(({ title, silent }) => [title, silent])));
    server.stream.send('added', { item: item(4), silent: true, counts: counts(4, 5) }, '1000-4');
    server.stream.added(item(5), counts(5, 5));
    await settle();
    expect(arrived).toEqual([[['No. 4', true]], [['No. 5', undefined]]]);
    expect(inbox.getSnapshot().items.slice(0, 3).map(({ silent }) => silent)).toEqual([undefined, true, undefined]);
    // Of what a replay brings it is known too, also when the list is then fetched.
    server.stream.end();
    server.greets = false;
    await pass(1100);
    server.items = [item(6), item(5), item(4)];
    server.now = counts(6, 7);
    server.stream.send('added', { item: item(6), silent: true, counts: server.now }, '1000-6');
    server.stream.ready(server.now);
    await settle();
    expect(arrived.at(-1)).toEqual([['No. 6', true]]);
    await inbox.setFilter({});
    expect(inbox.getSnapshot().items[0]!.silent).toBe(undefined);
  });
});
