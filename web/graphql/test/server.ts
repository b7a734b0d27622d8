import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const name = process.platform === 'win32' ? 'OrleansInbox.ClientApi.exe' : 'OrleansInbox.ClientApi';
const candidates = ['release', 'debug'].map((build) => join(root, 'artifacts/bin/OrleansInbox.ClientApi', build, name));

function serverPath(): string {
  const path = process.env['INBOX_SERVER'] ?? candidates.find(existsSync);
  if (path && existsSync(path)) return path;
  throw new Error(`The tests need the real server: build it with "dotnet build client-api -c Release", or say where it is by INBOX_SERVER${path ? ` (${path} is not there)` : ''}.`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A child process of the test, ended by its id and waited for. */
export class Owned {
  private readonly exited: Promise<unknown>;
  output = '';

  constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdout?.on('data', (text: Buffer) => (this.output += text));
    child.stderr?.on('data', (text: Buffer) => (this.output += text));
  }

  get isOver(): boolean { return this.child.exitCode !== null || this.child.signalCode !== null; }
  get exitCode(): number | null { return this.child.exitCode; }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.isOver) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.exited;
    clearTimeout(timer);
  }
}

/** Polls until the result is truthy; the time-out says what it waited for. */
export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 15_000): Promise<NonNullable<T> & (T extends false ? never : unknown)> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as never;
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Where a server is, for other processes. */
export interface Place { readonly port: number; readonly data: string }

/** The real server, and a tenant of its own in it. Port and folder stay when it is restarted. */
export class Inbox {
  private readonly tenant = randomUUID();
  private process: Owned | null = null;
  private constructor(readonly place: Place) {}

  get data(): string { return this.place.data; }
  get url(): string { return `http://127.0.0.1:${this.place.port}`; }

  static async start(): Promise<Inbox> {
    const inbox = new Inbox({ port: await freePort(), data: mkdtempSync(join(tmpdir(), 'inbox-graphql-')) });
    await inbox.start();
    return inbox;
  }

  /** A tenant of the server that all test files share. */
  static shared(): Inbox { return new Inbox(inject('server')); }

  async start(): Promise<void> {
    const child = spawn(serverPath(), ['--urls', this.url, '--Inbox:DataPath', this.data], { cwd: join(root, 'client-api'), env: { ...process.env, ASPNETCORE_ENVIRONMENT: 'Development', DOTNET_TieredPGO: '0', DOTNET_TC_CallCountingDelayMs: '10000', Cluster__Dashboard: 'false' } });
    const owned = (this.process = new Owned(child));
    await until('the server to be ready', async () => {
      if (owned.isOver) throw new Error(`The server ended: ${owned.output.slice(-2000)}`);
      return (await fetch(`${this.url}/health/ready`).catch(() => null))?.ok;
    }, 60_000);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.process?.end(signal);
  }

  /** Ends it, if it was started here. */
  async dispose(): Promise<void> {
    if (!this.process) return;
    await this.stop('SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
  }

  /** @param who a user's id, or null for a publisher */
  token(who: string | null): string {
    return who === null ? this.tokenFor(undefined, 3600, { scope: 'notifications:publish' }) : this.tokenFor(who, 3600);
  }

  /** A token signed with the development key, with the lifetime that a test needs. The inbox accepts it for 10 s longer. */
  tokenFor(sub: string | undefined, lifeSeconds: number, claims: object = {}): string {
    const key = Buffer.from(readFileSync(join(this.data, 'development-signing-key'), 'utf8').trim(), 'base64');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, tenant: this.tenant, exp: Math.floor(Date.now() / 1000) + lifeSeconds, ...claims })}`;
    return `Bearer ${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  }

  async publish(user: string, title: string, more: object = {}): Promise<string> {
    return (await this.post(user, { title, ...more })).id;
  }

  /** @returns the name of what is scheduled */
  async schedule(user: string, deliverAt: string): Promise<string> {
    return (await this.post(user, { title: 'later', deliverAt })).scheduled;
  }

  private async post(user: string, notification: object): Promise<{ id: string; scheduled: string }> {
    const authorization = this.token(null);
    const response = await fetch(`${this.url}/v1/users/${user}/notifications`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ type: 'test', ...notification }) });
    if (!response.ok) throw new Error(`publish: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string; scheduled: string };
  }
}
