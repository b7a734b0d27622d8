import type { Counts, Item, LiveEvent, MarkAction, Marked, MarkTarget, Page, Preferences, Published, StoredPreferences, WaitingPage } from './contract.js';
import { conflictingId, fromResponse, problem, unavailable } from './errors.js';
import { isId } from './cursor.js';
import { parseJson, stringifyJson } from './exactJson.js';
import { readSse } from './sse.js';

/** Client of the inbox's HTTP API; what is about many recipients is in many.ts. Uses the caller's credentials; the gateway has none of its own. */
export class Upstream {
  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    private readonly silenceMs: number,
  ) {}

  async counts(authorization: string): Promise<Counts> {
    return (await this.json(authorization, 'GET', '/v1/users/me/counts')) as Counts;
  }

  async list(authorization: string, query: Query): Promise<Page> {
    return (await this.json(authorization, 'GET', `/v1/users/me/notifications?${parameters(query)}`)) as Page;
  }

  async notification(authorization: string, id: string): Promise<Item> {
    return (await this.json(authorization, 'GET', notificationPath(id))) as Item;
  }

  async mark(authorization: string, action: MarkAction, target: MarkTarget): Promise<Marked> {
    return (await this.json(authorization, 'POST', `/v1/users/me/notifications/${action}`, given(target))) as Marked;
  }

  async undo(authorization: string, token: string): Promise<Counts> {
    return (await this.json(authorization, 'POST', '/v1/users/me/notifications/undo', { undo: token })) as Counts;
  }

  /** @throws CONFLICT when another action was chosen before */
  async act(authorization: string, id: string, action: string): Promise<Item> {
    return (await this.json(authorization, 'POST', `${notificationPath(id)}/actions/${segment('action', action)}`)) as Item;
  }

  async snooze(authorization: string, ids: readonly string[], until: string): Promise<Counts> {
    return (await this.json(authorization, 'POST', '/v1/users/me/notifications/snooze', { ids, until })) as Counts;
  }

  async unsnooze(authorization: string, ids: readonly string[]): Promise<Counts> {
    return (await this.json(authorization, 'POST', '/v1/users/me/unsnooze', { ids })) as Counts;
  }

  async snoozed(authorization: string, query: Query): Promise<WaitingPage> {
    return (await this.json(authorization, 'GET', `/v1/users/me/snoozed?${parameters(query)}`)) as WaitingPage;
  }

  async scheduled(authorization: string, user: string, query: Query): Promise<WaitingPage> {
    return (await this.json(authorization, 'GET', `/v1/users/${segment('user', user)}/scheduled?${parameters(query)}`)) as WaitingPage;
  }

  /** @returns null when it never comes, and the notification's id when it has come */
  async cancel(authorization: string, user: string, scheduled: string): Promise<string | null> {
    try {
      await this.request(authorization, 'DELETE', `/v1/users/${segment('user', user)}/scheduled/${segment('scheduled', scheduled)}`);
      return null;
    } catch (failure) {
      const id = conflictingId(failure);
      if (id === undefined) throw failure;
      return id;
    }
  }

  async preferences(authorization: string, user: string): Promise<StoredPreferences> {
    return this.storedPreferences(await this.request(authorization, 'GET', `/v1/users/${segment('user', user)}/preferences`));
  }

  /** @throws PRECONDITION_FAILED when `ifMatch` is not the ETag of what is stored */
  async savePreferences(authorization: string, user: string, preferences: Preferences, ifMatch: string | null | undefined): Promise<StoredPreferences> {
    const headers = optionalHeader('If-Match', 'ifMatch', ifMatch);
    return this.storedPreferences(await this.request(authorization, 'PUT', `/v1/users/${segment('user', user)}/preferences`, preferences, headers));
  }

  async remove(authorization: string, id: string): Promise<void> {
    await this.request(authorization, 'DELETE', notificationPath(id));
  }

  async retract(authorization: string, user: string, key: string): Promise<void> {
    await this.request(authorization, 'DELETE', `/v1/users/${segment('user', user)}/keys/${segment('key', key)}`);
  }

  async publish(authorization: string, user: string, input: object, idempotencyKey: string | null | undefined): Promise<Published> {
    const headers = optionalHeader('Idempotency-Key', 'idempotencyKey', idempotencyKey);
    const response = await this.request(authorization, 'POST', `/v1/users/${segment('user', user)}/notifications`, given(input), headers);
    const { id = null, createdAt = null, scheduled = null, muted = null } = (await this.body(response)) as Partial<Published>;
    return { id, createdAt, scheduled, muted, replayed: wasReplayed(response) };
  }

  /**
   * The live stream, after `after` when given. Ends when the server ends it; throws when it breaks, is silent for too long, or is refused.
   * It is read at the consumer's pace (backpressure); the server closes a stream that is read too slowly.
   */
  async *stream(authorization: string, after: string | null, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    const abort = new AbortController();
    const onAbort = () => abort.abort();
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) abort.abort();
    let silence = setTimeout(onAbort, this.timeoutMs);
    try {
      const headers: Record<string, string> = { authorization, accept: 'text/event-stream' };
      if (after !== null) headers['last-event-id'] = after;
      const response = await fetch(`${this.url}/v1/users/me/stream`, { headers, redirect: 'error', signal: abort.signal });
      if (response.status !== 200 || !response.body) throw await fromResponse(response);
      clearTimeout(silence);
      silence = setTimeout(onAbort, this.silenceMs);
      for await (const message of readSse(response.body)) {
        clearTimeout(silence); // time that the consumer takes is not the server's silence
        if (message.retry !== null) yield { kind: 'retry', milliseconds: message.retry };
        const event = message.event === null ? null : toLiveEvent(message.event, message.id, message.data);
        if (event) yield event;
        silence = setTimeout(onAbort, this.silenceMs);
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      abort.abort();
    }
  }

  private async storedPreferences(response: Response): Promise<StoredPreferences> {
    return { stored: (await this.body(response)) as Preferences, etag: response.headers.get('etag') ?? '' };
  }

  async json(authorization: string, method: string, path: string, body?: object): Promise<unknown> {
    return this.body(await this.request(authorization, method, path, body));
  }

  async request(authorization: string, method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.url + path, {
        method,
        headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        body: body ? stringifyJson(body) : null,
        redirect: 'error',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
    } catch {
      // Not reached, or timed out. The failure is not passed on, as it may contain internal addresses.
      throw unavailable(method === 'GET' ? undefined : 'The inbox did not answer. Whether the change was stored is not known; trying again is safe, for a publish with the same idempotencyKey.');
    }
    if (!response.ok) throw await fromResponse(response);
    return response;
  }

  async body(response: Response): Promise<unknown> {
    try {
      return parseJson(await response.text());
    } catch {
      throw unavailable();
    }
  }
}

export type Query = Record<string, string | number | null | undefined>;

export const parameters = (query: Query): URLSearchParams => new URLSearchParams(Object.entries(given(query)).map(([name, value]) => [name, String(value)]));

/** Only an id may become a path segment: `..` would address the inbox itself, and DELETE would erase it. */
function notificationPath(id: string): string {
  if (!isId(id)) throw problem('NOT_FOUND', 'There is nothing here.');
  return `/v1/users/me/notifications/${id}`;
}

export function segment(argument: string, text: string): string {
  // URL parsing removes `.` and `..`, also percent-encoded; a lone surrogate cannot be encoded.
  if (text === '' || text === '.' || text === '..' || /\p{Surrogate}/u.test(text)) throw problem('BAD_USER_INPUT', 'The request is not valid.', { errors: { [argument]: ['Cannot be part of a URL.'] } });
  return encodeURIComponent(text);
}

export function optionalHeader(name: string, argument: string, text: string | null | undefined): Record<string, string> {
  if (text === null || text === undefined) return {};
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(text)) throw problem('BAD_USER_INPUT', 'The request is not valid.', { errors: { [argument]: ['Must be 1 to 255 printable ASCII characters.'] } });
  return { [name]: text };
}

export const wasReplayed = (response: Response): boolean => response.headers.get('idempotent-replayed') === 'true';

/** In GraphQL a null argument means the same as none; the API refuses null. */
export function given(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== undefined));
}

function toLiveEvent(event: string, id: string | null, data: string): LiveEvent | null {
  const payload = parseJson(data) as Record<string, never>;
  switch (event) {
    case 'ready': return { kind: 'ready', head: id ?? '0-0', counts: payload['counts']!, resumed: payload['resumed']! };
    case 'added': return { kind: 'added', item: payload['item']!, replaces: payload['replaces'] ?? null, silent: payload['silent'] ?? false, counts: payload['counts']! };
    case 'marked': return { kind: 'marked', action: payload['action']!, ids: payload['ids'] ?? [], upTo: payload['upTo'] ?? null, counts: payload['counts']! };
    case 'removed': return { kind: 'removed', ids: payload['ids']!, counts: payload['counts']! };
    case 'acted': return { kind: 'acted', id: payload['id']!, acted: payload['acted']!, counts: payload['counts']! };
    case 'reset': return { kind: 'reset' };
    default: return null; // an event that this version does not know
  }
}
