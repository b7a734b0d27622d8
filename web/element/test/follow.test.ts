import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => (await (globalThis as any).axe.run(document)).violations.flatMap((one: any) => one.nodes.map((node: any) => `${one.id}: ${node.target.flat()} ${node.failureSummary}`)));
}

/** How the device's person and all topics stand, and how a server answers. */
class Stored {
  subscribed = false;
  open = true;
  readonly sent: string[] = [];
  /** Answers that wait for the test, while there is a gate. */
  gate: Promise<void> | undefined;
  /** Of the next request; 0 is no answer. */
  fails: { method: string; status: number } | undefined;

  async at(device: BrowserContext): Promise<this> {
    await device.route('**/v1/topics/**', async route => {
      const method = route.request().method(), failure = this.fails?.method === method ? this.fails : undefined;
      if (failure) this.fails = undefined;
      this.sent.push(`${method} ${decodeURIComponent(new URL(route.request().url()).pathname)}`);
      await this.gate;
      if (failure) return failure.status ? route.fulfill({ status: failure.status, json: {} }) : route.abort();
      if (method !== 'GET') this.subscribed = method === 'PUT';
      return route.fulfill(method === 'GET' ? { json: { subscribed: this.subscribed, open: this.open } } : { status: 204 });
    });
    return this;
  }
}

const open = async (device: BrowserContext, user: string, attributes = 'topic="post:7"', more = {}) =>
  stage.page(device, `<h1>A post</h1><inbox-follow token="${await stage.server.tokenFor(user)}" ${attributes}></inbox-follow>`, more);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** What the button says and whether it is pressed, and the note beside it. */
const shown = (page: Page) => page.locator('.button').evaluate(one => [one.textContent, one.ariaPressed, one.ariaDisabled, one.nextElementSibling!.textContent]);
const shows = (page: Page, ...wanted: unknown[]) => until(`${wanted}`, async () => JSON.stringify(await shown(page)) === JSON.stringify(wanted));

describe('the button of a topic', () => {
  it('follows it and no longer, and says so once the server has it', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    const page = await open(device, 'follow');
    await shows(page, 'Follow', 'false', 'false', '');
    let answer!: () => void;
    stored.gate = new Promise(done => { answer = done; });
    await button(page, 'Follow').click();
    await until('it to be busy', async () => await page.locator('.button').getAttribute('aria-busy') === 'true');
    await button(page, 'Follow').click(); // one at a time
    answer();
    await shows(page, 'Following', 'true', 'false', '');
    await button(page, 'Following').click();
    await shows(page, 'Follow', 'false', 'false', '');
    expect(stored.sent).toEqual(['GET', 'PUT', 'DELETE'].map(method => `${method} /v1/topics/post:7/subscribers/me`));
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('is used with the keyboard, and keeps the focus', async () => {
    const device = await stage.device();
    await new Stored().at(device);
    const page = await open(device, 'follow-keys');
    await button(page, 'Follow').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows(page, 'Following', 'true', 'false', '');
    await page.keyboard.press('Space');
    await shows(page, 'Follow', 'false', 'false', '');
    expect(await page.evaluate(() => document.querySelector('inbox-follow')!.shadowRoot!.activeElement!.textContent)).toBe('Follow');
    await device.close();
  });

  it('of a topic that is not open does nothing, and says why; also when it was closed meanwhile', async () => {
    const device = await stage.device(), stored = await new Stored().at(device), why = 'This is not yours to change';
    stored.open = false;
    const page = await open(device, 'follow-closed');
    await shows(page, 'Follow', 'false', 'true', why);
    expect(await page.locator('.button').evaluate(one => (one.getRootNode() as ShadowRoot).getElementById(one.getAttribute('aria-describedby')!)!.textContent)).toBe(why);
    await button(page, 'Follow').click({ force: true });
    expect(stored.sent).toHaveLength(1);
    stored.open = true;
    await page.reload();
    await shows(page, 'Follow', 'false', 'false', '');
    stored.fails = { method: 'PUT', status: 403 };
    await button(page, 'Follow').click();
    await shows(page, 'Follow', 'false', 'true', why);
    Object.assign(stored, { open: false, subscribed: true });
    await page.reload();
    await shows(page, 'Following', 'true', 'true', why);
    await device.close();
  });

  it('says what could not be saved or read; both are tried again', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    const page = await open(device, 'follow-away');
    await button(page, 'Follow').waitFor();
    await page.waitForFunction(() => document.querySelector('inbox-follow')!.store!.getSnapshot().status === 'live');
    stored.fails = { method: 'GET', status: 0 };
    await page.evaluate(() => { document.querySelector('inbox-follow')!.topic = 'post:8'; });
    await page.getByText('This could not be loaded').waitFor();
    stored.fails = { method: 'PUT', status: 503 };
    await button(page, 'Try again').click();
    await button(page, 'Follow').click();
    await shows(page, 'Follow', 'false', 'false', 'That could not be saved');
    await button(page, 'Follow').click();
    await shows(page, 'Following', 'true', 'false', '');
    await device.close();
  });

  it('that could not be read is read once the server is back', async () => {
    const device = await stage.device();
    await new Stored().at(device);
    let isAway = true;
    await device.route('**/v1/**', route => isAway ? route.abort() : route.fallback());
    const page = await open(device, 'follow-back');
    await page.getByText('This could not be loaded').waitFor();
    isAway = false;
    await button(page, 'Follow').waitFor();
    await device.close();
  });

  it('is of the topic and of the person that it has now; an inbox of the page will do, and a bell\'s', async () => {
    const device = await stage.device();
    await device.route('**/v1/topics/**', async route => {
      const [, claims] = (await route.request().headerValue('authorization'))!.split('.');
      if (!claims) return route.fulfill({ status: 401, json: {} });
      const topic = decodeURIComponent(new URL(route.request().url()).pathname.split('/')[3]!);
      return route.fulfill({ json: { subscribed: `${JSON.parse(atob(claims)).sub} ${topic}` === 'follow-ann a', open: true } });
    });
    const page = await stage.page(device, '<h1>A post</h1><inbox-bell></inbox-bell><inbox-follow></inbox-follow>');
    const tokens = await Promise.all(['follow-ann', 'follow-bob'].map(user => stage.server.tokenFor(user)));
    const set = (values: object) => page.evaluate(values => { Object.assign(document.querySelector('inbox-follow')!, values); }, values);
    await set({ topic: 'a' });
    await page.getByText('Signed out').waitFor();
    await set({ token: tokens[0] });
    await button(page, 'Following').waitFor();
    await set({ topic: 'b' });
    await button(page, 'Follow').waitFor();
    await set({ topic: 'a' });
    await button(page, 'Following').waitFor();
    await set({ token: tokens[1] });
    await button(page, 'Follow').waitFor();
    await page.evaluate(async token => {
      const bell = document.querySelector('inbox-bell')!;
      bell.token = token!;
      await new Promise(done => setTimeout(done));
      document.querySelector('inbox-follow')!.inbox = bell.store;
    }, tokens[0]);
    await button(page, 'Following').waitFor();
    await set({ inbox: undefined, token: 'nobody' });
    await page.getByText('Signed out').waitFor();
    expect(page.errors.filter(error => !error.includes('401'))).toEqual([]);
    await device.close();
  });

  it('brings what is published to the topic, at a real server, and no longer', async () => {
    await stage.server.topic('PUT', 'post:7', { open: true });
    const device = await stage.device(), token = await stage.server.tokenFor('follow-real');
    const page = await stage.page(device, `<h1>A post</h1><inbox-follow token="${token}" topic="post:7"></inbox-follow><inbox-list token="${token}"></inbox-list>`);
    const publish = (topic: string, title: string) => stage.server.topic('POST', `${topic}/notifications`, { type: 'test', title });
    await button(page, 'Follow').click();
    await button(page, 'Following').waitFor();
    await publish('post:7', 'one');
    await until('it', async () => `${await titles(page)}` === 'one');
    await page.reload();
    await button(page, 'Following').click();
    await button(page, 'Follow').waitFor();
    expect((await stage.server.call('GET', 'follow-real/topics')).topics).toEqual([]);
    await page.evaluate(() => { document.querySelector('inbox-follow')!.topic = 'nobody-opened'; });
    await page.getByText('This is not yours to change').waitFor();
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it.each([['light', 'en', 'Follow', 'Following'], ['dark', 'ko', '팔로우', '팔로잉']] as const)('axe-core finds nothing (%s, %s); at 320 px nothing scrolls sideways', async (colorScheme, lang, follow, following) => {
    const device = await stage.device({ colorScheme, viewport: { width: 320, height: 640 } }), stored = await new Stored().at(device);
    const page = await open(device, `follow-${lang}`, undefined, { html: `lang="${lang}"` });
    await button(page, follow).waitFor();
    expect(await findings(page)).toEqual([]);
    await button(page, follow).click();
    await button(page, following).waitFor();
    expect(await findings(page)).toEqual([]);
    stored.open = false;
    await page.reload();
    await page.locator('[aria-disabled=true]').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await device.close();
  });
});
