import { rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { compile } from 'svelte/compiler';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Server, until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
/** A site of its own, that has nothing to do with the inbox's server. */
let body = '';
const site = createServer((_, response) => { response.setHeader('Content-Type', 'text/html').end(body); });
beforeAll(async () => {
  await new Promise<void>(done => site.listen(0, '127.0.0.1', done));
  process.env.Cors__Origins__0 = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  stage = await Stage.open(await Server.start()); // which allows that site
});
afterAll(async () => {
  delete process.env.Cors__Origins__0;
  site.close();
  await stage?.close();
});

const folder = fileURLToPath(new URL('../.frameworks/', import.meta.url));
beforeAll(() => { mkdirSync(folder, { recursive: true }); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const svelte = { name: 'svelte', transform: (code: string, id: string) => id.endsWith('.svelte') ? { code: compile(code, { filename: id, generate: 'client' }).js.code } : null };

/** Each shows a bell for the user in `state`, can change that, and counts `inbox-open`. */
const examples: Record<string, Record<string, string>> = {
  'React 19': {
    'main.js': `import { createElement, useState } from 'react'; import { createRoot } from 'react-dom/client'; import '@orleans-inbox/element';
      function App() {
        const [who, setWho] = useState(window.people[0]), [opened, setOpened] = useState(0);
        return createElement('div', null, createElement('button', { id: 'next', onClick: () => setWho(window.people[1]) }, 'next'),
          createElement('inbox-bell', { token: who.token, flat: true, getToken: () => who.token, 'title-badge': true, 'oninbox-open': event => { event.preventDefault(); setOpened(opened + 1); } }),
          createElement('output', null, opened));
      }
      createRoot(document.getElementById('app')).render(createElement(App));`,
  },
  Vue: {
    'main.js': `import { createApp, h, ref } from 'vue'; import '@orleans-inbox/element';
      createApp({ setup() {
        const who = ref(window.people[0]), opened = ref(0);
        return () => [h('button', { id: 'next', onClick: () => { who.value = window.people[1]; } }, 'next'),
          h('inbox-bell', { token: who.value.token, flat: true, titleBadge: true, onInboxOpen: event => { event.preventDefault(); opened.value++; } }), h('output', opened.value)];
      } }).mount('#app');`,
  },
  Svelte: {
    'App.svelte': `<script>let who = $state(window.people[0]); let opened = $state(0);</script>
      <button id="next" onclick={() => { who = window.people[1]; }}>next</button>
      <inbox-bell token={who.token} flat={true} title-badge={true} oninbox-open={event => { event.preventDefault(); opened++; }}></inbox-bell><output>{opened}</output>`,
    'main.js': `import { mount } from 'svelte'; import '@orleans-inbox/element'; import App from './App.svelte'; mount(App, { target: document.getElementById('app') });`,
  },
};

async function bundled(name: string, files: Record<string, string>): Promise<string> {
  const root = `${folder}${name.replace(' ', '-')}/`;
  mkdirSync(root, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(root + file, text);
  const [result] = [await build({
    root, configFile: false, logLevel: 'error', mode: 'production', plugins: [svelte], define: { 'process.env.NODE_ENV': '"production"' }, resolve: { conditions: ['browser', 'module', 'import', 'default'] },
    build: { write: false, target: 'es2022', rollupOptions: { input: `${root}main.js`, output: { format: 'es' } } },
  })].flat() as { output: { code?: string }[] }[];
  return result!.output[0]!.code!;
}

it.each(Object.keys(examples))('works in %s without a wrapper', async name => {
  const users = [`${name}-ann`, `${name}-bob`];
  for (const user of users) await stage.server.publish(user, { title: `for ${user}`, url: '/there', group: 'g' });
  await stage.server.publish(users[0]!, { title: 'second', group: 'g' });
  const people = await Promise.all(users.map(async user => ({ token: await stage.server.tokenFor(user) })));
  const device = await stage.device();
  const page = Object.assign(await device.newPage(), { errors: [] as string[] });
  page.on('pageerror', error => page.errors.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') page.errors.push(message.text()); });
  await page.route('**/example', route => route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Example</title><link rel="icon" href="data:,"><div id="app"></div><script>window.people = ${JSON.stringify(people)}</script><script type="module" src="/example.js"></script>` }));
  const code = await bundled(name, examples[name]!);
  await page.route('**/example.js', route => route.fulfill({ contentType: 'text/javascript', body: code }));
  await page.goto(`${stage.server.url}/example`);
  await until('the badge in the title', async () => await page.title() === '(2) Example');
  await page.locator('.bell').click();
  await until('the rows', async () => (await titles(page)).join() === `second,for ${users[0]}`); // flat: the switch arrived
  await page.getByRole('link', { name: `for ${users[0]}` }).click();
  await until('the event', async () => await page.locator('output').textContent() === '1');
  expect(new URL(page.url()).pathname).toBe('/example');
  await page.keyboard.press('Escape');
  await page.locator('#next').click();
  await until('the other person in the title', async () => await page.title() === '(1) Example');
  await page.locator('.bell').click();
  await until('the other rows', async () => (await titles(page)).join() === `for ${users[1]}`);
  expect(page.errors).toEqual([]);
  await device.close();
});

it('works on a page of another origin, by one script tag', async () => {
  await stage.server.publish('elsewhere', { title: 'over there' });
  const device = await stage.device();
  body = `<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,"><script type="module" src="${stage.server.url}/inbox.js"></script>
    <inbox-bell url="${stage.server.url}" token="${await stage.server.tokenFor('elsewhere')}"></inbox-bell>`;
  const page = Object.assign(await device.newPage(), { errors: [] as string[] });
  page.on('console', message => { if (message.type() === 'error') page.errors.push(message.text()); });
  await page.goto(process.env.Cors__Origins__0!);
  await page.locator('.bell').click();
  await until('the row', async () => (await titles(page)).join() === 'over there');
  await page.getByRole('button', { name: 'Mark read: over there' }).click();
  await until('the mark', async () => (await stage.server.list('elsewhere')).items[0].read);
  expect(page.errors).toEqual([]);
  await device.close();
});
