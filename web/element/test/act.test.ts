import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
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

const actions = [{ id: 'approve', label: 'Approve' }, { id: 'decline', label: 'Decline' }, { id: 'why', label: 'Ask why' }];
const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, { actions, ...one }); };
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const labels = (page: Page) => page.locator('.choice').allTextContents();
/** What was chosen, from the top. */
const chosen = (page: Page, ...wanted: string[]) => until(`chosen: ${wanted.join()}`, async () => (await page.locator('.acted').allTextContents()).join() === wanted.join());
const toast = (page: Page, words: string) => until(`"${words}"`, async () => await page.locator('.toast').isVisible() && await page.locator('.toast span').textContent() === words);
const unread = (page: Page, count: number) => until(`${count} unread`, async () => await page.locator('.unread').textContent() === `${count}`);
const held = async (user: string, status = 'inbox') => (await stage.server.list(user, status)).items.map(({ title, read, acted }) => `${title}${read ? ' read' : ''}${acted ? ` ${acted.action}` : ''}`).join();
const focused = (page: Page) => page.evaluate(() => {
  const element = document.querySelector('inbox-list')!.shadowRoot!.activeElement as HTMLElement | null;
  return element?.ariaLabel ?? element?.className ?? '';
});

describe('actions', () => {
  it('are buttons under the text; what is chosen takes their place, and is read, on every device', async () => {
    await publish('act', { title: 'plain', actions: undefined }, { title: 'leave', body: 'Three days' });
    const [device, other] = [await stage.device(), await stage.device()];
    const [page, phone] = [await stage.list(device, 'act'), await stage.list(other, 'act')];
    for (const one of [page, phone]) {
      await shows(one, ['leave', 'plain']);
      expect(await labels(one)).toEqual(['Approve', 'Decline', 'Ask why']);
    }
    const [body, choice] = [(await page.locator('.body').boundingBox())!, (await page.locator('.choice').first().boundingBox())!];
    expect(choice.y).toBeGreaterThanOrEqual(body.y + body.height);
    expect(choice.height).toBeGreaterThanOrEqual(24);
    const height = (await page.locator('.card').first().boundingBox())!.height;
    await button(phone, 'Decline: leave').focus();
    await button(page, 'Approve: leave').click();
    for (const one of [page, phone]) {
      await chosen(one, '✓ Approve');
      expect(await labels(one)).toEqual([]);
      await unread(one, 1);
    }
    await until('the server', async () => await held('act') === 'leave read approve,plain');
    expect((await page.locator('.card').first().boundingBox())!.height).toBeLessThan(height);
    // The button that had the focus there is gone: its row has it.
    await until('the focus', async () => await focused(phone) === 'leave');
    await page.reload();
    await chosen(page, '✓ Approve');
    for (const one of [page, phone]) expect(one.errors).toEqual([]);
    await Promise.all([device.close(), other.close()]);
  });

  it('are reached and chosen with the keyboard alone, and the row keeps the focus', async () => {
    await publish('act-keys', { title: 'b' }, { title: 'a', url: '/a' });
    const device = await stage.device();
    const page = await stage.list(device, 'act-keys');
    await shows(page, ['a', 'b']);
    expect(await page.locator('.choice').evaluateAll(all => all.map(one => (one as HTMLElement).tabIndex))).toEqual([0, 0, 0, -1, -1, -1]);
    const press = async (...keys: string[]) => { for (const key of keys) await page.keyboard.press(key); };
    await page.locator('.item').first().focus();
    await press('Tab', 'Tab');
    expect(await focused(page)).toBe('Approve: a');
    await press('Tab', 'Enter');
    await chosen(page, '✓ Decline');
    await until('the focus', async () => await focused(page) === 'a');
    await press('ArrowDown', 'Tab');
    expect(await focused(page)).toBe('Approve: b');
    await press('Space');
    await chosen(page, '✓ Decline', '✓ Approve');
    await until('the server', async () => await held('act-keys') === 'a read decline,b read approve');
    expect(page.url()).toContain('/test-page');
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('leave a list of what is unread; the next row has the focus then', async () => {
    await publish('act-unread', { title: 'b' }, { title: 'a' });
    const device = await stage.device();
    const page = await stage.list(device, 'act-unread');
    await page.getByRole('button', { name: /^Unread/ }).click();
    await shows(page, ['a', 'b']);
    await button(page, 'Approve: a').click();
    await shows(page, ['b']);
    await until('the focus', async () => await focused(page) === 'Unread: b');
    await device.close();
  });

  it('of a folded group are those of the one that is shown, and are chosen of it alone', async () => {
    await publish('act-group', { title: 'old', group: 'g' }, { title: 'new', group: 'g', actions: [{ id: 'ok', label: 'Okay' }] });
    const device = await stage.device();
    const page = await stage.list(device, 'act-group');
    await shows(page, ['new']);
    expect(await labels(page)).toEqual(['Okay']);
    await button(page, 'Okay: new').click();
    await chosen(page, '✓ Okay');
    await until('the server', async () => await held('act-group') === 'new read ok,old');
    await unread(page, 1);
    await button(page, '1 more').click();
    await shows(page, ['new', 'old']);
    expect(await labels(page)).toEqual(['Approve', 'Decline', 'Ask why']);
    await device.close();
  });

  it.each([['en', 'Something else was chosen before'], ['ko', '이미 다른 선택이 저장되어 있습니다']])('that come after another choice show that one, and a toast says so (%s); what was just deleted is', async (lang, words) => {
    const user = `act-late-${lang}`;
    await publish(user, { title: 'gone' }, { title: 'leave' });
    const { id } = (await stage.server.list(user)).items[0];
    const device = await stage.device();
    const page = await stage.list(device, user, 'undo-time="600000"', { html: `lang="${lang}"` });
    await shows(page, ['leave', 'gone']);
    // Another device is faster.
    await page.route('**/actions/approve', async route => {
      await stage.server.call('POST', `${user}/notifications/${id}/actions/decline`);
      await route.continue();
    });
    await page.locator('[data-verb=remove]').last().click();
    await shows(page, ['leave']);
    await button(page, 'Approve: leave').click();
    await toast(page, words);
    await chosen(page, '✓ Decline');
    await until('the server', async () => await held(user, 'all') === 'leave read decline');
    expect(await page.locator('.undo').count()).toBe(0);
    await device.close();
  });
});

describe('an action with a link', () => {
  const links = [{ id: 'own', label: 'Own', url: '/there' }, { id: 'away', label: 'Away', url: 'https://example.org/away' }];

  it('opens the page\'s own origin in the same tab, and is sent before', async () => {
    await publish('act-own', { title: 'leave', actions: links });
    const device = await stage.device();
    const page = await stage.list(device, 'act-own');
    await page.route('**/there', route => route.fulfill({ contentType: 'text/html', body: 'There' }));
    await button(page, 'Own: leave').click();
    await page.waitForURL('**/there');
    expect(device.pages()).toHaveLength(1);
    await until('the server', async () => await held('act-own') === 'leave read own');
    await device.close();
  });

  it('opens another origin in a new tab, which knows nothing of this one', async () => {
    await publish('act-away', { title: 'leave', actions: links });
    const device = await stage.device();
    await device.route('https://example.org/**', route => route.fulfill({ contentType: 'text/html', body: 'Away' }));
    const page = await stage.list(device, 'act-away');
    const [tab] = await Promise.all([device.waitForEvent('page'), button(page, 'Away: leave').click()]);
    await tab.waitForURL('https://example.org/away');
    expect(await tab.evaluate(() => [opener, document.referrer])).toEqual([null, '']);
    await chosen(page, '✓ Away');
    await until('the server', async () => await held('act-away') === 'leave read away');
    await device.close();
  });

  it('is left to the page\'s router, which is told the action\'s link; one without a link is not told', async () => {
    await publish('act-router', { title: 'b', url: '/row' }, { title: 'a', url: '/row', actions: links });
    const device = await stage.device();
    const page = await stage.list(device, 'act-router');
    await page.evaluate(() => {
      const here = globalThis as any;
      here.routed = [];
      document.addEventListener('inbox-open', event => { event.preventDefault(); here.routed.push([(event as CustomEvent).detail.title, (event as CustomEvent).detail.url]); });
    });
    await button(page, 'Away: a').click();
    await button(page, 'Approve: b').click();
    await chosen(page, '✓ Away', '✓ Approve');
    await until('the server', async () => await held('act-router') === 'a read away,b read approve');
    expect(await page.evaluate(() => (globalThis as any).routed)).toEqual([['a', 'https://example.org/away']]);
    expect(device.pages()).toHaveLength(1);
    await device.close();
  });

  it('that is no link of the web is chosen, and opened by nobody', async () => {
    await publish('act-unsafe', { title: 'leave' });
    const device = await stage.device();
    const page = await stage.page(device, '<h1>A page</h1><inbox-list></inbox-list>');
    // A server of another kind: ours refuses to publish it.
    await page.route('**/notifications?*', async route => {
      const response = await route.fetch(), body = await response.json();
      body.items[0].actions = [{ id: 'approve', label: 'Approve', url: 'javascript:document.title=\'owned\'' }];
      await route.fulfill({ response, json: body });
    });
    await page.evaluate(token => {
      (globalThis as any).opened = 0;
      globalThis.open = () => { (globalThis as any).opened++; return null; };
      document.querySelector('inbox-list')!.token = token;
    }, await stage.server.tokenFor('act-unsafe'));
    await button(page, 'Approve: leave').click();
    await until('the server', async () => await held('act-unsafe') === 'leave read approve');
    expect([await page.evaluate(() => (globalThis as any).opened), await page.title()]).toEqual([0, 'A page']);
    await device.close();
  });
});

describe('whoever looks at actions', () => {
  const long = [{ id: 'a', label: '<b>bold</b>\u202e${1}{{1}}' }, { id: 'b', label: 'W'.repeat(40) }, { id: 'c', label: '승인하고 다음 사람에게 넘기기' }];

  it.each(['ltr light', 'rtl dark'])('axe-core finds nothing at 320 px, nothing scrolls sideways, and a label is text (%s)', async how => {
    const [direction, colorScheme] = how.split(' ') as [string, 'light' | 'dark'], user = `act-${direction}`;
    await publish(user, { title: 'three', actions: long, body: 'text', group: 'g' }, { title: 'two', actions: long, priority: 'high' }, { title: 'one', body: 'text' });
    const device = await stage.device({ viewport: { width: 320, height: 900 }, colorScheme, reducedMotion: 'reduce', hasTouch: true, isMobile: true });
    const page = await stage.list(device, user, '', { html: `lang="ko" dir="${direction}"` });
    await shows(page, ['one', 'two', 'three']);
    expect((await labels(page)).slice(3)).toEqual([...long, ...long].map(({ label }) => label));
    const fits = async () => expect([await page.evaluate(() => document.documentElement.scrollWidth), await page.locator('.scroll').evaluate(scroll => scroll.scrollWidth - scroll.clientWidth)]).toEqual([320, 0]);
    await fits();
    expect(await findings(page)).toEqual([]);
    await button(page, `${long[0]!.label}: two`).click();
    await chosen(page, `✓ ${long[0]!.label}`);
    await fits();
    expect(await findings(page)).toEqual([]);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('styles them by their parts, in the bell too', async () => {
    await publish('act-parts', { title: 'leave' });
    const device = await stage.device();
    const page = await stage.bell(device, 'act-parts', '', { head: '<style>inbox-bell::part(choice) { color: rgb(1, 2, 3) } inbox-bell::part(acted) { color: rgb(4, 5, 6) }</style>' });
    await page.locator('.bell').click();
    await button(page, 'Approve: leave').waitFor();
    const colour = (selector: string) => page.locator(selector).first().evaluate(one => getComputedStyle(one).color);
    expect(await colour('.choice')).toBe('rgb(1, 2, 3)');
    await button(page, 'Approve: leave').click();
    await chosen(page, '✓ Approve');
    expect(await colour('.acted')).toBe('rgb(4, 5, 6)');
    await device.close();
  });
});
