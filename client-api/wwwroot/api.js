// Calls to the contract's endpoints, as any client makes them. Tokens come from the development endpoint.

/** An answer that is not a success; the message is the problem's detail. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The development API key. `./start` prints the page's address with it, after the `#`: no server, proxy or log sees that. */
const key = takeKey();

function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given) {
    sessionStorage.setItem('key', given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem('key');
}

export const hasKey = !!key;
addEventListener('hashchange', () => location.reload()); // the printed address, opened in the tab that shows the page already

async function devToken(query) {
  const response = await fetch(`dev/token?${new URLSearchParams(query)}`, { method: 'POST', headers: { Authorization: `ApiKey ${key}` } });
  if (!response.ok) throw await errorOf(response);
  return (await response.json()).token;
}

async function errorOf(response) {
  const problem = await response.json().catch(() => ({}));
  const reasons = Object.entries(problem.errors ?? {}).map(([field, why]) => `${field}: ${[why].flat().join(' ')}`);
  return new ApiError(response.status, reasons.join('; ') || problem.detail || problem.title || `The server answered ${response.status}.`);
}

/** Whoever calls: a user (`{ user: 'ann' }`) or the publisher of this page (`{ publisher: 'true' }`). */
export class Caller {
  #who;
  #token;

  constructor(who) {
    this.#who = who;
  }

  async token(fresh = false) {
    if (fresh) this.#token = undefined;
    this.#token ??= devToken(this.#who).catch(error => { this.#token = undefined; throw error; });
    return this.#token;
  }

  async call(method, path, body, headers = {}) {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(path, {
        method,
        headers: { ...headers, Authorization: `Bearer ${await this.token(attempt > 1)}`, ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
      });
      if (response.status === 401 && attempt === 1) continue; // the token ran out
      if (!response.ok) throw await errorOf(response);
      return response.status === 204 ? undefined : response.json();
    }
  }
}

export const inboxPath = user => `v1/users/${encodeURIComponent(user)}`;

/** For a human to read; also where crypto.randomUUID is kept from pages without TLS. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
