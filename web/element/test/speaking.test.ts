import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Proxy } from '../../client/test/real/proxy.js';
import { until } from '../../client/test/real/server.js';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };

/** What the page says goes into `said`; whether it has the focus is `focused`. Bids are open for 200 ms: these timers wait in `due` for the test, and `heard` counts what other pages sent to it. */
const ears = `<script>
  window.said = []; window.focused = false; window.notices = []; document.hasFocus = () => focused;
  window.due = []; window.heard = 0;
  const later = setTimeout;
  window.setTimeout = (run, time, ...more) => time === 200 ? due.push(run) : later(run, time, ...more);
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      if (name !== 'orleans-inbox speaks') return;
      window.bidding = this;
      this.addEventListener('message', ({ data }) => { if (data.key === 'heard') heard++; });
    }
  };
  window.Notification = class {
    static permission = 'granted';
    constructor(title, { body }) { said.push('notice: ' + title + (body ? ' / ' + body : '')); this.title = title; this.isOpen = true; notices.push(this); }
    close() { this.isOpen = false; }
  };
  window.AudioContext = class {
    resume() {} get currentTime() { return 0; }
    createOscillator() { return { connect: to => to, start: () => said.push('tone'), stop() {} }; }
    createGain() { return { gain: {}, connect() {} }; }
  };</script>`;
const open = async (device: BrowserContext, body: string, at = stage.server.url) => {
  const page = await stage.page(device, `<h1>A page</h1>${body}`, { head: ears, at });
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLElementTagNameMap['inbox-bell' | 'inbox-list']>('inbox-bell, inbox-list')].every(one => one.store?.getSnapshot().status === 'live'));
  return page;
};
const said = (page: Page): Promise<string[]> => page.evaluate(() => (globalThis as any).said.splice(0));
/** All that a publish made the pages say, once each has it and has heard the bids of all others. */
async function saidOf(pages: Page[], user: string, title: string): Promise<string[]> {
  await publish(user, { title });
  for (const page of pages) await page.waitForFunction(title => document.querySelector<HTMLElementTagNameMap['inbox-bell']>('inbox-bell, inbox-list')!.store!.getSnapshot().items[0]?.title === title, title);
  await bidsEnd(pages);
  return (await Promise.all(pages.map(said))).flat().sort();
}
/** What a page sends on one channel comes in order: whoever heard this from all others heard their bids. The last to bid need not be the last to decide. */
async function bidsEnd(pages: Page[]): Promise<void> {
  const before = await Promise.all(pages.map(page => page.evaluate(() => (globalThis as any).heard as number)));
  for (const page of pages) await page.evaluate(() => (globalThis as any).bidding.postMessage({ key: 'heard', bid: 0 }));
  for (const [at, page] of pages.entries()) await page.waitForFunction(many => (globalThis as any).heard === many, before[at]! + pages.length - 1);
  for (const page of pages) {
    await page.evaluate(() => { for (const run of (globalThis as any).due.splice(0)) run(); });
  }
}

describe('one speaker', () => {
  it('among the elements of a page, whichever came first', async () => {
    const token = await stage.server.tokenFor('order');
    const device = await stage.device();
    const page = await open(device, `<inbox-list token="${token}"></inbox-list><inbox-bell token="${token}" sound desktop></inbox-bell><inbox-bell token="${token}" sound desktop></inbox-bell>`);
    expect(await saidOf([page], 'order', 'hello')).toEqual(['notice: hello', 'tone']);
    await device.close();
  });

  it('among tabs: an older one that does not want to speak leads, two others want to', async () => {
    const token = await stage.server.tokenFor('older');
    const device = await stage.device();
    const older = await open(device, `<inbox-bell token="${token}"></inbox-bell>`);
    await older.waitForFunction(() => document.querySelector('inbox-bell')!.store!.isLeader);
    const pages = [older, await open(device, `<inbox-bell token="${token}" sound desktop></inbox-bell>`), await open(device, `<inbox-bell token="${token}" sound desktop></inbox-bell>`)];
    expect(await saidOf(pages, 'older', 'one')).toEqual(['notice: one', 'tone']);
    expect(await saidOf(pages, 'older', 'two')).toEqual(['notice: two', 'tone']);
    await device.close();
  });

  it('among tabs that share no connection, and among ways to speak', async () => {
    const token = await stage.server.tokenFor('alone');
    const device = await stage.device();
    const alone = `<script type="module">import { createInbox } from '/inbox.js'; for (const bell of document.querySelectorAll('inbox-bell')) bell.inbox = createInbox({ url: '', token: '${token}', share: false });</script>`;
    const pages = [await open(device, `<inbox-bell sound></inbox-bell>${alone}`), await open(device, `<inbox-bell sound></inbox-bell>${alone}`), await open(device, `<inbox-bell desktop></inbox-bell>${alone}`)];
    expect(await saidOf(pages, 'alone', 'one')).toEqual(['notice: one', 'tone']);
    await device.close();
  });

  it('and none while the tab with the focus has the list open; no notice while one has the focus', async () => {
    const looked = 'looked';
    const token = await stage.server.tokenFor(looked);
    const device = await stage.device();
    const behind = await open(device, `<inbox-bell token="${token}" sound desktop></inbox-bell>`);
    const front = await open(device, `<inbox-bell token="${token}"></inbox-bell>`);
    await front.evaluate(() => { (globalThis as any).focused = true; });
    await front.locator('.bell').click();
    await front.locator('.empty').waitFor();
    await front.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))); // an observer tells of what is on the screen with a frame
    expect(await saidOf([behind, front], looked, 'one')).toEqual([]);
    await front.keyboard.press('Escape');
    await front.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await saidOf([behind, front], looked, 'two')).toEqual(['tone']);
    await front.evaluate(() => { (globalThis as any).focused = false; });
    expect(await saidOf([behind, front], looked, 'three')).toEqual(['notice: three', 'tone']);
    await device.close();
  });
});

describe('quiet hours', () => {
  it('have no tone and no notice; it is in the list, counted and said to who hears the page', async () => {
    const user = 'quiet', token = await stage.server.tokenFor(user);
    const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    await stage.server.call('PUT', `${user}/preferences`, { quiet: { from: clock(-2), to: clock(2), zone: 'UTC' } });
    const device = await stage.device();
    const pages = [await open(device, `<inbox-bell token="${token}" sound desktop title-badge></inbox-bell>`), await open(device, `<inbox-bell token="${token}" sound desktop></inbox-bell>`)];
    expect(await saidOf(pages, user, 'silent')).toEqual([]);
    await until('the title', async () => await pages[0]!.title() === '(1) A page');
    await until('the sentence', async () => await pages[0]!.locator('.announce').first().textContent() === 'New: silent');
    await stage.server.call('PUT', `${user}/preferences`, {});
    expect(await saidOf(pages, user, 'loud')).toEqual(['notice: loud', 'tone']);
    await device.close();
  });
});

describe('what came while there was no connection', () => {
  it('and was read elsewhere is not spoken of; several others are one notice and one tone', async () => {
    const user = 'away';
    const proxy = await Proxy.to(stage.server.port);
    const token = await stage.server.tokenFor(user);
    const device = await stage.device();
    const page = await open(device, `<inbox-bell token="${token}" sound desktop></inbox-bell>`, proxy.url);
    const away = async (meanwhile: () => Promise<unknown>) => {
      proxy.refuses = true;
      proxy.cut();
      await meanwhile();
      proxy.heal();
      await page.evaluate(() => dispatchEvent(new Event('online')));
    };
    await away(async () => {
      await publish(user, ...Array.from({ length: 25 }, (_, at) => ({ title: `number ${at}` })));
      await stage.server.call('POST', `${user}/notifications/read`, { all: true });
    });
    await until('all 25', () => page.evaluate(() => document.querySelector('inbox-bell')!.store!.getSnapshot().counts.total === 25));
    expect(await saidOf([page], user, 'after')).toEqual(['notice: after', 'tone']);
    await until('the sentence before', async () => await page.locator('.announce').first().textContent() === 'New: after'); // sentences gather for a moment
    await away(() => publish(user, { title: 'a', body: 'first' }, { title: 'b' }, { title: 'c' }));
    await page.waitForFunction(() => document.querySelector('inbox-bell')!.store!.getSnapshot().items[0]?.title === 'c');
    await bidsEnd([page]);
    await until('one sentence', async () => await page.locator('.announce').first().textContent() === '3 new');
    expect(await saidOf([page], user, 'at last')).toEqual(['notice: 3 new / c\nb\na', 'notice: at last', 'tone', 'tone']);
    await until('another sentence', async () => await page.locator('.announce').first().textContent() === 'New: at last');
    await device.close();
    await proxy.close();
  });
});

describe('a notice of the desktop', () => {
  const isOpen = (page: Page) => page.evaluate(() => (globalThis as any).notices.map((one: any) => `${one.title} ${one.isOpen}`));
  const spoken = async (page: Page) => {
    await page.waitForFunction(() => (globalThis as any).due.length > 0);
    await bidsEnd([page]);
  };
  const is = (page: Page, wanted: string[]) => until(`notices ${wanted}`, async () => JSON.stringify(await isOpen(page)) === JSON.stringify(wanted));

  it('is closed when it was read on another device, deleted or has expired, or when the page is signed out', async () => {
    const device = await stage.device();
    const page = await open(device, `<inbox-bell token="${await stage.server.tokenFor('notice')}" desktop></inbox-bell>`);
    const titles = ['read', 'deleted', 'expired', 'left'];
    for (const title of titles) {
      await publish('notice', { title, ...(title === 'expired' && { expiresAt: new Date(Date.now() + 4_000).toISOString() }) });
      await spoken(page);
      await page.waitForFunction(title => (globalThis as any).notices.at(-1)?.title === title, title);
    }
    const { items } = await stage.server.list('notice');
    const idOf = (title: string) => items.find(item => item.title === title).id;
    await stage.server.call('POST', 'notice/notifications/read', { ids: [idOf('read')] });
    await stage.server.call('DELETE', `notice/notifications/${idOf('deleted')}`);
    await is(page, ['read false', 'deleted false', 'expired false', 'left true']);
    await page.evaluate(() => document.querySelector('inbox-bell')!.removeAttribute('token'));
    await is(page, ['read false', 'deleted false', 'expired false', 'left false']);
    await device.close();
  });

  it('is opened by a click as its row would be: read, by the page\'s router, in the tab where its link belongs', async () => {
    const device = await stage.device();
    const page = await open(device, `<inbox-bell token="${await stage.server.tokenFor('click')}" desktop></inbox-bell>`);
    await page.evaluate(() => {
      const here = globalThis as any;
      here.opened = [];
      here.open = (...all: string[]) => here.opened.push(all);
      document.addEventListener('inbox-open', event => { if ((event as CustomEvent).detail.title === 'routed') { event.preventDefault(); here.opened.push('routed'); } });
    });
    for (const [title, url] of [['own', `${stage.server.url}/there`], ['away', 'https://example.org/'], ['routed', '/there']]) {
      await publish('click', { title, url });
      await spoken(page);
      await page.waitForFunction(title => (globalThis as any).notices.at(-1)?.title === title, title);
      await page.evaluate(() => (globalThis as any).notices.at(-1).onclick());
    }
    expect(await page.evaluate(() => (globalThis as any).opened)).toEqual([[`${stage.server.url}/there`, '_self'], ['https://example.org/', '_blank', 'noreferrer'], 'routed']);
    await is(page, ['own false', 'away false', 'routed false']);
    await until('all to be read', async () => (await stage.server.list('click')).items.every(item => item.read));
    await device.close();
  });
});
