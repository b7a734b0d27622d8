import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gateway } from './gateway.js';
import { freePort, Inbox, Owned, until } from './server.js';

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync);
const added = 'subscription ($from: String) { notificationAdded(resumeFrom: $from) { notification { id title } } }';

const inbox = Inbox.shared();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterAll(() => gateway?.stop());

async function open(url: string, user: string, variables: object = {}) {
  const hangUp = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: inbox.token(user), 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: added, variables }),
    signal: hangUp.signal,
  });
  const stream = { response, text: '', over: false, hangUp: () => hangUp.abort() };
  void (async () => {
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) stream.text += chunk;
    } catch { /* hung up */ }
    stream.over = true;
  })();
  return stream;
}

/** nginx with its defaults and nothing but `proxy_pass`. */
async function startNginx() {
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'inbox-nginx-')), await freePort()];
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; pid ${folder}/pid; error_log stderr; events {}
http { access_log off; ${temp} server { listen 127.0.0.1:${port}; location / { proxy_pass ${new URL(gateway.url).origin}; } } }`);
  const owned = new Owned(spawn(nginx!, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'pipe', 'pipe'] }));
  const url = `http://127.0.0.1:${port}/graphql`;
  await until('nginx to listen', async () => {
    if (owned.isOver) throw new Error(`nginx ended: ${owned.output}`);
    return (await fetch(url).catch(() => null)) !== null;
  });
  return { url, async stop() { await owned.end(); rmSync(folder, { recursive: true, force: true }); } };
}

test('an event stream is not cached or buffered on its way, and its first bytes come at once', async () => {
  const stream = await open(gateway.url, 'ann');
  expect(stream.response.status).toBe(200);
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
  await until('the first bytes', () => stream.text === ':\n\n');
  stream.hangUp();
});

test.skipIf(!nginx)('a notification arrives at once through nginx', async () => {
  const proxy = await startNginx();
  try {
    const stream = await open(proxy.url, 'bob', { from: '0-0' });
    await until('the first bytes', () => stream.text === ':\n\n', 5_000); // before the first heartbeat
    const id = await inbox.publish('bob', 'one');
    await until('the notification', () => stream.text.includes(id), 5_000);
    stream.hangUp();
  } finally {
    await proxy.stop();
  }
});

test('a gateway that stops ends its event streams at once, without `complete`', async () => {
  const stopping = await Gateway.start(inbox.url);
  const stream = await open(stopping.url, 'carl', { from: '0-0' });
  const id = await inbox.publish('carl', 'one');
  await until('the notification', () => stream.text.includes(id));
  const begun = performance.now();
  expect(await stopping.stop()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(4_000); // requests have 5 s
  await until('the end', () => stream.over);
  expect(stream.text).toMatch(/: UNAVAILABLE\n\n$/);
  expect(stream.text).not.toContain('event: complete');
});
