import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Preferences } from '../src/preferences.js';
import { InboxError, type Inbox } from '../src/types.js';
import { closeAll, json, Scripted, settle } from './scripted.js';

const empty: Preferences = { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: {} };
const wished: Preferences = { mute: { types: ['comment.*'], groups: ['post:7'], topics: [] }, quiet: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' }, channels: { email: { off: ['upvote'] } } };

let server: Scripted;
let inbox: Inbox;
let stored: Preferences, version: number;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Scripted();
  [stored, version] = [empty, 0];
  server.rule = ({ path, method, headers, body }) => {
    if (path !== '/preferences') return undefined;
    if (method === 'PUT') {
      const match = headers.get('If-Match');
      if (match !== null && match !== `"${version}"`) return json({ detail: 'It was changed meanwhile.' }, 412);
      if (body.quiet?.zone === 'Mars') return json({ detail: 'Invalid.', errors: { 'quiet.zone': ['No such zone.'] } }, 400);
      [stored, version] = [body, version + 1];
    }
    return json(stored, 200, { ETag: `"${version}"` });
  };
  inbox = server.open();
  await settle();
});
afterEach(() => {
  closeAll();
  vi.useRealTimers();
});

const sent = () => server.calls('/preferences', 'PUT').map(({ headers, body }) => [headers.get('If-Match'), body]);

describe('preferences', () => {
  it('that were never set are empty; what is saved is answered with the next ETag', async () => {
    const { value, etag } = await inbox.preferences();
    expect([value, etag]).toEqual([empty, '"0"']);
    expect(await inbox.savePreferences(wished, etag)).toEqual({ value: wished, etag: '"1"' });
    expect(await inbox.preferences()).toEqual({ value: wished, etag: '"1"' });
    expect(sent()).toEqual([['"0"', wished]]);
  });

  it('that were saved elsewhere meanwhile are not overwritten, unless no ETag is given', async () => {
    const { etag } = await inbox.preferences();
    await inbox.savePreferences(wished, etag);
    const refused = await inbox.savePreferences(empty, etag).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InboxError);
    expect(refused).toMatchObject({ status: 412, message: 'It was changed meanwhile.' });
    expect(stored).toEqual(wished);
    expect(await inbox.savePreferences(empty)).toEqual({ value: empty, etag: '"2"' });
    expect(sent().at(-1)).toEqual([null, empty]);
  });

  it('that are wrong are refused by field', async () => {
    const wrong = { ...wished, quiet: { ...wished.quiet!, zone: 'Mars' } };
    await expect(inbox.savePreferences(wrong, '"0"')).rejects.toMatchObject({ status: 400, errors: { 'quiet.zone': ['No such zone.'] } });
  });

  it('are asked for with a new token when one was refused, and reject when there is no answer', async () => {
    const { rule } = server;
    server.rule = call => call.headers.get('Authorization') === 'Bearer old' ? json({}, 401) : rule(call);
    const other = server.open({ getToken: refused => refused ? 'new' : 'old' });
    expect((await other.preferences()).value).toEqual(empty);
    server.rule = ({ path }) => path === '/preferences' ? 'unreachable' : undefined;
    await expect(inbox.preferences()).rejects.toMatchObject({ status: 0 });
    await expect(inbox.savePreferences(wished)).rejects.toMatchObject({ status: 0 });
    expect(inbox.getSnapshot().status).toBe('live');
  });

  it('of a closed inbox are neither read nor written', async () => {
    inbox.close();
    await expect(inbox.preferences()).rejects.toBeInstanceOf(InboxError);
    await expect(inbox.savePreferences(wished)).rejects.toBeInstanceOf(InboxError);
    expect(server.calls('/preferences')).toEqual([]);
  });
});
