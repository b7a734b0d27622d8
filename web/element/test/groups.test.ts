import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const publish = (user: string, many: number, name: string, more: object = {}) => (async () => { for (let at = 1; at <= many; at++) await stage.server.publish(user, { title: `${name}${at}`, ...more }); })();
const held = async (user: string, status = 'inbox') => (await stage.server.list(user, status)).items.length;
const top = (page: Page, wanted: string[]) => until(`${wanted} on top`, async () => JSON.stringify((await titles(page)).slice(0, wanted.length)) === JSON.stringify(wanted));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** What is sent to the server, as `path body`. */
function sentBy(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', request => { if (request.method() === 'POST') sent.push(`${new URL(request.url()).pathname.split('/').pop()} ${request.postData()}`); });
  return sent;
}

describe('a folded group of which a part is loaded', () => {
  /** 12 of the group, 40 others, 5 of the group. */
  async function open(user: string, attributes = '') {
    await publish(user, 12, 'old', { group: 'g' });
    await publish(user, 40, 'other');
    await publish(user, 5, 'new', { group: 'g' });
    const device = await stage.device();
    const page = await stage.list(device, user, `style="height:500px" ${attributes}`);
    await button(page, '4+ more').waitFor();
    return { device, page, sent: sentBy(page) };
  }
  const none = (page: Page) => until('none of the group', async () => {
    await page.locator('.scroll').evaluate(scroll => { scroll.scrollTop = scroll.scrollHeight; });
    return (await titles(page)).at(-1) === 'other1';
  });

  it('is archived as a whole, by one request, and none comes back lower', async () => {
    const { device, page, sent } = await open('whole', 'undo-time="50"');
    await button(page, 'Archive: new5').click();
    await top(page, ['other40', 'other39']);
    await until('all 17 at the server', async () => await held('whole', 'archived') === 17);
    await none(page);
    expect(sent.filter(one => /archive|delete/.test(one))).toEqual(['archive {"group":"g"}']);
    await until('40 unread', async () => await page.locator('.unread').textContent() === '40');
    await device.close();
  });

  it('is deleted, and read, as a whole too', async () => {
    const { device, page, sent } = await open('whole-gone', 'undo-time="50"');
    await button(page, 'Mark read: new5').click();
    await until('17 read', async () => await page.locator('.unread').textContent() === '40');
    await button(page, 'Delete: new5').click();
    await until('40 at the server', async () => await held('whole-gone', 'all') === 40);
    await none(page);
    expect(sent.filter(one => !one.startsWith('seen'))).toEqual(['read {"group":"g"}', 'delete {"group":"g"}']);
    await device.close();
  });

  it('is taken back as a whole, and what comes meanwhile is neither archived nor hidden', async () => {
    const { device, page } = await open('whole-back', 'undo-time="600000"');
    await button(page, 'Archive: new5').click();
    await top(page, ['other40']);
    await button(page, 'Undo').click();
    await top(page, ['new5', 'other40']);
    await button(page, 'Archive: new5').click();
    await top(page, ['other40']);
    await publish('whole-back', 1, 'late', { group: 'g' });
    await top(page, ['late1', 'other40']);
    await button(page, 'Archive: other40').click(); // settles what could be taken back
    await until('the five', async () => (await stage.server.list('whole-back', 'archived')).items.map(one => one.title).join() === 'new5,new4,new3,new2,new1,other40');
    await top(page, ['late1', 'other39']);
    await device.close();
  });

  it('is read as a whole where only unread ones are listed', async () => {
    const { device, page, sent } = await open('whole-unread');
    await page.getByRole('button', { name: /^Unread/ }).click();
    await button(page, '4+ more').waitFor();
    await button(page, 'Mark read: new5').click();
    await top(page, ['other40', 'other39']);
    await until('17 read', async () => await held('whole-unread', 'read') === 17);
    await none(page);
    expect(sent.filter(one => one.startsWith('read'))).toEqual(['read {"group":"g"}']);
    await device.close();
  });

  it('counts exactly once all is loaded', async () => {
    await publish('exact', 3, 'a', { group: 'g' });
    const device = await stage.device();
    const page = await stage.list(device, 'exact');
    await button(page, '2 more').waitFor();
    await device.close();
  });
});

describe('deletions outlive the page', () => {
  it('a folded group of 12, left 0.4 s later', async () => {
    await publish('twelve', 12, 'n', { group: 'g' });
    const device = await stage.device();
    const page = await stage.list(device, 'twelve');
    await button(page, 'Delete: n12').click();
    await page.locator('.empty').waitFor();
    await page.evaluate(() => new Promise(done => setTimeout(done, 400)));
    await page.goto('about:blank');
    await until('none at the server', async () => await held('twelve', 'all') === 0);
    await device.close();
  });

  it('60 one after the other, reloaded at once', async () => {
    await publish('sixty', 60, 'n');
    const device = await stage.device();
    const page = await stage.list(device, 'sixty');
    await page.locator('.item').first().click({ trial: true });
    await page.evaluate(async () => {
      const root = document.querySelector('inbox-list')!.shadowRoot!;
      for (const clicked = new Set<string>(); clicked.size < 60; await new Promise(requestAnimationFrame)) {
        const bin = [...root.querySelectorAll<HTMLElement>('[data-verb=remove]')].find(button => !clicked.has(button.ariaLabel!));
        if (!bin) continue; // it comes with the next rendering
        clicked.add(bin.ariaLabel!);
        bin.click();
      }
    });
    await page.reload();
    await until('none at the server', async () => await held('sixty', 'all') === 0);
    await device.close();
  });
});

it('a list of upvotes alone: the badge counts them, and "mark all read" leaves what is not shown', async () => {
  await publish('votes', 3, 'mention', { type: 'mention' });
  await publish('votes', 5, 'vote', { type: 'upvote' });
  const device = await stage.device();
  const page = await stage.page(device, `<h1>Votes</h1><inbox-bell badge="unread" title-badge></inbox-bell><script type="module">import { createInbox } from '/inbox.js';
    document.querySelector('inbox-bell').inbox = createInbox({ url: '', token: '${await stage.server.tokenFor('votes')}', filter: { type: 'upvote' } });</script>`);
  await page.locator('.badge', { hasText: /^5$/ }).waitFor();
  await until('the title', async () => await page.title() === '(5) A page');
  await page.locator('.bell').click();
  await top(page, ['vote5', 'vote4', 'vote3', 'vote2', 'vote1']);
  expect(await page.locator('.unread').textContent()).toBe('5');
  await button(page, 'Mark all read').click();
  await page.locator('.badge').waitFor({ state: 'detached' });
  await until('the five', async () => (await stage.server.list('votes', 'read')).items.length === 5);
  expect((await stage.server.list('votes', 'unread')).items.map(one => one.title)).toEqual(['mention3', 'mention2', 'mention1']);
  await publish('votes', 1, 'another', { type: 'mention' });
  await publish('votes', 1, 'more', { type: 'upvote' });
  await page.locator('.badge', { hasText: /^1$/ }).waitFor();
  await button(page, 'Archived').click();
  await page.locator('.empty').getByText('Nothing archived').waitFor();
  expect(await button(page, 'Mark all read').isDisabled()).toBe(true); // none of those is shown here
  await device.close();
});
