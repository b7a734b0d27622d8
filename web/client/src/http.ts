import { InboxError } from './types.js';

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Ends the call, its body included; the time-out uses it too. */
  abort?: AbortController;
  /** How long the whole call may take, when not as long as others; for a stream: until its headers are here. */
  timeout?: number;
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
  const after = response.headers.get('Retry-After')!;
  // Seconds or a date (RFC 9110, 10.2.3).
  const wait = +after * 1000 || Date.parse(after) - Date.now();
  return new InboxError(problem?.detail ?? `HTTP ${response.status}`, response.status, problem, wait > 0 ? wait : undefined);
}

/** Calls with a token; asks for another one when it is refused. */
export interface Http {
  /** @throws InboxError with status 401 when there is none, and what `getToken` throws. */
  _token(refused?: string): Promise<string>;
  /** The body as JSON (undefined when there is none), and the headers. */
  _json<T>(path: string, call?: Call): Promise<{ data: T | undefined; headers: Headers }>;
  /** The answer as soon as its headers are here; `abort` ends it later too. */
  _open(path: string, call: Call): Promise<Response>;
}

/** @param signedOut called when no token is taken, or none that may see this inbox
 * @param usual how long a call may take */
export function openHttp(base: string, getToken: GetToken, fetch: typeof globalThis.fetch, signedOut: (error: InboxError) => void, usual: number): Http {
  let known: string | undefined, asking: Promise<string> | undefined;
  /** Characters of the requests that are to outlive the page: browsers take 64 KiB at a time, and refuse what is more. */
  let kept = 0;

  async function token(refused?: string): Promise<string> {
    // Calls that are refused together ask once.
    return known && known !== refused ? known : asking ??= ask(refused).finally(() => { asking = undefined; });
  }

  async function ask(refused?: string): Promise<string> {
    const got = await getToken(refused);
    // Nothing, nothing new, or for somebody else.
    if (!got || got === refused || (known && whose(got) !== whose(known))) throw new InboxError('Signed out.', 401);
    return known = got;
  }

  async function send<T>(path: string, { method = 'GET', body, headers, abort = new AbortController(), timeout = usual }: Call, use: (response: Response) => T | Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const text = JSON.stringify(body), size = text?.length ?? 0, keepalive = method !== 'GET' && kept + size < 60_000;
    if (keepalive) kept += size;
    try {
      for (let refused: string | undefined; ;) {
        const shown = await token(refused);
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), timeout);
        const response = await fetch(base + path, {
          method,
          headers: { ...headers, Authorization: `Bearer ${shown}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
          body: text,
          signal: abort.signal,
          cache: 'no-store',
          // A mark goes out also when the page is just being closed.
          keepalive,
        });
        if (response.ok || response.status === 304) return await use(response);
        if (response.status !== 401 || refused !== undefined) throw await errorOf(response);
        refused = shown;
        await response.text();
      }
    } catch (failure) {
      const error = failure instanceof InboxError ? failure : new InboxError(abort.signal.aborted ? 'No answer.' : `No answer: ${failure}`, 0);
      if (error.status === 401 || (error.status === 403 && method === 'GET')) signedOut(error);
      throw error;
    } finally {
      if (keepalive) kept -= size;
      clearTimeout(timer);
    }
  }

  return {
    _token: token,
    _json: (path, call = {}) => send(path, call, async response => {
      const text = await response.text();
      return { data: text ? JSON.parse(text) : undefined, headers: response.headers };
    }),
    _open: (path, call) => send(path, call, response => response),
  };
}
