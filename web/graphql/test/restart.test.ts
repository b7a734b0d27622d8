import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { Gateway } from './gateway.js';
import { Inbox, until } from './server.js';

let inbox: Inbox;
let gateway: Gateway;
let authorization: string;

beforeAll(async () => {
  inbox = await Inbox.start();
  gateway = await Gateway.start(inbox.url);
  authorization = inbox.token('ann');
});
afterAll(async () => {
  await gateway?.stop();
  await inbox?.dispose();
});

/** As an application does: subscribes again from the last cursor when a subscription ends. */
class Resuming {
  readonly ids: string[] = [];
  readonly reads: string[] = [];
  ends = 0;
  private readonly client: Client;
  private over = false;

  constructor(private cursor: string) {
    this.client = createClient({ url: gateway.webSocketUrl, webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0 });
    this.follow('subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id } cursor } }', this.cursor, (value) => this.ids.push(value.notification.id));
    this.follow('subscription ($from: String) { notificationRead(resumeFrom: $from) { ids cursor } }', this.cursor, (value) => this.reads.push(...value.ids));
  }

  private follow(query: string, from: string, take: (value: any) => void): void {
    let last = from;
    const again = () => {
      this.ends++;
      if (!this.over) setTimeout(() => this.follow(query, last, take), 50);
    };
    this.client.subscribe({ query, variables: { from } }, {
      next: ({ data }) => {
        if (!data) return; // an error, which is followed by the end
        const value = Object.values(data)[0] as { cursor: string };
        last = value.cursor;
        take(value);
      },
      error: again,
      complete: again,
    });
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.client.dispose();
  }
}

async function begin(): Promise<Resuming> {
  const answer = await gateway.ask('{ inbox { cursor } }', { authorization });
  return new Resuming(answer.data.inbox.cursor);
}

const markRead = (id: string) => gateway.ask('mutation ($ids: [ID!]) { markRead(ids: $ids) { unreadCount } }', { authorization, variables: { ids: [id] } });

test.each(['SIGTERM', 'SIGKILL'] as const)('the server restarts (%s): a subscription stays, loses nothing and doubles nothing', async (signal) => {
  const client = await begin();
  const expected = [await inbox.publish('ann', 'before')];
  await until('the first', () => client.ids.length === 1);
  await inbox.stop(signal);
  await inbox.start();
  for (let i = 0; i < 20; i++) expected.push(await inbox.publish('ann', `after ${i}`));
  await until('all of them', () => client.ids.length >= expected.length, 20_000);
  await markRead(expected[0]!);
  await until('the mark', () => client.reads.includes(expected[0]!));
  expect(client.ids).toEqual(expected);
  expect(client.reads.filter((id) => id === expected[0])).toHaveLength(1);
  expect(client.ends).toBe(0);
  await client.stop();
});

test.each(['SIGTERM', 'SIGKILL'] as const)('the gateway restarts (%s): whoever resumes loses nothing and doubles nothing', async (signal) => {
  const client = await begin();
  const expected = [await inbox.publish('ann', 'before')];
  await until('the first', () => client.ids.length === 1);
  const code = await gateway.stop(signal);
  if (signal === 'SIGTERM') expect(code).toBe(0);
  for (let i = 0; i < 20; i++) expected.push(await inbox.publish('ann', `meanwhile ${i}`));
  await fetch(`${inbox.url}/v1/users/me/notifications/read`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ ids: [expected[0]] }) });
  await gateway.start();
  for (let i = 0; i < 5; i++) expected.push(await inbox.publish('ann', `after ${i}`));
  await until('all of them', () => client.ids.length >= expected.length, 20_000);
  await until('the mark', () => client.reads.includes(expected[0]!));
  expect(client.ids).toEqual(expected);
  expect(client.reads.filter((id) => id === expected[0])).toHaveLength(1);
  expect(client.ends).toBeGreaterThan(0);
  await client.stop();
});
