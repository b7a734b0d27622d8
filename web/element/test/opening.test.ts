import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const readAtServer = async (user: string) => (await stage.server.list(user)).items.filter(item => item.read).map(item => item.title);

describe('a link', () => {
  it('to the page\'s own origin opens in the same tab, however it is written; another origin opens a new one', async () => {
    const own = stage.server.url;
    await publish('links', { title: 'elsewhere', url: 'https://example.org/a' }, { title: 'path', url: '/there' }, { title: 'capitals', url: `HTTP${own.slice(4)}/there` }, { title: 'absolute', url: `${own}/there` },
      { title: 'other port', url: `${own.slice(0, -1)}/there` });
    const device = await stage.device();
    const page = await stage.list(device, 'links');
    await shows(page, ['other port', 'absolute', 'capitals', 'path', 'elsewhere']);
    expect(await page.locator('a.title').evaluateAll(links => links.map(link => (link as HTMLAnchorElement).target))).toEqual(['_blank', '', '', '', '_blank']);
    await page.route('**/there', route => route.fulfill({ contentType: 'text/html', body: 'There' }));
    await page.getByRole('link', { name: 'absolute' }).click();
    await page.waitForURL('**/there');
    expect(device.pages()).toHaveLength(1);
    await device.close();
  });

  it('that is a path follows the page\'s base', async () => {
    await publish('base', { title: 'path', url: '/there' });
    const device = await stage.device();
    const page = await stage.list(device, 'base', `url="${stage.server.url}"`, { head: '<base href="https://example.org/">' });
    await shows(page, ['path']);
    expect(await page.locator('a.title').getAttribute('target')).toBe('_blank');
    await device.close();
  });
});
