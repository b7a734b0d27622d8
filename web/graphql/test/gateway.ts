import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { freePort, Owned, until } from './server.js';

const main = join(import.meta.dirname, '../dist/main.js');

export interface Answer { data?: any; errors?: { message: string; extensions?: Record<string, any> }[] }

/** The gateway as a process, with a port that a restart keeps. */
export class Gateway {
  private process: Owned | null = null;
  private constructor(readonly port: number, private readonly env: Record<string, string>) {}

  get url(): string { return `http://127.0.0.1:${this.port}/graphql`; }
  get webSocketUrl(): string { return `ws://127.0.0.1:${this.port}/graphql`; }
  get output(): string { return this.process?.output ?? ''; }

  static async start(inboxUrl: string, env: Record<string, string> = {}): Promise<Gateway> {
    const gateway = new Gateway(await freePort(), { INBOX_URL: inboxUrl, ...env });
    await gateway.start();
    return gateway;
  }

  async start(): Promise<void> {
    if (!existsSync(main)) throw new Error('The gateway is not built: npm run build --workspace graphql');
    const owned = (this.process = new Owned(spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...this.env, PORT: String(this.port) } })));
    await until('the gateway to listen', () => {
      if (owned.isOver) throw new Error(`The gateway ended: ${owned.output}`);
      return owned.output.includes('GraphQL on');
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    await this.process?.end(signal);
    return this.process?.exitCode ?? null;
  }

  async ask(query: string, { authorization, variables }: { authorization?: string; variables?: object } = {}): Promise<Answer> {
    const response = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) }, body: JSON.stringify({ query, variables }) });
    return (await response.json()) as Answer;
  }

  client(authorization: string, more: Partial<Parameters<typeof createClient>[0]> = {}): Client {
    return createClient({ url: this.webSocketUrl, webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0, ...more });
  }
}

/** Collects the results of a subscription; `over` when it ended, `failure` when with an error or a close event. */
export class Heard {
  readonly values: any[] = [];
  readonly errors: any[] = [];
  failure: any = null;
  over = false;
  stop: () => void = () => undefined;

  static on(client: Client, query: string, variables: Record<string, unknown> = {}): Heard {
    const heard = new Heard();
    heard.stop = client.subscribe({ query, variables }, {
      next: (result) => {
        if (result.errors) heard.errors.push(...result.errors);
        else heard.values.push(Object.values(result.data as object)[0]);
      },
      error: (failure) => { heard.failure = failure; heard.over = true; },
      complete: () => { heard.over = true; },
    });
    return heard;
  }

  async count(n: number): Promise<any[]> {
    try {
      await until(`${n} events`, () => this.values.length >= n);
    } catch (failure) {
      throw new Error(`${failure instanceof Error ? failure.message : failure} Heard: ${JSON.stringify([this.values, this.errors, this.failure])}`);
    }
    return this.values;
  }
}
