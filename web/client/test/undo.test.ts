import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox } from '../src/types.js';
import { closeAll, counts, item, json, pass, Scripted, settle, type Seen } from './scripted.js';

let server: Scripted;
let inbox: Inbox;
/** What was sent, and the answers that wait for the test. */
let held: { call: Seen; answer: (response: Response | 'unreachable') => void }[];
let holds: boolean, tokens: number, errors: unknown[];

/** As the server answers a mark: each with a token of its own. */
const taken = ({ path }: Seen) => json(/undo|delete/.test(path) ? server.now : { ...server.now, undo: `token-${++tokens}` });

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Scripted().holds(5, 5);
  [held, holds, tokens, errors] = [[], false, 0, []];
  server.rule = call => call.method === 'GET' ? undefined : holds ? new Promise(answer => held.push({ call, answer })) : taken(call);
  inbox = server.open();
  inbox.on('error', ({ action, status, message }) => errors.push([action, status, message]));
  await settle();
});
afterEach(() => {
  closeAll();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const sent = () => server.seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path.slice(15), body]);
const undone = () => sent().flatMap(([path, body]) => path === 'undo' ? [body.undo] : []);
const flags = () => inbox.getSnapshot().items.map(({ read, seen }) => `${read ? 'r' : '-'}${seen ? 's' : '-'}`).join(' ');
async function answer(at: number, response = taken(held[at]!.call)): Promise<void> {
  held[at]!.answer(response);
  await settle();
}

describe('undo', () => {
  it('takes back the newest mark, then goes further back, and past what it does not take back', async () => {
    await inbox.markRead('1000-1');
    await inbox.markUnread('1000-2');
    await inbox.archive({ group: 'g' });
    await inbox.unarchive({ all: true });
    await inbox.markSeen();
    await inbox.remove('1000-3');
    server.seen.length = 0;
    for (let at = 0; at < 4; at++) expect(await inbox.undo()).toBe(true);
    expect(sent()).toEqual([4, 3, 2, 1].map(at => ['undo', { undo: `token-${at}` }]));
    expect(await inbox.undo()).toBe(false);
    expect(sent()).toHaveLength(4);
    await inbox.markRead('1000-4');
    expect(await inbox.undo()).toBe(true);
    expect(undone().at(-1)).toBe('token-6');
    expect(errors).toEqual([]);
  });

  it('is shown by the stream\'s events, and by nothing else while it is on its way', async () => {
    server.stream.send('marked', { action: 'archive', ids: ['1000-1'], counts: server.now = counts(5, 6, { unread: 4, unseen: 4 }) });
    await settle();
    await inbox.markRead('1000-3');
    server.stream.send('marked', { action: 'read', ids: ['1000-3'], counts: server.now = counts(5, 7, { unread: 3, unseen: 3 }) });
    await settle();
    holds = true;
    const done = inbox.undo();
    expect(inbox.getSnapshot().pending).toBe(1);
    await settle();
    expect(flags()).toBe('-- -- rs --');
    server.now = counts(5, 8, { unread: 4, unseen: 4 });
    await answer(0);
    expect(await done).toBe(true);
    server.stream.send('marked', { action: 'unread', ids: ['1000-3'], counts: server.now });
    server.items = server.items.slice(0, 4);
    await pass(100);
    expect(flags()).toBe('-- -- -- --');
    expect(inbox.getSnapshot()).toMatchObject({ pending: 0, counts: { unread: 4, unseen: 4 } });
  });

  it('is shown by a refresh where there is no stream', async () => {
    server.stream.fail();
    const { rule } = server;
    server.rule = call => call.path === '/stream' ? json({}, 500) : rule(call);
    await pass(700);
    server.items = server.items.map(one => one.id === '1000-3' ? { ...one, read: true, seen: true } : one);
    server.now = counts(5, 6, { unread: 4, unseen: 4 });
    await inbox.markRead('1000-3');
    await pass(1000);
    expect(flags()).toBe('-- -- rs -- --');
    server.holds(5, 7);
    expect(await inbox.undo()).toBe(true);
    await pass(200);
    expect(flags()).toBe('-- -- -- -- --');
    expect(inbox.getSnapshot().counts).toMatchObject({ unread: 5, version: 7 });
  });

  it('of more ids than one request may have takes all its requests back', async () => {
    await inbox.markRead('1000-1');
    await inbox.archive(Array.from({ length: 2500 }, (_, seq) => `1000-${seq + 1}`));
    expect(await inbox.undo()).toBe(true);
    expect(undone()).toEqual(['token-2', 'token-3', 'token-4']);
    expect(await inbox.undo()).toBe(true);
    expect(undone().slice(3)).toEqual(['token-1']);
  });

  it('waits for a mark that is on its way, and for its turn; marks that went together are one', async () => {
    holds = true;
    void inbox.markRead('1000-1');
    await settle();
    void inbox.markUnread('1000-2');
    void inbox.markUnread('1000-3');
    const done = inbox.undo();
    void inbox.markUnread('1000-4');
    for (let at = 0; at < 4; at++) {
      await settle();
      await answer(at);
    }
    expect(await done).toBe(true);
    expect(sent()).toEqual([['read', { ids: ['1000-1'] }], ['unread', { ids: ['1000-2', '1000-3'] }], ['undo', { undo: 'token-2' }], ['unread', { ids: ['1000-4'] }]]);
    holds = false;
    expect([await inbox.undo(), await inbox.undo(), await inbox.undo()]).toEqual([true, true, false]);
    expect(undone()).toEqual(['token-2', 'token-3', 'token-1']);
  });

  it('that comes too late is false, and an error says so; an earlier one can still be asked for', async () => {
    await inbox.markRead('1000-1');
    await inbox.markRead('1000-2');
    holds = true;
    const late = inbox.undo();
    await settle();
    await answer(0, json({ detail: 'Too old.' }, 410));
    expect(await late).toBe(false);
    expect(errors).toEqual([['undo', 410, 'Too old.']]);
    expect(inbox.getSnapshot().pending).toBe(0);
    holds = false;
    expect(await inbox.undo()).toBe(true);
    expect(undone()).toEqual(['token-2', 'token-1']);
  });

  it('is sent again, all of it, when the network fails', async () => {
    await inbox.markRead(Array.from({ length: 1500 }, (_, seq) => `1000-${seq + 1}`));
    holds = true;
    const done = inbox.undo();
    await settle();
    await answer(0);
    held[1]!.answer('unreachable');
    await settle();
    holds = false;
    await pass(1100);
    expect(await done).toBe(true);
    expect(undone()).toEqual(['token-1', 'token-2', 'token-1', 'token-2']);
    expect(errors).toEqual([]);
  });

  it('passes over a mark that was refused, also one that it waited for', async () => {
    await inbox.markRead('1000-1');
    holds = true;
    void inbox.archive('1000-2');
    await settle();
    await answer(0, json({}, 403));
    void inbox.archive('1000-3');
    await settle();
    const done = inbox.undo();
    await answer(1, json({}, 403));
    expect(await done).toBe(false);
    expect(undone()).toEqual([]);
    holds = false;
    expect(await inbox.undo()).toBe(true);
    expect(undone()).toEqual(['token-1']);
  });

  it('of a server that gives no tokens yet is false', async () => {
    server.rule = () => undefined;
    await inbox.markRead('1000-1');
    expect(await inbox.undo()).toBe(false);
    expect(undone()).toEqual([]);
  });

  it('goes back ten marks and no further', async () => {
    for (let at = 1; at <= 12; at++) await (at % 2 ? inbox.markRead('1000-1') : inbox.markUnread('1000-1'));
    for (let at = 0; at < 10; at++) expect(await inbox.undo()).toBe(true);
    expect(await inbox.undo()).toBe(false);
    expect(undone()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(at => `token-${at}`));
  });

  it('is not sent before its mark is answered, when the page is left and comes back', async () => {
    const target = new EventTarget();
    vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
    vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
    inbox = server.open();
    await settle();
    holds = true;
    void inbox.markRead('1000-1');
    const done = inbox.undo();
    await settle();
    target.dispatchEvent(new Event('pagehide'));
    await settle();
    expect(sent()).toEqual([['read', { ids: ['1000-1'] }]]);
    holds = false;
    target.dispatchEvent(new Event('pageshow'));
    await answer(0);
    expect(await done).toBe(true);
    expect(undone()).toEqual(['token-1']);
  });

  it('after close is neither sent nor promised', async () => {
    await inbox.markRead('1000-1');
    inbox.close();
    expect(await inbox.undo()).toBe(false);
    expect(undone()).toEqual([]);
  });
});

describe('a cursor of what was seen', () => {
  const seen = (upTo: string, version: number, unseen: number) => server.stream.send('marked', { action: 'seen', upTo, counts: counts(5, version, { unread: 4, unseen }) });

  beforeEach(async () => {
    server.items = server.items.map(one => one.id === '1000-4' ? { ...one, read: true, seen: true } : one);
    server.now = counts(5, 6, { unread: 4, unseen: 4 });
    await Promise.all([inbox.reload(), settle()]);
  });

  it('that goes back makes what is above it unseen again, but not what is read', async () => {
    seen('1000-5', 7, 0);
    await settle();
    expect(flags()).toBe('-s rs -s -s -s');
    const before = inbox.getSnapshot().items;
    seen('1000-2', 8, 2);
    await settle();
    expect(flags()).toBe('-- rs -- -s -s');
    expect(inbox.getSnapshot().counts.unseen).toBe(2);
    expect(inbox.getSnapshot().items[1]).toBe(before[1]);
    seen('1000-0', 9, 4);
    await settle();
    expect(flags()).toBe('-- rs -- -- --');
  });

  it('goes back once: an event from before the page was asked for does not touch what came with it', async () => {
    server.items = [item(7, { seen: true }), item(6, { seen: true }), ...server.items];
    server.now = counts(7, 9, { unread: 6, unseen: 4 });
    await Promise.all([inbox.reload(), settle()]);
    seen('1000-2', 8, 4);
    await settle();
    expect(flags()).toBe('-s -s -- rs -- -- --');
    seen('1000-6', 10, 5);
    await settle();
    expect(flags()).toBe('-- -s -s rs -s -s -s');
  });

  it('goes back when the server says so, and not because a mark asks for less than was seen', async () => {
    seen('1000-5', 7, 0);
    await settle();
    holds = true;
    void inbox.markSeen('1000-2');
    await settle();
    expect(flags()).toBe('-s rs -s -s -s');
    seen('1000-3', 8, 1);
    await settle();
    expect(flags()).toBe('-- rs -s -s -s');
  });
});
