import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeAll, counts, item, json, pass, Scripted, seqs, settle } from './scripted.js';

let server: Scripted;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Scripted().holds(3, 5);
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The globals as an event target: what browsers have. */
function browser(): EventTarget {
  const target = new EventTarget();
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
  return target;
}

describe('a stream', () => {
  it('is opened with the token in a header, and what it says is shown', async () => {
    const inbox = server.open();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'connecting', loaded: false, items: [] });
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true, hasMore: false, counts: { unread: 3 } });
    expect(server.calls('/stream')[0]!.headers.get('Authorization')).toBe('Bearer secret');
    server.stream.added(item(4), counts(4, 5));
    await settle();
    expect(seqs(inbox)).toEqual([4, 3, 2, 1]);
    expect(inbox.getSnapshot().counts.unread).toBe(4);
    expect(server.calls('/notifications')).toHaveLength(1);
  });

  it('resumes by the last id, and what comes twice is shown once', async () => {
    const inbox = server.open();
    const told: string[] = [];
    inbox.on('added', ({ id }) => told.push(id));
    await settle();
    server.stream.added(item(4), counts(4, 5));
    await settle();
    server.now = counts(5, 5);
    server.greets = false;
    server.stream.fail();
    await pass(1000);
    expect(server.calls('/stream')[1]!.headers.get('Last-Event-ID')).toBe('1000-4');
    server.stream.added(item(4), counts(4, 5));
    server.stream.added(item(5), counts(5, 5));
    server.stream.ready(counts(5, 5));
    await settle();
    expect(seqs(inbox)).toEqual([5, 4, 3, 2, 1]);
    expect(told).toEqual(['1000-4', '1000-5']);
    expect(server.calls('/notifications')).toHaveLength(1);
  });

  it('finds marks that it missed by the version, and changes the list at once', async () => {
    const inbox = server.open();
    await settle();
    server.stream.fail();
    server.items = [item(3, { read: true }), item(2), item(1)];
    server.now = counts(3, 6, { unread: 2 });
    const lengths = new Set<number>();
    inbox.subscribe(() => lengths.add(inbox.getSnapshot().items.length));
    await pass(1000);
    expect(inbox.getSnapshot().items[0]!.read).toBe(true);
    expect(inbox.getSnapshot().counts.unread).toBe(2);
    expect([...lengths]).toEqual([3]);
  });

  it.each(['resumed:false', 'reset'])('reloads on %s without showing nothing in between', async what => {
    const inbox = server.open();
    await settle();
    const lengths: number[] = [];
    inbox.subscribe(() => lengths.push(inbox.getSnapshot().items.length));
    server.items = [item(9), item(8)];
    server.now = counts(9, 20, { total: 2 });
    if (what === 'reset') server.stream.send('reset', {});
    else server.stream.ready(server.now, false);
    await settle();
    expect(seqs(inbox)).toEqual([9, 8]);
    expect(lengths).not.toContain(0);
  });

  it('is found dead when the heartbeat is missing, and not while it beats', async () => {
    const inbox = server.open();
    await settle();
    for (let i = 0; i < 5; i++) {
      await pass(15_000);
      server.stream.raw(':\n\n');
    }
    await settle();
    expect(server.streams).toHaveLength(1);
    await pass(36_500);
    expect(server.streams).toHaveLength(2);
    expect(inbox.getSnapshot().status).toBe('live');
  });

  it('waits as long as the server said when it ends', async () => {
    server.open();
    await settle();
    server.stream.raw('retry: 4000\n\n');
    server.stream.end();
    await pass(3900);
    expect(server.streams).toHaveLength(1);
    await pass(200);
    expect(server.streams).toHaveLength(2);
  });

  it('is tried again ever more slowly, and at once when the network is back', async () => {
    const target = browser();
    server.rule = () => 'unreachable';
    const inbox = server.open();
    await pass(1);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'offline', error: { status: 0 } });
    await pass(600_000);
    const tries = server.calls('/stream').length;
    expect(tries).toBeGreaterThan(600 / 30);
    expect(tries).toBeLessThan(60);
    server.rule = () => undefined;
    target.dispatchEvent(new Event('online'));
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true, error: null });
  });

  it('is made anew on becoming visible when it has been silent', async () => {
    const page = browser();
    vi.stubGlobal('document', { visibilityState: 'visible' });
    server.open();
    await settle();
    page.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(server.streams).toHaveLength(1);
    await pass(25_000);
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(1);
    expect(server.streams).toHaveLength(2);
  });

  it.each(['seconds', 'a date'])('respects Retry-After, %s', async kind => {
    vi.setSystemTime('2026-05-04T03:02:01Z');
    server.rule = ({ path }) => path === '/stream' ? json({ detail: 'Busy' }, 503, { 'Retry-After': kind === 'seconds' ? '7' : 'Mon, 04 May 2026 03:02:08 GMT' }) : undefined;
    const inbox = server.open();
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'offline', error: { message: 'Busy', status: 503 } });
    await pass(6900);
    expect(server.calls('/stream')).toHaveLength(1);
    await pass(200);
    expect(server.calls('/stream')).toHaveLength(2);
  });

  it('does not wait for a Retry-After that is over', async () => {
    server.rule = ({ path }) => path === '/stream' ? json({}, 503, { 'Retry-After': 'Mon, 04 May 2015 03:02:08 GMT' }) : undefined;
    server.open();
    await pass(1000);
    expect(server.calls('/stream')).toHaveLength(2);
  });
});

describe('what a person may be told of', () => {
  const listen = (inbox: ReturnType<Scripted['open']>) => {
    const told = { added: [] as number[], arrived: [] as number[][] };
    const seq = ({ id }: { id: string }) => +id.split('-')[1]!;
    inbox.on('added', one => told.added.push(seq(one)));
    inbox.on('arrived', items => told.arrived.push(items.map(seq)));
    return told;
  };

  it('is each one that comes, at once', async () => {
    const told = listen(server.open());
    await settle();
    for (const head of [4, 5]) server.stream.added(item(head), counts(head, 5));
    await settle();
    expect(told).toEqual({ added: [4, 5], arrived: [[4], [5]] });
  });

  it.each([['all', 25, []], ['some', 22, [[28, 27, 26]]]])('is nothing of what was read while there was no connection: %s of 25', async (_, read, arrived) => {
    const told = listen(server.open());
    await settle();
    server.greets = false;
    server.stream.fail();
    server.holds(28, 6);
    server.items = server.items.map(one => ({ ...one, read: +one.id.split('-')[1]! <= 3 + read }));
    server.now = counts(28, 6, { unread: 25 - read });
    await pass(1000);
    // The flags that a replay shows may be those of the publish.
    for (let head = 4; head <= 28; head++) server.stream.added(item(head), counts(head, 6));
    server.stream.ready(server.now);
    await settle();
    expect(told.arrived).toEqual(arrived);
    expect(told.added).toHaveLength(25);
    server.stream.added(item(29), counts(29, 6));
    await settle();
    expect(told.arrived).toEqual([...arrived, [29]]);
  });

  it('is one list when a replay ends and nothing was marked', async () => {
    const told = listen(server.open());
    await settle();
    server.greets = false;
    server.stream.fail();
    await pass(1000);
    for (const head of [4, 5, 6]) server.stream.added(item(head), counts(head, 5));
    server.stream.ready(counts(6, 5));
    await settle();
    expect(told).toEqual({ added: [4, 5, 6], arrived: [[6, 5, 4]] });
    expect(server.calls('/notifications')).toHaveLength(1);
  });

  it('is one list of what a poll finds', async () => {
    server.rule = ({ path, query }) => path === '/stream' ? new Response('<html>', { headers: { 'Content-Type': 'text/html' } }) : query.has('wait') ? json({}, 504)
      : path === '/counts' ? json(server.now, 200, { 'X-Poll-Interval': '5' }) : undefined;
    const told = listen(server.open({}, { _climb: 1e9 }));
    await pass(1000);
    server.holds(6, 6);
    server.items[1] = item(5, { read: true });
    await pass(5000);
    expect(told).toEqual({ added: [4, 5, 6], arrived: [[6, 4]] });
  });

  it('is nothing of the first page', async () => {
    const told = listen(server.open());
    await settle();
    server.stream.send('reset', {});
    await settle();
    expect(told).toEqual({ added: [], arrived: [] });
  });
});

describe('a token', () => {
  it('is asked for again when it is refused, once for all that it was refused to', async () => {
    const getToken = vi.fn(async (refused?: string) => refused === undefined ? 'old' : 'new');
    server.rule = ({ headers }) => headers.get('Authorization') === 'Bearer old' ? json({}, 401) : undefined;
    const inbox = server.open({ getToken });
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true });
    expect(getToken.mock.calls).toEqual([[undefined], ['old']]);
  });

  it('that is not there means signed out, until reconnect', async () => {
    let token: string | null = null;
    const inbox = server.open({ getToken: () => token });
    await pass(120_000);
    expect(inbox.getSnapshot().status).toBe('signed-out');
    expect(server.seen).toEqual([]);
    token = 'fresh';
    inbox.reconnect();
    await settle();
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true, error: null });
  });

  it('of somebody else is not used', async () => {
    const of = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`;
    server.rule = ({ headers }) => headers.get('Authorization') === `Bearer ${of('ann')}` ? json({}, 401) : undefined;
    const inbox = server.open({ getToken: refused => of(refused ? 'bob' : 'ann') });
    await settle();
    expect(inbox.getSnapshot().status).toBe('signed-out');
    expect(server.seen.some(({ headers }) => headers.get('Authorization') === `Bearer ${of('bob')}`)).toBe(false);
  });

  it('that cannot be had now is asked for again', async () => {
    const getToken = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue('t');
    const inbox = server.open({ getToken });
    await settle();
    expect(inbox.getSnapshot().status).toBe('offline');
    await pass(2000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true });
  });
});

describe('where streams do not get through', () => {
  it('a long poll follows, and streams are tried again', async () => {
    let swallowed = true;
    server.rule = ({ path, query }) => {
      // A proxy that holds back what comes: headers, and no byte more.
      server.greets = !swallowed;
      if (path === '/stream') return undefined;
      return query.has('wait') && +query.get('after')!.split('-')[1]! >= server.items.length ? 'hang' : undefined;
    };
    const inbox = server.open();
    await pass(6_100);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'polling', loaded: true });
    const [poll] = server.seen.filter(({ query }) => query.has('wait'));
    expect(poll!.query.get('after')).toBe('1000-3');

    // The poll that hangs is given up, the next way finds what came.
    server.holds(4, 5);
    await pass(75_000);
    expect(seqs(inbox)).toEqual([4, 3, 2, 1]);
    swallowed = false;
    let isLive = false;
    inbox.subscribe(() => { isLive ||= inbox.getSnapshot().status === 'live'; });
    await pass(400_000);
    expect(isLive).toBe(true);
  });

  it('polls with an ETag, as often as the server likes, where long polls fail too', async () => {
    server.rule = ({ path, query, headers }) => {
      if (path === '/stream') return new Response('<html>', { headers: { 'Content-Type': 'text/html' } });
      if (query.has('wait')) return json({}, 504);
      if (path !== '/counts') return undefined;
      const tag = `"${server.now.head}.${server.now.version}"`;
      return headers.get('If-None-Match') === tag ? json(null, 304, { 'X-Poll-Interval': '5' }) : json(server.now, 200, { ETag: tag, 'X-Poll-Interval': '5' });
    };
    const inbox = server.open({}, { _climb: 1e9 });
    await pass(1_000);
    expect(inbox.getSnapshot().status).toBe('polling');
    const before = server.calls('/counts').length;
    await pass(20_000);
    expect(server.calls('/counts').length - before).toBe(4);
    expect(server.calls('/counts').at(-1)!.headers.get('If-None-Match')).toBe('"1000-3.5"');
    expect(server.calls('/notifications').filter(({ query }) => !query.has('wait'))).toHaveLength(1);
    server.holds(4, 6);
    await pass(5_000);
    expect(seqs(inbox)).toEqual([4, 3, 2, 1]);
  });

  it('is a time that ran out, and not what a server says of one', async () => {
    server.rule = ({ path }) => path === '/stream' ? json({ detail: 'No answer.' }, 503, { 'Retry-After': '7' }) : undefined;
    const inbox = server.open();
    await pass(6_900);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'offline', error: { status: 503 } });
    expect(server.seen.filter(({ path, query }) => path === '/counts' || query.has('wait'))).toEqual([]);
  });

  it('is offline when nothing gets through', async () => {
    server.rule = () => 'hang';
    const inbox = server.open();
    await pass(60_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'offline', loaded: false });
    server.rule = () => undefined;
    await pass(120_000);
    expect(inbox.getSnapshot()).toMatchObject({ status: 'live', loaded: true, error: null });
  });
});
