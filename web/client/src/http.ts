import { InboxError } from './types.js';

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Ends the call, its body included. */
  signal?: AbortSignal;
  /** How long the whole call may take; for a stream: until its headers are here. */
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
  const after = response.headers.get('Retry-After');
  const wait = after === null ? NaN : /^\d+$/.test(after) ? +after * 1000 : Date.parse(after) - Date.now();
  return new InboxError(problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`, response.status, problem, wait >= 0 ? wait : undefined);
}

/** Calls with a token; asks for another one when it is refused. */
export class Http {
  #token: string | undefined;
  #asking: Promise<string> | undefined;
  #who: string | undefined;

  constructor(readonly base: string, readonly getToken: GetToken, readonly fetch: typeof globalThis.fetch) {}

  /** @throws InboxError with status 401 when there is none, and with 0 when none could be got now. */
  token(refused?: string): Promise<string> {
    if (this.#token !== undefined && this.#token !== refused) return Promise.resolve(this.#token);
    // Calls that are refused together ask once.
    return this.#asking ??= this.#ask(refused).finally(() => { this.#asking = undefined; });
  }

  async #ask(refused?: string): Promise<string> {
    let token;
    try {
      token = await this.getToken(refused);
    } catch (failure) {
      throw new InboxError(`No token now: ${failure}`, 0);
    }
    if (!token || token === refused) throw new InboxError('Signed out.', 401);
    const who = whose(token);
    if (this.#who !== undefined && who !== this.#who) throw new InboxError('The token is for somebody else.', 401);
    this.#who = who;
    return this.#token = token;
  }

  /** The body as JSON (undefined when there is none), and the headers. */
  async json<T>(path: string, call: Call = {}): Promise<{ data: T | undefined; status: number; headers: Headers }> {
    return this.#send(path, call, async response => {
      const text = response.status === 304 ? '' : await response.text();
      return { data: text ? JSON.parse(text) as T : undefined, status: response.status, headers: response.headers };
    });
  }

  /** The answer as soon as its headers are here; the signal ends it later too. */
  open(path: string, call: Call): Promise<Response> {
    return this.#send(path, call, async response => response, true);
  }

  async #send<T>(path: string, { method = 'GET', body, headers = {}, signal, timeout = 20_000 }: Call, use: (response: Response) => Promise<T>, stream = false): Promise<T> {
    const abort = new AbortController();
    const end = () => abort.abort();
    const timer = setTimeout(end, timeout);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end);
    try {
      for (let refused: string | undefined; ;) {
        const token = await this.token(refused);
        const response = await this.fetch(this.base + path, {
          method,
          headers: { ...headers, Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
          body: body ? JSON.stringify(body) : null,
          signal: abort.signal,
          cache: 'no-store',
          // A mark goes out also when the page is just being closed.
          keepalive: method !== 'GET',
        });
        if (response.status === 401 && refused === undefined) {
          refused = token;
          response.body?.cancel().catch(() => {});
        } else if (!response.ok && response.status !== 304) throw await errorOf(response);
        else return await use(response);
      }
    } catch (failure) {
      throw failure instanceof InboxError ? failure : new InboxError(abort.signal.aborted ? 'No answer in time.' : `The server cannot be reached: ${failure}`, 0);
    } finally {
      clearTimeout(timer);
      if (!stream) signal?.removeEventListener('abort', end);
    }
  }
}
