import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { Server } from '../../client/test/real/server.js';

/** A real server and Debian's Chromium; pages are answered here, at addresses of the server's own origin, with the elements as the sources are now. */
export class Stage {
  private constructor(readonly server: Server, readonly browser: Browser, readonly scripts: Record<string, string>) {}

  /** @param own a server that is not shared with other tests, and ends with the stage */
  static async open(own?: Server): Promise<Stage> {
    const server = own ?? await Server.at(inject('server'));
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync)!,
      // `inbox.test` is this machine by a name: no secure context. Pages that are answered here are in no network of their own.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-precise-memory-info', '--js-flags=--expose-gc',
        '--host-resolver-rules=MAP inbox.test 127.0.0.1', '--disable-features=LocalNetworkAccessChecks'],
    });
    return new Stage(server, browser, inject('scripts'));
  }

  async close(): Promise<void> {
    await this.browser?.close();
    await this.server?.dispose();
  }

  /** A device: tabs of one profile know of each other. */
  async device(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const device = await this.browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    await device.route(/\/inbox(-more)?\.js(\?|$)/, route => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
      return route.fulfill({ contentType: 'text/javascript', headers: { 'Access-Control-Allow-Origin': '*' }, body: this.scripts[name]! });
    });
    return device;
  }

  /** A page with this body and `/inbox.js`, from which `/inbox-more.js` is loaded when it is needed; what it writes to its console as an error is gathered. */
  async page(device: BrowserContext, body: string, { head = '', html = 'lang="en"', at = this.server.url, script = '/inbox.js' } = {}): Promise<Page & { errors: string[] }> {
    const page = Object.assign(await device.newPage(), { errors: [] as string[] });
    page.setDefaultTimeout(15_000);
    page.on('console', message => { if (['error', 'warning'].includes(message.type())) page.errors.push(message.text()); });
    page.on('pageerror', error => page.errors.push(String(error)));
    await page.route(`${at}/test-page`, route => route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html ${html}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title><link rel="icon" href="data:,">
        <style>:root { color-scheme: light dark } body { margin: 0; font-family: system-ui }</style>
        <script type="module" src="${at}${script}"></script>${head}</head><body><main>${body}</main></body></html>`,
    }));
    await page.goto(`${at}/test-page`);
    return page;
  }

  async list(device: BrowserContext, user: string, attributes = '', more = {}): Promise<Page & { errors: string[] }> {
    const page = await this.page(device, `<h1>Notifications of a person</h1><inbox-list token="${await this.server.tokenFor(user)}" ${attributes}></inbox-list>`, more);
    await page.locator('.state[data-state=live]').waitFor();
    await page.locator('.items[aria-busy=false]').waitFor({ state: 'attached' });
    return page;
  }

  async bell(device: BrowserContext, user: string, attributes = '', more = {}): Promise<Page & { errors: string[] }> {
    const page = await this.page(device, `<h1>A page</h1><div style="display:flex;justify-content:end;padding:12px"><inbox-bell token="${await this.server.tokenFor(user)}" ${attributes}></inbox-bell></div>`, more);
    await page.locator('.bell').waitFor();
    return page;
  }
}

export const titles = (page: Page): Promise<string[]> => page.locator('.item .title').allTextContents();
