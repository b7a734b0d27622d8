import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

/** Headers as pages have them: the bell is stretched by some and not by others. */
const headers = {
  'a flex header that stretches': 'display:flex;height:80px',
  'a flex header that centres': 'display:flex;align-items:center;height:80px',
  'a grid header that stretches': 'display:grid;grid-auto-flow:column;justify-content:start;height:80px',
};

it.each(Object.entries(headers))('an idle bell stands in the middle of %s, and is no wider than its button', async (_, style) => {
  const device = await stage.device();
  const page = await stage.page(device, `<header style="${style}"><button style="align-self:center" id="neighbour">Menu</button><inbox-bell></inbox-bell></header>`);
  await page.locator('.bell').waitFor();
  const [header, neighbour, host, bell] = await page.evaluate(() => {
    const element = document.querySelector('inbox-bell')!;
    return [document.querySelector('header')!, document.querySelector('#neighbour')!, element, element.shadowRoot!.querySelector('.bell')!].map(one => {
      const { top, height, width } = one.getBoundingClientRect();
      return { middle: top + height / 2, height, width };
    });
  }) as { middle: number; height: number; width: number }[];
  expect(bell!.middle).toBeCloseTo(header!.middle, 0);
  expect(bell!.middle).toBeCloseTo(neighbour!.middle, 0);
  expect([bell!.width, bell!.height]).toEqual([39, 39]);
  expect(host!.width).toBe(39);
  await device.close();
});

it('an idle bell in a line of text stands at the middle of its letters and moves no line', async () => {
  const device = await stage.device();
  const page = await stage.page(device, '<p style="font:16px/60px system-ui;margin:0"><span id="text">Text</span> <inbox-bell></inbox-bell></p>');
  await page.locator('.bell').waitFor();
  const text = (await page.locator('#text').boundingBox())!, bell = (await page.locator('.bell').boundingBox())!;
  expect(Math.abs(bell.y + bell.height / 2 - text.y - text.height / 2)).toBeLessThan(5);
  expect(await page.locator('p').evaluate((one: HTMLElement) => one.offsetHeight)).toBe(60);
  await device.close();
});
