import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTopics } from '../src/topics.js';
import { InboxError } from '../src/types.js';
import { closeAll, json, Scripted, settle } from './scripted.js';

let server: Scripted;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Scripted();
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});

const sent = () => server.seen.filter(({ path }) => path.includes('topics')).map(({ method, path, body }) => [method, path, body]);

describe('topics', () => {
  it('are followed, asked about and unfollowed by their names, of the inbox that is open', async () => {
    server.rule = ({ method, path }) => path === '/topics' ? json({ topics: ['a', 'b'] }) : !path.startsWith('/v1/topics/') ? undefined : method === 'GET' ? json({ subscribed: true, open: false }) : json(null, 204);
    const mine = openTopics(server.open()), another = openTopics(server.open({ user: 'a/b', url: 'http://inbox/below/' }));
    await settle();
    expect(await mine.follow('post:7')).toBeUndefined();
    expect(await mine.follows('post:7')).toEqual({ subscribed: true, open: false });
    expect(await mine.unfollow('post:7')).toBeUndefined();
    expect(await mine.topics()).toEqual(['a', 'b']);
    expect(sent()).toEqual([...['PUT', 'GET', 'DELETE'].map(method => [method, '/v1/topics/post%3A7/subscribers/me', undefined]), ['GET', '/topics', undefined]]);
    server.seen.length = 0;
    server.rule = () => json(null, 204);
    await another.follow('../x?y');
    expect(sent()).toEqual([['PUT', '/below/v1/topics/..%2Fx%3Fy/subscribers/a%2Fb', undefined]]);
  });

  it('that are refused, or not answered, reject; the inbox goes on', async () => {
    const inbox = server.open(), topics = openTopics(inbox);
    await settle();
    server.rule = ({ path }) => path.startsWith('/v1/topics/closed') ? json({ detail: 'Not open.' }, 403) : path.startsWith('/v1/topics/') || path === '/topics' ? 'unreachable' : undefined;
    const refused = await topics.follow('closed').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InboxError);
    expect(refused).toMatchObject({ status: 403, message: 'Not open.' });
    for (const asked of [topics.follow('away'), topics.unfollow('away'), topics.follows('away'), topics.topics()]) await expect(asked).rejects.toMatchObject({ status: 0 });
    expect(inbox.getSnapshot().status).toBe('live');
    expect(server.calls('/v1/topics/away/subscribers/me', 'PUT')).toHaveLength(1);
  });

  it('are asked for with a new token when one was refused', async () => {
    server.rule = ({ headers, path }) => headers.get('Authorization') === 'Bearer old' ? json({}, 401) : path === '/topics' ? json({ topics: [] }) : undefined;
    expect(await openTopics(server.open({ getToken: refused => refused ? 'new' : 'old' })).topics()).toEqual([]);
  });

  it('of a closed inbox are neither read nor changed', async () => {
    const inbox = server.open(), topics = openTopics(inbox);
    inbox.close();
    for (const asked of [topics.follow('a'), topics.unfollow('a'), topics.follows('a'), topics.topics()]) await expect(asked).rejects.toBeInstanceOf(InboxError);
    expect(sent()).toEqual([]);
  });
});

it('anything else is asked for with the token of the inbox', async () => {
  const inbox = server.open({ user: 'ann' });
  server.rule = ({ path }) => path === '/v1/jobs/7' ? json({ state: 'done' }) : undefined;
  expect(await inbox.request('/jobs/7', { method: 'POST', body: { a: 1 }, headers: { 'Idempotency-Key': 'k' } })).toEqual({ state: 'done' });
  const [{ headers, body }] = server.calls('/v1/jobs/7', 'POST') as [typeof server.seen[number]];
  expect([headers.get('Authorization'), headers.get('Idempotency-Key'), body]).toEqual(['Bearer secret', 'k', { a: 1 }]);
});
