import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? '.', '../../../..');

function binary(): string {
  const places = process.env.INBOX_SERVER ? [process.env.INBOX_SERVER]
    : ['release', 'debug'].map(kind => join(root, 'artifacts/bin/OrleansInbox.ClientApi', kind, 'OrleansInbox.ClientApi'));
  const found = places.find(existsSync);
  if (!found) throw new Error(`There is no server to test against. Build it (dotnet build client-api -c Release) or set INBOX_SERVER; looked for ${places.join(', ')}.`);
  return found;
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().on('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

/** Asks until it is so; says what it waited for when it never is. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, milliseconds = 15_000): Promise<void> {
  for (const end = Date.now() + milliseconds; ;) {
    if (await isSo()) return;
    if (Date.now() > end) throw new Error(`Waited ${milliseconds} ms for: ${what}.`);
    await new Promise(done => setTimeout(done, 20));
  }
}

/** Where a server is, for other processes. */
export interface Place { readonly port: number; readonly data: string; readonly keeps: number }

/** The real thing on SQLite, with credentials of its own, at a port that stays when it is restarted. */
export class Server {
  readonly #data: string;
  #process: ChildProcess | undefined;
  #output = '';
  #publisher = '';

  private constructor(readonly place: Place) { this.#data = place.data; }

  /** @param keeps the most notifications of an inbox; few, so that tests see retention at work */
  static async start(keeps = 40): Promise<Server> {
    const server = new Server({ port: await freePort(), data: mkdtempSync(join(tmpdir(), 'inbox-server-')), keeps });
    await server.start();
    server.#publisher = await server.publisherToken();
    return server;
  }

  /** One that somebody else has started, and will end. */
  static async at(place: Place): Promise<Server> {
    const server = new Server(place);
    server.#publisher = await server.publisherToken();
    return server;
  }

  get port(): number { return this.place.port; }

  get url(): string { return `http://127.0.0.1:${this.port}`; }

  async start(): Promise<void> {
    // It ends before code that is compiled a second time would pay.
    const running = this.#process = spawn(binary(), ['--urls', this.url, `--Inbox:DataPath=${this.#data}`, '--Live:Heartbeat=00:00:01', `--Inbox:Retention:MaxCount=${this.place.keeps}`], {
      env: { ...process.env, ASPNETCORE_ENVIRONMENT: 'Development', DOTNET_gcServer: '0', DOTNET_TieredPGO: '0', DOTNET_TC_CallCountingDelayMs: '10000', Cluster__Dashboard: 'false' }, cwd: this.#data,
    });
    for (const stream of [running.stdout, running.stderr]) stream?.on('data', chunk => { this.#output = (this.#output + chunk).slice(-4000); });
    await until('the server to be ready', async () => {
      if (running.exitCode !== null) throw new Error(`The server ended with ${running.exitCode}:\n${this.#output}`);
      return (await fetch(`${this.url}/health/ready`).catch(() => undefined))?.ok ?? false;
    }, 30_000);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise(done => running.once('exit', done));
    running.kill(signal);
    await gone;
  }

  /** Ends it, if it was started here. */
  async dispose(): Promise<void> {
    if (!this.#process) return;
    await this.stop('SIGKILL');
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #token(query: string): Promise<string> {
    const key = readFileSync(join(this.#data, 'development-api-key'), 'utf8').trim();
    const response = await fetch(`${this.url}/dev/token?${query}`, { method: 'POST', headers: { Authorization: `ApiKey ${key}` } });
    if (!response.ok) throw new Error(`/dev/token answered ${response.status}.`);
    return (await response.json() as { token: string }).token;
  }

  tokenFor(user: string): Promise<string> { return this.#token(`user=${encodeURIComponent(user)}`); }

  /** A token that may publish. */
  publisherToken(): Promise<string> { return this.#token('publisher=true'); }

  /** As a publisher; undefined when the server is away. */
  call(method: string, path: string, body?: unknown): Promise<any> { return this.#call(method, `users/${path}`, body); }

  /** Likewise, of a topic. */
  topic(method: string, path: string, body?: unknown): Promise<any> { return this.#call(method, `topics/${path}`, body); }

  async #call(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.url}/v1/${path}`, {
      method, headers: { Authorization: `Bearer ${this.#publisher}`, 'Content-Type': 'application/json' }, body: body ? JSON.stringify(body) : null,
    }).catch(() => undefined);
    if (!response) return undefined;
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? {} : response.json();
  }

  publish(user: string, more: object = {}): Promise<{ id: string } | undefined> {
    return this.call('POST', `${encodeURIComponent(user)}/notifications`, { type: 'test', title: 'A test', ...more });
  }

  /** The whole list. */
  async list(user: string, status = 'inbox'): Promise<{ items: any[]; counts: any }> {
    const items: any[] = [];
    let counts, next: string | null = null;
    do {
      const page: any = await this.call('GET', `${encodeURIComponent(user)}/notifications?limit=100&status=${status}${next ? `&before=${next}` : ''}`);
      if (!page) throw new Error('The server is away.');
      items.push(...page.items);
      ({ next, counts } = page);
    } while (next);
    return { items, counts };
  }
}
