import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
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

const zone = 'Europe/Berlin', hour = 3_600_000;
const offset = (at: number) => new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at).find(({ type }) => type === 'timeZoneName')!.value;
/** The next change of summer time there, an hour before 1:00 UTC of a Sunday, that a server can be told of. */
function nextChange(): number {
  let at = Math.ceil(Date.now() / hour + 48) * hour;
  while (offset(at) === offset(at + hour)) at += hour;
  return at + hour;
}

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const menu = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true });
const toast = (page: Page, words: RegExp) => until(`${words}`, async () => await page.locator('.toast').isVisible() && words.test((await page.locator('.toast span').textContent())!));
const snoozed = async (user: string): Promise<[title: string, until: number][]> =>
  (await stage.server.call('GET', `${encodeURIComponent(user)}/snoozed`)).items.map((item: any) => [item.title, Date.parse(item.until)]);
const focused = (page: Page) => page.evaluate(() => {
  let element = document.activeElement;
  while (element?.shadowRoot) element = element.shadowRoot.activeElement;
  return element?.ariaLabel ?? element?.textContent ?? '';
});
/** A device in Berlin. */
const berlin = (options: BrowserContextOptions = {}) => stage.device({ timezoneId: zone, locale: 'en-US', reducedMotion: 'reduce', ...options });

describe('snooze', () => {
  it('until tomorrow morning is by the clock of the morning after the change of summer time; it leaves every device, and Undo brings it back', async () => {
    await publish('snooze', { title: 'b' }, { title: 'a' });
    const change = nextChange(), saturday = change - 14 * hour;
    const [device, other] = [await berlin(), await stage.device()];
    await device.clock.setFixedTime(saturday);
    const [page, phone] = [await stage.list(device, 'snooze', 'undo-time="600000"'), await stage.list(other, 'snooze')];
    await button(page, 'Mark read: a').click();
    await button(page, 'Snooze: a').click();
    const names = await menu(page, 'Snooze: a').getByRole('button').allTextContents();
    expect(names.map(name => name.replace(/\s/g, ' '))).toEqual([
      `Later todaySat ${offset(saturday) === 'GMT+01:00' ? 3 : 4}:00 PM`, 'Tomorrow morningSun 8:00 AM', 'Next weekMon 8:00 AM', 'Snooze',
    ]);
    await button(page, /^Tomorrow morning/).click();
    for (const one of [page, phone]) await shows(one, ['b']);
    await toast(page, /^Snoozed until Sun, .* 8:00\sAM$/);
    const eight = change + (offset(change) === 'GMT+01:00' ? 6 : 5) * hour;
    await until('the server', async () => JSON.stringify(await snoozed('snooze')) === JSON.stringify([['a', eight]]));
    expect(await menu(page, 'Snooze: a').count()).toBe(0);
    await button(page, 'Undo').click();
    for (const one of [page, phone]) {
      await shows(one, ['a', 'b']);
      await button(one, 'Mark read: a').waitFor(); // unread
      expect(await one.locator('.item', { hasText: 'a' }).getByRole('img', { name: 'Snoozed before' }).count()).toBe(1);
      expect(await one.locator('.meta .clock').count()).toBe(1);
    }
    expect(await snoozed('snooze')).toEqual([]);
    for (const one of [page, phone]) expect(one.errors).toEqual([]);
    await Promise.all([device.close(), other.close()]);
  });

  it('is done with the keyboard alone: s opens, arrows move, Escape goes back, and the next row has the focus after it', async () => {
    await publish('snooze-keys', { title: 'b' }, { title: 'a' });
    const device = await berlin();
    await device.clock.setFixedTime(nextChange() + 30 * hour); // Monday morning
    const page = await stage.list(device, 'snooze-keys', 'undo-time="600000"');
    const press = async (...keys: string[]) => { for (const key of keys) await page.keyboard.press(key); };
    await page.locator('.item').first().focus();
    await press('s');
    await until('the first time', async () => /^Later today/.test(await focused(page)));
    expect(await page.locator('[data-verb=snooze]').evaluateAll(all => all.map(one => [one.ariaHasPopup, one.ariaExpanded]))).toEqual([['dialog', 'true'], ['dialog', null]]);
    await press('ArrowDown');
    expect(await focused(page)).toMatch(/^Tomorrow morning/);
    await press('ArrowUp', 'ArrowUp');
    expect(await focused(page)).toBe('Snooze');
    await press('ArrowDown', 'e', 'r', 'Delete'); // nothing of the list's
    await press('Escape');
    await menu(page, 'Snooze: a').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Unread: a');
    await press('Tab', 'Tab', 'Tab');
    expect(await focused(page)).toBe('Snooze: a');
    expect(await page.locator('[data-verb=snooze]').first().getAttribute('aria-expanded')).toBe('false');
    await press('Enter');
    await until('the first time', async () => /^Later today/.test(await focused(page)));
    await press('ArrowDown', 'ArrowDown');
    await until('the last time', async () => /^Next week/.test(await focused(page)));
    await press('Enter');
    await shows(page, ['b']);
    await until('the focus', async () => await focused(page) === 'Snooze: b');
    await press('z');
    await shows(page, ['a', 'b']);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('until a time of one\'s own, by the own clock; not before now', async () => {
    await publish('snooze-own', { title: 'a' });
    const device = await berlin();
    const page = await stage.list(device, 'snooze-own');
    await button(page, 'Snooze: a').click();
    const field = page.getByLabel('At a time of your own');
    await field.fill('2020-01-01T10:00');
    await menu(page, 'Snooze: a').getByRole('button', { name: 'Snooze', exact: true }).click();
    expect(await field.evaluate(one => (one as HTMLInputElement).validity.rangeUnderflow)).toBe(true);
    await shows(page, ['a']);
    const at = nextChange() - 24 * hour + 17 * 60_000, local = new Date(at).toLocaleString('sv', { timeZone: zone }).replace(' ', 'T').slice(0, 16);
    await field.fill(local);
    await page.keyboard.press('Enter');
    await shows(page, []);
    await until('the server', async () => JSON.stringify(await snoozed('snooze-own')) === JSON.stringify([['a', at]]));
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('of a folded group is of all that is loaded of it', async () => {
    await publish('snooze-group', { title: 'a1', group: 'a' }, { title: 'b' }, { title: 'a2', group: 'a' });
    const device = await berlin();
    const page = await stage.list(device, 'snooze-group', 'undo-time="600000"');
    await shows(page, ['a2', 'b']);
    await button(page, 'Snooze: a2').click();
    await button(page, /^Tomorrow morning/).click();
    await shows(page, ['b']);
    await until('both', async () => (await snoozed('snooze-group')).map(([title]) => title).sort().join() === 'a1,a2');
    await page.locator('.toast').waitFor();
    await page.locator('.item').focus();
    await page.keyboard.press('z');
    await until('both back', async () => (await stage.server.list('snooze-group')).items.length === 3);
    await until('the rows', async () => (await titles(page)).length === 2);
    await device.close();
  });

  it.each([409, 503])('that is refused (%i) comes back, or is sent again', async status => {
    const user = `snooze-${status}`;
    await publish(user, { title: 'a' });
    const device = await berlin();
    const page = await stage.list(device, user, 'undo-time="600000"');
    let refusals = 0;
    await page.route('**/notifications/snooze', route => status === 409 || !refusals++ ? route.fulfill({ status, json: { detail: 'No.' } }) : route.continue());
    await button(page, 'Snooze: a').click();
    await button(page, /^Tomorrow morning/).click();
    if (status === 409) {
      await toast(page, /^That could not be saved$/);
      await shows(page, ['a']);
      expect(await snoozed(user)).toEqual([]);
    } else {
      await shows(page, []);
      await until('the server', async () => (await snoozed(user)).length === 1);
    }
    await device.close();
  });

  it('is not of a row that left while its menu was open', async () => {
    await publish('snooze-left', { title: 'b' }, { title: 'a' });
    const device = await berlin();
    const page = await stage.list(device, 'snooze-left');
    await button(page, 'Snooze: a').click();
    await menu(page, 'Snooze: a').waitFor();
    await stage.server.call('POST', 'snooze-left/notifications/delete', { ids: [(await stage.server.list('snooze-left')).items[0].id] });
    await shows(page, ['b']);
    await button(page, /^Tomorrow morning/).click();
    await menu(page, 'Snooze: a').waitFor({ state: 'detached' });
    await button(page, 'Snooze: b').click();
    await menu(page, 'Snooze: b').waitFor();
    expect(await snoozed('snooze-left')).toEqual([]);
    expect(page.errors).toEqual([]);
    await device.close();
  });
});

describe('its menu', () => {
  it.each(['ltr', 'rtl'])('stands within a small screen (%s), closes without the bell, and moves with its row', async direction => {
    const user = `menu-${direction}`;
    await publish(user, ...Array.from({ length: 12 }, (_, at) => ({ title: `number ${at}`, body: 'text\ntext' })));
    const device = await berlin({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    const page = await stage.bell(device, user, '', { html: `lang="en" dir="${direction}"` });
    await page.locator('.bell').click();
    for (const title of ['number 11', 'number 7']) {
      await button(page, `Snooze: ${title}`).scrollIntoViewIfNeeded();
      await button(page, `Snooze: ${title}`).click();
      const { x, y, width, height } = (await menu(page, `Snooze: ${title}`).boundingBox())!;
      expect([x >= 0, y >= 0, x + width <= 320, y + height <= 640]).toEqual(Array(4).fill(true));
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await page.keyboard.press('Escape');
      await menu(page, `Snooze: ${title}`).waitFor({ state: 'detached' });
      expect(await page.getByRole('dialog', { name: 'Notifications' }).isVisible()).toBe(true);
    }
    await button(page, 'Snooze: number 11').click();
    const top = async () => (await menu(page, 'Snooze: number 11').boundingBox())!.y;
    const before = await top();
    await page.locator('.scroll').evaluate(scroll => { scroll.scrollTop += 40; });
    await until('the menu to follow', async () => await top() === before - 40);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Notifications' }).waitFor({ state: 'hidden' });
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it.each(['light', 'dark'] as const)('axe-core finds nothing (%s), in Korean too', async colorScheme => {
    const user = `menu-${colorScheme}`;
    await publish(user, { title: 'two' }, { title: 'one' });
    const { items: [{ id }] } = await stage.server.list(user);
    await stage.server.call('POST', `${user}/notifications/snooze`, { ids: [id], until: new Date(Date.now() + hour) });
    await stage.server.call('POST', `${user}/unsnooze`, { ids: [id] });
    const device = await berlin({ colorScheme });
    await device.clock.setFixedTime(nextChange() + 30 * hour);
    const page = await stage.list(device, user, 'undo-time="600000"', { html: 'lang="ko"' });
    expect(await page.getByRole('img', { name: '다시 알린 알림' }).count()).toBe(1);
    await button(page, '다시 알림: one').click();
    await button(page, /^오늘 나중에/).waitFor();
    await page.getByLabel('직접 정한 시간').waitFor();
    expect(await findings(page)).toEqual([]);
    await button(page, /^내일 아침/).click();
    await toast(page, /^\d+월 .*에 다시 알립니다$/);
    expect(await findings(page)).toEqual([]);
    await button(page, '실행 취소').click();
    await shows(page, ['one', 'two']);
    expect(page.errors).toEqual([]);
    await device.close();
  });
});
