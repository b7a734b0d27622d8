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

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const button = (page: Page, name = 'Search') => page.getByRole('button', { name, exact: true });
const field = (page: Page, name = 'Search') => page.getByRole('searchbox', { name });
const open = async (page: Page, text = '') => {
  await button(page).click();
  await page.keyboard.type(text); // the field has the focus
};
const filter = (page: Page) => page.evaluate(() => ({ ...document.querySelector<HTMLElement & { store: any }>('inbox-list, inbox-bell')!.store.getSnapshot().filter }));
/** Where the rows are. */
const place = (page: Page) => page.locator('.scroll').boundingBox();
/** The texts that were asked for. */
function asked(page: Page): string[] {
  const all: string[] = [];
  page.on('request', request => {
    const q = new URL(request.url()).searchParams.get('q');
    if (q !== null) all.push(q);
  });
  return all;
}
/** Nobody has these but for the test that names them. */
const some = [{ title: 'plain' }, { title: 'by body', body: 'a Needle in hay' }, { title: 'by actor', actor: { name: 'Ann Needleman' } }, { title: 'the NEEDLE itself' }];
const found = ['the NEEDLE itself', 'by actor', 'by body'], all = [...found, 'plain'];

describe('search', () => {
  it('finds by title, body and actor after a pause; without text, or with a single character, all is there', async () => {
    await publish('search', ...some);
    const device = await stage.device();
    const page = await stage.list(device, 'search');
    const texts = asked(page);
    await shows(page, all);
    await open(page, 'needle');
    await shows(page, found);
    await field(page).fill('n');
    await shows(page, all);
    await field(page).fill('  itself ');
    await shows(page, ['the NEEDLE itself']);
    await field(page).fill('🦊'); // one character of two units
    await shows(page, all);
    await field(page).fill('man');
    await shows(page, ['by actor']);
    await field(page).fill('');
    await shows(page, all);
    await page.keyboard.insertText('n'.repeat(70));
    await page.locator('.empty').getByText('Nothing found').waitFor();
    await page.locator('.announce').getByText('Nothing found').waitFor(); // said aloud, too
    expect(texts).toEqual(['needle', 'itself', 'man', 'n'.repeat(64)]);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('ends with Escape: the field is gone, the button has the focus, the filter and the rows are as before, and nothing has moved', async () => {
    await publish('search-escape', ...some);
    const device = await stage.device();
    const page = await stage.list(device, 'search-escape');
    await shows(page, all);
    const [before, where] = [await filter(page), await place(page)];
    await button(page, 'Mark all read').focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await button(page).getAttribute('aria-expanded')).toBe('true');
    expect(await page.locator('.filters').isVisible()).toBe(false);
    await page.keyboard.type('needle');
    await shows(page, found);
    expect(await place(page)).toEqual(where);
    // An input method takes its own Escape.
    await field(page).evaluate(one => one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true, composed: true })));
    await page.keyboard.press('End');
    expect(await field(page).inputValue()).toBe('needle');
    await page.keyboard.press('Escape');
    await field(page).waitFor({ state: 'detached' });
    await shows(page, all);
    expect(await filter(page)).toEqual(before);
    expect(await place(page)).toEqual(where);
    expect(await button(page).evaluate(one => [one.matches(':focus-visible'), getComputedStyle(one).outlineStyle, one.ariaExpanded])).toEqual([true, 'solid', 'false']);
    // What was typed and not yet searched for is not searched for later.
    const texts = asked(page);
    await page.clock.install();
    await page.keyboard.press('Enter');
    await page.keyboard.type('plain');
    await page.keyboard.press('Escape');
    await page.clock.runFor(1_000);
    await page.keyboard.press('Enter');
    expect(await field(page).inputValue()).toBe('');
    await page.keyboard.type('actor');
    await shows(page, ['by actor']);
    expect(texts).toEqual(['actor']);
    await device.close();
  });

  it('stays within the tab, marks what it shows, and says when there is nothing', async () => {
    await publish('search-tab', ...some);
    const device = await stage.device();
    const page = await stage.list(device, 'search-tab');
    await shows(page, all);
    await button(page, 'Mark read: by body').click();
    await page.getByRole('button', { name: /^Unread/ }).click();
    await shows(page, ['the NEEDLE itself', 'by actor', 'plain']);
    await open(page, 'needle');
    await shows(page, ['the NEEDLE itself', 'by actor']);
    expect(await filter(page)).toEqual({ status: 'unread', q: 'needle' });
    await button(page, 'Mark all read').click();
    await page.locator('.empty').getByText('Nothing found').waitFor();
    await until('one that is unread', async () => (await stage.server.list('search-tab', 'unread')).items.map(one => one.title).join() === 'plain');
    // Nothing that is shown is unread.
    expect(await button(page, 'Mark all read').isDisabled()).toBe(true);
    await field(page).press('Escape');
    await shows(page, ['plain']);
    expect(await page.getByRole('button', { name: /^Unread/ }).getAttribute('aria-pressed')).toBe('true');
    expect(await button(page, 'Mark all read').isEnabled()).toBe(true);
    await button(page, 'Archive: plain').click();
    await page.locator('.empty').getByText('All read').waitFor();
    await device.close();
  });

  it('lets in what comes and matches, and shows the rest when it is closed', async () => {
    await publish('search-live', ...some);
    const device = await stage.device();
    const page = await stage.list(device, 'search-live');
    await page.clock.install();
    await open(page, 'needle');
    await shows(page, found);
    await publish('search-live', { title: 'other' }, { title: 'pins and needles' });
    await shows(page, ['pins and needles', ...found]);
    // Who looks at what was found has not seen the rest.
    const unseen = async () => (await stage.server.list('search-live')).counts.unseen;
    const before = await unseen();
    const marks: string[] = [];
    page.on('request', request => { if (request.method() === 'POST') marks.push(request.url()); });
    await page.clock.runFor(5_000);
    expect([before > 0, marks]).toEqual([true, []]);
    await button(page).click();
    await shows(page, ['pins and needles', 'other', ...all]);
    await page.clock.runFor(5_000);
    await until('all to be seen', async () => await unseen() === 0);
    expect(page.errors).toEqual([]);
    await device.close();
  });
});

describe('in the bell', () => {
  it('Escape closes the search and then the bell; a bell that is closed leaves no search behind', async () => {
    await publish('search-bell', ...some);
    const device = await stage.device({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce', hasTouch: true, isMobile: true });
    const page = await stage.bell(device, 'search-bell', '', { head: '<style>inbox-bell::part(search) { color: rgb(1, 2, 3) }</style>' });
    await page.locator('.bell').click();
    await shows(page, all);
    const where = await place(page);
    await open(page, 'needle');
    await shows(page, found);
    expect(await place(page)).toEqual(where);
    expect(await field(page).evaluate(one => getComputedStyle(one).color)).toBe('rgb(1, 2, 3)');
    const [box, next] = [(await field(page).boundingBox())!, (await button(page).boundingBox())!];
    expect([box.x > 0, box.x + box.width < next.x, box.width > 180]).toEqual([true, true, true]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await page.keyboard.press('Escape');
    await shows(page, all);
    await open(page);
    await page.keyboard.press('Escape'); // browsers keep it to themselves where there is a text, and not here
    await field(page).waitFor({ state: 'detached' });
    await page.getByRole('dialog').waitFor();
    await open(page, 'needle');
    await shows(page, found);
    await button(page, 'Close').click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator('.bell').click();
    await shows(page, all);
    expect(await field(page).count()).toBe(0);
    await button(page).focus();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('and in the list there is none with `no-search`', async () => {
    const device = await stage.device();
    const page = await stage.bell(device, 'search-none', 'no-search');
    await page.locator('.bell').click();
    await button(page, 'Mark all read').waitFor();
    expect(await button(page).count()).toBe(0);
    await page.evaluate(() => { document.querySelector('inbox-bell')!.noSearch = false; });
    await button(page).waitFor();
    const list = await stage.list(device, 'search-none', 'no-search');
    expect(await button(list).count()).toBe(0);
    await device.close();
  });
});

it('an application that searches by itself has no button beside its own, and keeps its text', async () => {
  await publish('search-own', ...some);
  const device = await stage.device();
  const page = await stage.page(device, '<h1>A page</h1><inbox-list></inbox-list>');
  await page.addScriptTag({ type: 'module', content: `import { createInbox } from '/inbox.js';
    document.querySelector('inbox-list').inbox = createInbox({ url: '', token: '${await stage.server.tokenFor('search-own')}', filter: { q: 'needle' } });` });
  const set = (q?: string) => page.evaluate(q => void document.querySelector('inbox-list')!.inbox!.setFilter({ q }), q);
  await shows(page, found);
  expect(await button(page).count()).toBe(0);
  await set();
  await shows(page, all);
  await open(page, 'needle');
  await shows(page, found);
  await set('actor');
  await shows(page, ['by actor']);
  expect([await button(page).count(), await field(page).count()]).toEqual([0, 0]);
  // Moved within the page: another's text is left as it is.
  await page.evaluate(() => document.body.append(document.querySelector('inbox-list')!));
  await shows(page, ['by actor']);
  expect(await filter(page)).toEqual({ q: 'actor' });
  await device.close();
});

describe('whoever looks at it', () => {
  it.each([['light', 1000, 'ltr'], ['dark', 320, 'ltr'], ['dark', 320, 'rtl']] as const)('axe-core finds nothing, and nothing scrolls sideways (%s, %i px, %s)', async (colorScheme, width, direction) => {
    await publish(`search-axe-${colorScheme}-${direction}`, ...some);
    const device = await stage.device({ colorScheme, reducedMotion: 'reduce', viewport: { width, height: 640 } });
    const page = await stage.list(device, `search-axe-${colorScheme}-${direction}`, '', { html: `lang="en" dir="${direction}"` });
    await shows(page, all);
    const where = await place(page);
    await button(page).click();
    await field(page).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.type('needle');
    await shows(page, found);
    expect(await findings(page)).toEqual([]);
    await field(page).fill('nowhere');
    await page.locator('.empty').getByText('Nothing found').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await place(page)).toEqual(where);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('in Korean', async () => {
    await publish('search-korean', { title: '배포가 끝났습니다' }, { title: '댓글이 달렸습니다' });
    const device = await stage.device();
    const page = await stage.list(device, 'search-korean', '', { html: 'lang="ko"' });
    await button(page, '검색').click();
    await field(page, '검색').fill('댓글');
    await shows(page, ['댓글이 달렸습니다']);
    await field(page, '검색').fill('없는 말');
    await page.locator('.empty').getByText('검색 결과 없음').waitFor();
    await device.close();
  });
});
