import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

interface Area { x: number; y: number; width: number; height: number }

/** How many pixels of an area are clearly not of its first one's colour. */
async function ink(page: Page, clip: Area): Promise<number> {
  const png = (await page.screenshot({ clip, animations: 'disabled' })).toString('base64');
  return page.evaluate(async png => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const pen = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d', { willReadFrequently: true })!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if ([0, 1, 2].some(part => Math.abs(data[at + part]! - data[part]!) > 80)) count++;
    return count;
  }, png);
}

const around = ({ x, y, width, height }: Area, by: number): Area => ({ x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by });

describe.each(['light', 'dark'] as const)('forced colours (%s)', colorScheme => {
  it('leave bell, badge, dots, icons, toast and focus to be seen', async () => {
    const user = `forced-${colorScheme}`;
    await stage.server.publish(user, { title: 'one' });
    await stage.server.publish(user, { title: 'two' });
    const device = await stage.device({ forcedColors: 'active', colorScheme });
    const page = await stage.bell(device, user);
    await page.locator('.badge', { hasText: '2' }).waitFor();
    const area = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
    const bell = await area('.bell'), badge = await area('.badge');
    expect(await ink(page, await area('svg'))).toBeGreaterThan(60);
    expect(await page.locator('.badge').evaluate(one => getComputedStyle(one).borderTopStyle)).toBe('solid');
    expect(await ink(page, around(badge, 1))).toBeGreaterThan(30);
    const before = await ink(page, around(bell, 6));
    await page.keyboard.press('Tab');
    expect(await ink(page, around(bell, 6)) - before).toBeGreaterThan(100); // the ring

    await page.keyboard.press('Enter');
    await page.locator('.item').nth(1).waitFor();
    await page.locator('.state[data-state=live]').waitFor();
    const card = await area('.card');
    expect(await ink(page, { x: card.x + 1, y: card.y + 24, width: 14, height: 14 })).toBeGreaterThan(30); // unread
    expect(await ink(page, around(await area('.state'), 4))).toBeGreaterThan(20);
    expect(await ink(page, await area('.all-read'))).toBeGreaterThan(30);
    expect(await page.locator('.filters [aria-pressed=true]').evaluate(one => getComputedStyle(one).borderTopStyle)).toBe('solid');
    await page.getByRole('button', { name: 'Archive: two' }).click();
    await page.locator('.toast').waitFor();
    expect(await page.locator('.toast').evaluate(one => getComputedStyle(one).borderTopStyle)).toBe('solid');
    expect(page.errors).toEqual([]);
    await device.close();
  });
});

describe('the icon of the page', () => {
  const own = 'data:image/svg+xml,' + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#0a0"/></svg>');
  const icon = (page: Page) => page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href);

  it('gets a dot while something is new, keeps its own picture under it, and is itself again after that', async () => {
    const device = await stage.device();
    const page = await stage.bell(device, 'icon', 'favicon-badge', { head: `<script>document.querySelector('link[rel=icon]').href = ${JSON.stringify(own)}</script>` });
    await page.waitForFunction(() => document.querySelector('inbox-bell')!.store?.getSnapshot().status === 'live');
    expect(await icon(page)).toBe(own);
    await stage.server.publish('icon', { title: 'one' });
    await until('another icon', async () => (await icon(page)).startsWith('data:image/png'));
    const colours = await page.evaluate(async href => {
      const image = new Image();
      image.src = href;
      await image.decode();
      const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
      pen.drawImage(image, 0, 0);
      return [[46, 18], [10, 54]].map(([x, y]) => [...pen.getImageData(x!, y!, 1, 1).data]);
    }, await icon(page));
    expect(colours).toEqual([[225, 29, 72, 255], [0, 170, 0, 255]]);
    await page.locator('.bell').click();
    await until('its own icon', async () => await icon(page) === own);
    // A router sets another one, with a dot on it and without.
    const other = own.replace('0a0', '00a');
    await page.keyboard.press('Escape');
    await stage.server.publish('icon', { title: 'two' });
    await until('a dot again', async () => (await icon(page)).startsWith('data:image/png'));
    const dotted = await icon(page);
    await page.evaluate(other => { document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = other; }, other);
    await until('a dot on the other', async () => (await icon(page)).startsWith('data:image/png') && await icon(page) !== dotted);
    await page.locator('.bell').click();
    await until('the other icon', async () => await icon(page) === other);
    expect(page.errors).toEqual([]);
    await device.close();
  });
});

describe('the title of the page', () => {
  const set = (page: Page, title: string) => page.evaluate(title => { document.title = title; }, title);
  const is = (page: Page, title: string) => until(`the title ${title}`, async () => await page.title() === title);

  it.each(['(2024) Annual report', '(4) Four', ''])('"%s" is counted before, and itself again', async own => {
    const user = `title ${own}`;
    const device = await stage.device();
    const page = await stage.bell(device, user, 'title-badge', { head: `<script>document.title = '${own}'</script>` });
    for (let count = 1; count <= 4; count++) {
      await stage.server.publish(user, { title: `${count}` });
      await is(page, `(${count}) ${own}`.trim());
    }
    await page.locator('.bell').click();
    await is(page, own);
    await device.close();
  });

  it('is the page\'s to change, by its element too: the count stays, and what was counted before comes back', async () => {
    const device = await stage.device();
    const page = await stage.bell(device, 'routes', 'title-badge');
    for (const title of ['one', 'two']) await stage.server.publish('routes', { title });
    await is(page, '(2) A page');
    await set(page, '(2024) Annual report');
    await is(page, '(2) (2024) Annual report');
    await page.evaluate(() => document.querySelector('title')!.replaceWith(Object.assign(document.createElement('title'), { textContent: 'Routed' })));
    await is(page, '(2) Routed');
    await page.evaluate(() => { document.querySelector('title')!.firstChild!.nodeValue = 'Typed'; });
    await is(page, '(2) Typed');
    // A page that flashes its title puts back what it found.
    await set(page, '(2) A page');
    await is(page, '(2) A page');
    await page.locator('.bell').click();
    await is(page, 'A page');
    await set(page, 'Last');
    await is(page, 'Last');
    expect(page.errors).toEqual([]);
    await device.close();
  });
});
