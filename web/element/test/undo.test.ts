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
const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const unread = (page: Page, count: number) => until(`${count} unread`, async () => await page.locator('.unread').textContent() === `${count}`);
const readAt = async (user: string, status = 'inbox') => (await stage.server.list(user, status)).items.filter(item => item.read).map(item => item.title);
const toast = (page: Page, words: string) => until(`"${words}"`, async () => await page.locator('.toast').isVisible() && await page.locator('.toast span').textContent() === words);
const isGone = (page: Page) => until('the toast to go', () => page.locator('.toast').isHidden());

describe('all read', () => {
  it('can be taken back, on every device, also what is not loaded; what was read before stays, and what comes meanwhile', async () => {
    await publish('all-back', ...Array.from({ length: 40 }, (_, at) => ({ title: `number ${at}` })));
    await stage.server.call('POST', 'all-back/notifications/read', { ids: [(await stage.server.list('all-back')).items[0].id] });
    const [device, other] = [await stage.device({ reducedMotion: 'reduce' }), await stage.device()];
    const [page, phone] = [await stage.list(device, 'all-back', 'undo-time="600000"'), await stage.list(other, 'all-back')];
    await unread(phone, 39);
    await button(page, 'Mark all read').click();
    await toast(page, 'All read');
    for (const one of [page, phone]) await unread(one, 0);
    await publish('all-back', { title: 'later' });
    for (const one of [page, phone]) await unread(one, 1);
    await page.evaluate(axe);
    expect(await page.evaluate(async () => (await (globalThis as any).axe.run(document)).violations.map(({ id, nodes }: any) => `${id}: ${nodes[0].target.flat()}`))).toEqual([]);
    await button(page, 'Undo').click();
    await isGone(page);
    for (const one of [page, phone]) await unread(one, 40);
    expect(await readAt('all-back')).toEqual(['number 39']);
    expect(page.errors).toEqual([]);
    await Promise.all([device.close(), other.close()]);
  });

  it('can be taken back by z, in whatever tab, with the keyboard alone', async () => {
    await publish('all-z', { title: 'b' }, { title: 'a' });
    const device = await stage.device();
    const page = await stage.list(device, 'all-z', 'undo-time="600000"');
    await page.getByRole('button', { name: /^Unread/ }).click();
    await unread(page, 2);
    for (let again = 0; again < 2; again++) {
      await button(page, 'Mark all read').focus();
      await page.keyboard.press('Enter');
      await page.locator('.empty').getByText('All read').waitFor();
      await toast(page, 'All read');
      await page.keyboard.press('z');
      await unread(page, 2);
      await isGone(page);
      await until('the rows', async () => (await titles(page)).join() === 'a,b');
    }
    expect(await readAt('all-z')).toEqual([]);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('is said for a while, in the language of the page', async () => {
    await publish('all-ko', { title: '댓글' });
    const device = await stage.device();
    const page = await stage.list(device, 'all-ko', 'undo-time="1500"', { html: 'lang="ko"' });
    await button(page, '모두 읽음으로 표시').click();
    await toast(page, '모두 읽었습니다');
    await button(page, '실행 취소').waitFor();
    await isGone(page);
    expect(await readAt('all-ko')).toEqual(['댓글']);
    await device.close();
  });

  it.each(['comes too late', 'has no token'])('that cannot be taken back, because it %s, stays, and the toast says so', async why => {
    const user = `all ${why}`;
    await publish(user, { title: 'one' });
    const device = await stage.device();
    const page = await stage.list(device, user, 'undo-time="600000"');
    if (why === 'has no token') await page.route('**/notifications/read', async route => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...await response.json(), undo: undefined } });
    });
    await button(page, 'Mark all read').click();
    await until('the mark', async () => (await readAt(user)).length === 1);
    const { items: [{ id }] } = await stage.server.list(user);
    for (let at = 0; at < 10; at++) await stage.server.call('POST', `${encodeURIComponent(user)}/notifications/unarchive`, { ids: [id] });
    await button(page, 'Undo').click();
    await toast(page, 'That could not be saved');
    expect(await button(page, 'Undo').count()).toBe(0);
    await unread(page, 0);
    expect(await readAt(user)).toEqual(['one']);
    await device.close();
  });

  it('is what is taken back, and neither what was done before nor what is done after it', async () => {
    await publish('all-order', { title: 'g1', group: 'g' }, { title: 'g2', group: 'g' }, { title: 'b' }, { title: 'a' });
    const device = await stage.device();
    const page = await stage.list(device, 'all-order', 'undo-time="600000"');
    await button(page, 'Archive: g2').click(); // held back until it can no longer be taken back
    await toast(page, 'Archived');
    await button(page, 'Mark all read').click();
    await toast(page, 'All read');
    await button(page, 'Undo').click();
    await until('nothing to be read', async () => (await readAt('all-order')).length === 0);
    expect((await stage.server.list('all-order', 'archived')).items.map(item => item.title)).toEqual(['g2', 'g1']);
    await unread(page, 2);

    await button(page, 'Mark all read').click();
    await toast(page, 'All read');
    await button(page, 'Mark unread: a').click();
    await isGone(page);
    await unread(page, 1);
    await until('b to be read', async () => (await readAt('all-order')).join() === 'b');
    await device.close();
  });
});
