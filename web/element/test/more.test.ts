import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { build as bundled } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
/** What both files are named for. */
let build: string;
beforeAll(async () => {
  stage = await Stage.open();
  build = /as (open[0-9a-f]{6})}/.exec(stage.scripts['inbox-more.js']!)![1]!;
});
afterAll(() => stage?.close());

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const toast = (page: Page, words: string) => until(`"${words}"`, async () => await page.locator('.toast').isVisible() && await page.locator('.toast span').textContent() === words);
/** The scripts that were asked for, as paths with their queries. */
function scripts(device: BrowserContext): string[] {
  const all: string[] = [];
  device.on('request', request => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith('.js')) all.push(pathname + search.replace(build, 'build'));
  });
  return all;
}

describe('the second file', () => {
  it('is not asked for until a menu is opened, and then once, with the query of the first', async () => {
    await publish('more', { title: 'b', group: 'g' }, { title: 'a', group: 'g' }, { title: 'c', body: 'text', actions: [{ id: 'x', label: 'X' }] });
    const device = await stage.device(), asked = scripts(device);
    const page = await stage.bell(device, 'more', 'undo-time="600000" desktop sound title-badge', { script: '/inbox.js?v=7' });
    await page.locator('.bell').click();
    await shows(page, ['c', 'a']);
    await button(page, 'X: c').click();
    await button(page, 'Mark unread: c').click();
    await button(page, '1 more').click();
    await button(page, 'Search').click();
    await page.keyboard.press('Escape');
    await button(page, 'Mark all read').click();
    await toast(page, 'All read');
    expect(asked).toEqual(['/inbox.js?v=7']);
    await button(page, 'Snooze: c').click();
    await page.getByRole('dialog', { name: 'Snooze: c' }).waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Snooze: a').click();
    await page.getByRole('dialog', { name: 'Snooze: a' }).waitFor();
    expect(asked).toEqual(['/inbox.js?v=7', '/inbox-more.js?build.0&v=7']);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('that cannot be had is said, the list goes on, and it is fetched when it is wanted again', async () => {
    await publish('more-away', { title: 'b' }, { title: 'a' });
    const device = await stage.device(), asked = scripts(device);
    const page = await stage.list(device, 'more-away', 'undo-time="600000"');
    // Away at first; then of another build, as a cache may have it.
    let attempt = 0;
    await page.route('**/inbox-more.js**', route => attempt++ ? route.fulfill({ contentType: 'text/javascript', body: stage.scripts['inbox-more.js']!.replace(build, 'openabcdef') }) : route.abort());
    for (let again = 0; again < 2; again++) {
      await button(page, 'Snooze: a').click();
      await toast(page, 'This could not be loaded');
      await button(page, 'Mark read: b').click();
      await button(page, 'Mark unread: b').click();
      await shows(page, ['a', 'b']);
    }
    await publish('more-away', { title: 'c' });
    await shows(page, ['c', 'a', 'b']);
    await page.unroute('**/inbox-more.js**');
    await button(page, 'Snooze: a').click();
    await page.getByRole('dialog', { name: 'Snooze: a' }).waitFor();
    expect(asked).toEqual(['/inbox.js', ...[0, 1, 2].map(at => `/inbox-more.js?build.${at}&`)]);
    await device.close();
  });

  it('is loaded by preferences, in the page from the beginning or made later; one that cannot be had is tried again', async () => {
    const device = await stage.device(), asked = scripts(device);
    await device.route('**/preferences', route => route.fulfill({ json: { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: {} }, headers: { ETag: '"0"' } }));
    const token = await stage.server.tokenFor('more-preferences');
    const page = await stage.page(device, `<h1>Settings</h1><inbox-preferences token="${token}"></inbox-preferences>`);
    await page.getByRole('checkbox', { name: 'Quiet hours' }).waitFor();
    expect(asked).toEqual(['/inbox.js', '/inbox-more.js?build.0&']);
    const other = await stage.page(device, '<h1>Settings</h1>', { script: '/inbox.js?v=1' });
    await other.route('**/inbox-more.js**', route => route.abort());
    await other.waitForFunction(() => customElements.get('inbox-preferences'));
    expect(asked.slice(2)).toEqual(['/inbox.js?v=1']);
    await other.evaluate(token => document.querySelector('main')!.append(Object.assign(document.createElement('inbox-preferences'), { token })), token);
    await other.getByText('This could not be loaded').waitFor();
    await other.unroute('**/inbox-more.js**');
    await button(other, 'Try again').click();
    await other.getByRole('checkbox', { name: 'Quiet hours' }).waitFor();
    expect(asked.slice(3)).toEqual([0, 1].map(at => `/inbox-more.js?build.${at}&v=1`));
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('has neither Lit nor the client', () => {
    const code = stage.scripts['inbox-more.js']!;
    expect(code).not.toMatch(/createTreeWalker|text\/event-stream|Last-Event-ID|BroadcastChannel|import\b/);
    expect(code.length).toBeLessThan(stage.scripts['inbox.js']!.length / 4);
  });

  it('is a chunk of what a bundler makes of the package, and is not asked for before either', async () => {
    const root = fileURLToPath(new URL('../.bundled/', import.meta.url));
    mkdirSync(root, { recursive: true });
    writeFileSync(`${root}main.js`, "import '@orleans-inbox/element';");
    const [result] = [await bundled({
      root, configFile: false, logLevel: 'error', mode: 'production', resolve: { conditions: ['browser', 'module', 'import', 'default'] },
      build: { write: false, target: 'es2022', rollupOptions: { input: `${root}main.js`, output: { format: 'es', entryFileNames: 'app.js', chunkFileNames: 'chunk.js' } } },
    })].flat() as { output: { fileName: string; code?: string }[] }[];
    rmSync(root, { recursive: true });
    const files = new Map(result!.output.map(({ fileName, code }) => [`/${fileName}`, code!]));
    await publish('more-chunk', { title: 'a' });
    const device = await stage.device(), asked = scripts(device);
    await device.route(({ pathname }) => files.has(pathname), route => route.fulfill({ contentType: 'text/javascript', body: files.get(new URL(route.request().url()).pathname)! }));
    const page = await stage.list(device, 'more-chunk', '', { script: '/app.js' });
    expect(asked).toEqual(['/app.js']);
    await button(page, 'Snooze: a').click();
    await button(page, 'Snooze').click(); // at the time that the field has
    await shows(page, []);
    await until('the server', async () => (await stage.server.call('GET', 'more-chunk/snoozed')).items.length === 1);
    expect(asked).toEqual(['/app.js', '/chunk.js']);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('runs where a page allows scripts and styles of its own origin alone', async () => {
    await publish('more-strict', { title: 'a' });
    const device = await stage.device(), token = await stage.server.tokenFor('more-strict');
    const page = Object.assign(await device.newPage(), { errors: [] as string[] });
    page.on('console', message => { if (message.type() === 'error') page.errors.push(message.text()); });
    await page.route('**/strict', route => route.fulfill({
      contentType: 'text/html', headers: { 'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:" },
      body: `<!doctype html><title>Strict</title><link rel="icon" href="data:,"><script type="module" src="/inbox.js"></script><inbox-list token="${token}"></inbox-list><inbox-preferences token="${token}"></inbox-preferences>`,
    }));
    await page.goto(`${stage.server.url}/strict`);
    await page.getByRole('checkbox', { name: 'Quiet hours' }).waitFor();
    await button(page, 'Snooze: a').click();
    expect(await page.locator('.menu').evaluate(one => [getComputedStyle(one).position, one.getBoundingClientRect().top > 0])).toEqual(['fixed', true]);
    expect(page.errors).toEqual([]);
    await device.close();
  });
});
