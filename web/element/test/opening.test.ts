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

describe('opening a row', () => {
  const three = ['a1', 'a2', 'a3'].map(title => ({ title, group: 'a', url: '/there' }));

  it('reads all that it stands for: the group when it is folded, the one notification when it is not', async () => {
    await publish('opens', ...three, { title: 'b', url: '/there' });
    const device = await stage.device();
    const page = await stage.list(device, 'opens');
    await page.evaluate(() => document.addEventListener('inbox-open', event => event.preventDefault()));
    await shows(page, ['b', 'a3']);
    await page.getByRole('link', { name: 'a3' }).click();
    await until('the row to be read', async () => (await page.locator('.unread-item .title').allTextContents()).join() === 'b');
    await until('the group at the server', async () => (await readAtServer('opens')).join() === 'a3,a2,a1');
    await device.close();
  });

  it('of an opened group reads that one, and it alone looks read then', async () => {
    await publish('opened', ...three);
    const device = await stage.device();
    const page = await stage.list(device, 'opened');
    await page.evaluate(() => document.addEventListener('inbox-open', event => event.preventDefault()));
    await page.getByRole('button', { name: '2 more' }).click();
    await shows(page, ['a3', 'a2', 'a1']);
    await page.getByRole('link', { name: 'a3' }).click();
    await until('the others to be unread', async () => (await page.locator('.unread-item .title').allTextContents()).join() === 'a2,a1');
    await page.getByRole('button', { name: 'Mark unread: a3', exact: true }).waitFor();
    await until('one at the server', async () => (await readAtServer('opened')).join() === 'a3');
    await page.getByRole('button', { name: 'Show less' }).click();
    await page.getByRole('button', { name: 'Mark read: a3', exact: true }).waitFor();
    await device.close();
  });

  it('in another tab, with the middle button, reads it too', async () => {
    await publish('middle', ...three);
    const device = await stage.device();
    const page = await stage.list(device, 'middle');
    await shows(page, ['a3']);
    await device.route('**/there', route => route.fulfill({ contentType: 'text/html', body: 'There' }));
    await page.getByRole('link', { name: 'a3' }).click({ button: 'middle' });
    await until('the group at the server', async () => (await readAtServer('middle')).length === 3);
    await page.getByRole('link', { name: 'a3' }).click({ button: 'right' });
    await device.close();
  });
});
