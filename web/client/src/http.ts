import { InboxError } from './types.js';

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Ends the call, its body included. */
  signal?: AbortSignal;
  /** How long the whole call may take; for a stream: until its headers are here. */
  timeout: number;
}

type GetToken = (refused?: string) => string | null | undefined | Promise<string | null | undefined>;

/** Whose token it is, as far as that can be read: a token of somebody else must never be used for this inbox. */
export function whose(token: string): string | undefined {
  try {
    const { iss, tenant, sub } = JSON.parse(atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')));
    return sub === undefined ? undefined : JSON.stringify([iss, tenant, sub]);
  } catch {
    return undefined;
  }
}

async function errorOf(response: Response): Promise<InboxError> {
  const problem = await response.json().catch(() => undefined);
  const after = response.headers.get('Retry-After');
  const wait = after === null ? NaN : /^\d+$/.test(after) ? +after * 1000 : Date.parse(after) - Date.now();
  return new InboxError(problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`, response.status, problem, wait >= 0 ? wait : undefined);
}

/** Calls with a token; asks for another one when it is refused. */
export interface Http {
  /** @throws InboxError with status 401 when there is none, and with 0 when none could be got now. */
  token(refused?: string): Promise<string>;
  /** The body as JSON (undefined when there is none), and the headers. */
  json<T>(path: string, call: Call): Promise<{ data: T | undefined; headers: Headers }>;
  /** The answer as soon as its headers are here; the signal ends it later too. */
  open(path: string, call: Call): Promise<Response>;
}

export function openHttp(base: string, getToken: GetToken, fetch: typeof globalThis.fetch): Http {
  let known: string | undefined, asking: Promise<string> | undefined, who: string | undefined;

  const token = (refused?: string): Promise<string> =>
    known !== undefined && known !== refused ? Promise.resolve(known)
    // Calls that are refused together ask once.
    : asking ??= ask(refused).finally(() => { asking = undefined; });

  async function ask(refused?: string): Promise<string> {
    let got;
    try {
      got = await getToken(refused);
    } catch (failure) {
      throw new InboxError(`No token: ${failure}`, 0);
    }
    if (!got || got === refused) throw new InboxError('Signed out.', 401);
    const now = whose(got);
    if (known !== undefined && now !== who) throw new InboxError('The token is for somebody else.', 401);
    who = now;
    return known = got;
  }

  async function send<T>(path: string, { method = 'GET', body, headers, signal, timeout }: Call, use: (response: Response) => T | Promise<T>, isStream?: boolean): Promise<T> {
    const abort = new AbortController();
    const end = () => abort.abort();
    const timer = setTimeout(end, timeout);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end);
    try {
      for (let refused: string | undefined; ;) {
        const shown = await token(refused);
        const response = await fetch(base + path, {
          method,
          headers: { ...headers, Authorization: `Bearer ${shown}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
          body: body ? JSON.stringify(body) : null,
          signal: abort.signal,
          cache: 'no-store',
          // A mark goes out also when the page is just being closed.
          keepalive: method !== 'GET',
        });
        if (response.ok || response.status === 304) return await use(response);
        if (response.status !== 401 || refused !== undefined) throw await errorOf(response);
        refused = shown;
        response.body?.cancel().catch(() => {});
      }
    } catch (failure) {
      throw failure instanceof InboxError ? failure : new InboxError(abort.signal.aborted ? 'No answer in time.' : `No answer: ${failure}`, 0);
    } finally {
      clearTimeout(timer);
      if (!isStream) signal?.removeEventListener('abort', end);
    }
  }

  return {
    token,
    json: (path, call) => send(path, call, async response => {
      const text = await response.text();
      return { data: text ? JSON.parse(text) : undefined, headers: response.headers };
    }),
    open: (path, call) => send(path, call, response => response, true),
  };
}
