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
  return page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap((one: any) => one.nodes.map((node: any) => `${one.id}: ${node.target.flat()} ${node.failureSummary}`));
  });
}

const publish = async (user: string, ...all: object[]) => { for (const one of all) await stage.server.publish(user, one); };
const shows = (page: Page, wanted: string[]) => until(`rows ${wanted.join(', ')}`, async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe('tabs and devices', () => {
  it('two tabs and a second device stay in step', async () => {
    await publish('step', { title: 'first' }, { title: 'second' });
    const [laptop, phone] = [await stage.device(), await stage.device()];
    const pages = [await stage.list(laptop, 'step'), await stage.list(laptop, 'step'), await stage.list(phone, 'step')] as const;
    const all = (wanted: string[]) => Promise.all(pages.map(page => shows(page, wanted)));
    const unread = (count: string) => Promise.all(pages.map(page => until(`${count} unread`, async () => await page.locator('.unread').textContent() === count)));
    await all(['second', 'first']);
    await publish('step', { title: 'third' });
    await all(['third', 'second', 'first']);
    await unread('3');
    await button(pages[0], 'Mark read: first').click();
    await unread('2');
    await button(pages[2], 'Archive: second').click();
    await all(['third', 'first']);
    await button(pages[2], 'Undo').click();
    await all(['third', 'second', 'first']);
    await button(pages[1], 'Mark all read').click();
    await unread('0');
    for (const page of pages) expect(page.errors).toEqual([]);
    await Promise.all([laptop.close(), phone.close()]);
  });

  it('what was deleted can be taken back for a while, and is gone after that', async () => {
    await publish('undo', { title: 'keep' }, { title: 'lose' });
    const device = await stage.device();
    const page = await stage.list(device, 'undo', 'undo-time="3000"');
    await button(page, 'Delete: keep').click();
    await shows(page, ['lose']);
    await button(page, 'Undo').click();
    await shows(page, ['lose', 'keep']);
    await button(page, 'Delete: lose').click();
    await until('the server to have one', async () => (await stage.server.list('undo')).items.length === 1);
    await shows(page, ['keep']);
    await until('the toast to go', () => page.locator('.toast').isHidden());
    await device.close();
  });

  it('a deletion is not lost when the page is left before its time', async () => {
    await publish('leave', { title: 'gone' });
    const device = await stage.device();
    const page = await stage.list(device, 'leave', 'undo-time="600000"');
    await button(page, 'Delete: gone').click();
    await page.goto('about:blank');
    await until('the server to have none', async () => (await stage.server.list('leave')).items.length === 0);
    await device.close();
  });
});

describe('the list', () => {
  it('folds groups, opens them, and marks them as one', async () => {
    await publish('fold', { title: 'a1', group: 'a' }, { title: 'b1' }, { title: 'a2', group: 'a' }, { title: 'a3', group: 'a' });
    const device = await stage.device();
    const page = await stage.list(device, 'fold');
    await shows(page, ['a3', 'b1']);
    await button(page, '2 more').click();
    await shows(page, ['a3', 'a2', 'a1', 'b1']);
    await button(page, 'Show less').click();
    await shows(page, ['a3', 'b1']);
    await publish('fold', { title: 'a4', group: 'a' });
    await shows(page, ['a4', 'b1']);
    await button(page, 'Mark read: a4').click();
    await until('one unread', async () => await page.locator('.unread').textContent() === '1');
    await button(page, 'Archive: a4').click();
    await shows(page, ['b1']);
    await until('the server to have archived all four', async () => (await stage.server.list('fold', 'archived')).items.length === 4);
    await device.close();
  });

  it('has tabs, words for emptiness, and priority', async () => {
    await publish('tabs', { title: 'one', priority: 'high' }, { title: 'two' });
    const device = await stage.device();
    const page = await stage.list(device, 'tabs');
    expect(await page.locator('.high').textContent()).toBe('Important');
    await button(page, 'Mark read: two').click();
    await page.getByRole('button', { name: /^Unread/ }).click();
    await shows(page, ['one']);
    await button(page, 'Archive: one').click();
    await page.locator('.empty').getByText('All read').waitFor();
    await button(page, 'Archived').click();
    await shows(page, ['one']);
    await button(page, 'Unarchive: one').click();
    await page.locator('.empty').getByText('Nothing archived').waitFor();
    await button(page, 'All').click();
    await shows(page, ['two', 'one']);
    await device.close();
  });

  it('older ones come as one scrolls; new ones do not move what is read, and a pill counts them', async () => {
    for (let at = 1; at <= 60; at++) await publish('scroll', { title: `number ${at}`, body: 'x'.repeat(at * 7) });
    const device = await stage.device();
    const page = await stage.list(device, 'scroll');
    const seen = new Set<string>();
    await until('all sixty', async () => {
      for (const title of await titles(page)) seen.add(title);
      await page.locator('.scroll').evaluate(scroll => { scroll.scrollTop += 250; });
      return seen.size === 60;
    });
    await page.locator('.scroll').evaluate(scroll => { scroll.scrollTop = 1500; });
    const first = () => page.evaluate(() => {
      const root = document.querySelector('inbox-list')!.shadowRoot!;
      const upper = root.querySelector('.scroll')!.getBoundingClientRect().top;
      const row = [...root.querySelectorAll('.item')].find(one => one.getBoundingClientRect().bottom > upper + 1)!;
      return [row.querySelector('.title')!.textContent, Math.round(row.getBoundingClientRect().top)];
    });
    await page.waitForFunction(() => document.querySelector('inbox-list')!.shadowRoot!.querySelector('.scroll')!.scrollTop > 1000);
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    const before = await first();
    await publish('scroll', { title: 'new 1', body: 'long '.repeat(60) }, { title: 'new 2' }, { title: 'new 3' });
    await page.locator('.pill', { hasText: '3 new' }).waitFor();
    expect(await first()).toEqual(before);
    await page.locator('.pill').click();
    await until('the new ones', async () => (await titles(page)).slice(0, 4).join() === 'new 3,new 2,new 1,number 60');
    await until('the pill to go', () => page.locator('.pill').isHidden());
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('works with the keyboard alone', async () => {
    await publish('keys', { title: 'c', url: '/somewhere' }, { title: 'b' }, { title: 'a' });
    const device = await stage.device();
    const page = await stage.list(device, 'keys');
    const active = () => page.evaluate(() => {
      const element = document.querySelector('inbox-list')!.shadowRoot!.activeElement as HTMLElement | null;
      return element?.ariaLabel ?? element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
    const press = async (...keys: string[]) => { for (const key of keys) await page.keyboard.press(key); };
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab');
    expect(await active()).toBe('Unread: a');
    await press('ArrowDown');
    expect(await active()).toBe('Unread: b');
    await press('r');
    await until('b to be read', async () => await active() === 'b');
    await press('End');
    expect(await active()).toBe('Unread: c');
    await press('e');
    await shows(page, ['a', 'b']);
    expect(await active()).toBe('b');
    await press('z');
    await shows(page, ['a', 'b', 'c']);
    await press('Home');
    expect(await active()).toBe('Unread: a');
    await press('Tab');
    expect(await active()).toBe('Mark read: a');
    await press('Tab', 'Tab', 'Tab', 'Enter');
    await shows(page, ['b', 'c']);
    expect(await active()).toBe('Delete: b');
    await press('Delete', 'Delete');
    await page.locator('.empty').waitFor();
    expect(await page.evaluate(() => document.querySelector('inbox-list')!.shadowRoot!.activeElement?.className)).toBe('scroll');
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('is swiped on a phone', async () => {
    await publish('swipe', { title: 'three' }, { title: 'two' }, { title: 'one' });
    const device = await stage.device({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
    const page = await stage.list(device, 'swipe', 'undo-time="100"');
    const touch = await device.newCDPSession(page);
    const swipe = async (title: string, by: number) => {
      const box = (await page.locator('.item', { hasText: title }).boundingBox())!;
      const y = box.y + box.height / 2, from = by > 0 ? 60 : 340;
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: from, y }] });
      for (let step = 1; step <= 5; step++) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: from + by * step / 5, y }] });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    await swipe('one', 120);
    await until('one read', async () => await page.locator('.unread').textContent() === '2');
    await swipe('two', -120);
    await shows(page, ['one', 'three']);
    await swipe('three', -300);
    await shows(page, ['one']);
    await until('archived, not deleted; deleted, not archived', async () =>
      (await stage.server.list('swipe', 'all')).items.map((one: any) => `${one.title} ${one.archived}`).join() === 'one false,two true');
    await device.close();
  });
});

describe('whoever looks at it', () => {
  const hostile = {
    title: "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>", body: '<b>bold</b>\u202e${1}{{1}}', url: '/"onmouseover=x',
    actor: { id: '<i>x</i>', name: '\u202e<svg onload=1>' }, group: '"><script>',
  };

  it('a hostile notification is text', async () => {
    await publish('hostile', hostile, { title: 'W'.repeat(200), body: 'w'.repeat(3000) });
    const device = await stage.device();
    const page = await stage.list(device, 'hostile');
    await page.locator('.item').nth(1).waitFor();
    expect(await page.locator('.item .title').nth(1).textContent()).toBe(hostile.title);
    expect(await page.locator('.item .body').nth(1).textContent()).toBe(hostile.body);
    expect(await page.locator('.item').locator('img, script, b, i, svg, [onmouseover], [onerror]').count()).toBe(0);
    expect(await page.locator('.item a').getAttribute('rel')).toContain('noopener');
    expect(await page.title()).toBe('A page');
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it.each(['ltr', 'rtl'])('at 320 px, %s, nothing scrolls sideways', async direction => {
    await publish(`narrow-${direction}`, hostile, { title: 'W'.repeat(200), body: 'w'.repeat(3000), priority: 'high', group: 'g', actor: { name: 'Y'.repeat(100) } }, { title: 'more', group: 'g' });
    const device = await stage.device({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    const page = await stage.list(device, `narrow-${direction}`, '', { html: `lang="ko" dir="${direction}"` });
    await page.locator('.more').click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await page.locator('.scroll').evaluate(scroll => scroll.scrollWidth - scroll.clientWidth)).toBe(0);
    const [avatar, title] = [(await page.locator('.avatar').first().boundingBox())!, (await page.locator('.what').first().boundingBox())!];
    expect(avatar.x < title.x).toBe(direction === 'ltr');
    expect(await findings(page)).toEqual([]);
    await device.close();
  });

  it('in Korean', async () => {
    await publish('korean', { title: '댓글이 달렸습니다' });
    const device = await stage.device();
    const page = await stage.bell(device, 'korean', '', { html: 'lang="ko"' });
    await page.getByRole('button', { name: '알림, 새 알림 1개' }).click();
    await page.getByRole('dialog', { name: '알림' }).waitFor();
    await page.getByRole('button', { name: '읽음으로 표시: 댓글이 달렸습니다' }).click();
    expect(await page.locator('time').textContent()).toMatch(/방금|전/);
    await page.evaluate(() => { document.querySelector('inbox-bell')!.lang = 'en'; });
    await page.getByRole('button', { name: 'Mark unread: 댓글이 달렸습니다' }).waitFor();
    await device.close();
  });

  it.each([['html', 'en_US'], ['html', 'C'], ['element', 'x_'], ['element', 'ko_KR']])('a tag of the %s that Intl does not take, %s, shows the rows', async (where, tag) => {
    await publish(`tag-${tag}`, { title: 'one' }, { title: 'two' });
    const device = await stage.device();
    const page = await stage.bell(device, `tag-${tag}`, where === 'element' ? `lang="${tag}"` : '', { html: where === 'html' ? `lang="${tag}"` : '' });
    await page.locator('.badge', { hasText: '2' }).waitFor();
    await page.locator('.bell').click();
    await shows(page, ['two', 'one']);
    expect(await page.locator('time').first().textContent()).toMatch(tag === 'ko_KR' ? /방금|전/ : /just now|ago/);
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('a time to take back that is no number is the usual one', async () => {
    await publish('no-number', { title: 'one' });
    const device = await stage.device();
    const page = await stage.list(device, 'no-number', 'undo-time="soon"');
    await button(page, 'Delete: one').click();
    await button(page, 'Undo').click();
    await shows(page, ['one']);
    await device.close();
  });

  it('in a language of the page', async () => {
    const device = await stage.device();
    const page = await stage.list(device, 'german', '', { html: 'lang="de"', head: `<script type="module">import { addLanguage } from '/inbox.js'; addLanguage('de', { inbox: 'Mitteilungen', none: 'Noch nichts da' });</script>` });
    await page.getByText('Mitteilungen').waitFor();
    await page.getByText('Noch nichts da').waitFor();
    await device.close();
  });

  it.each(['light', 'dark'] as const)('axe-core finds nothing (%s)', async colorScheme => {
    await publish(`axe-${colorScheme}`, ...Array.from({ length: 20 }, (_, at) => ({
      title: `number ${at}`, body: 'text', priority: at % 3 ? 'normal' : 'high', actor: { name: `Person ${String.fromCharCode(65 + at)} ${at}` },
      ...(at % 4 === 0 && { group: `g${at % 8}` }), ...(at % 2 && { url: '/there' }),
    })));
    const device = await stage.device({ colorScheme, reducedMotion: 'reduce' });
    const page = await stage.list(device, `axe-${colorScheme}`);
    await page.locator('.item').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await button(page, 'Archive: number 19').click();
    await page.locator('.toast').waitFor();
    await page.locator('.item').first().hover();
    expect(await findings(page)).toEqual([]);
    await button(page, 'Archived').click();
    await shows(page, ['number 19']);
    expect(await findings(page)).toEqual([]);
    const bell = await stage.bell(device, `axe-${colorScheme}`);
    expect(await findings(bell)).toEqual([]);
    await bell.locator('.bell').click();
    await bell.locator('.item').first().waitFor();
    expect(await findings(bell)).toEqual([]);
    await device.close();
  });
});

describe('the bell', () => {
  it('counts, opens, is seen, announces, and closes', async () => {
    await publish('bell', { title: 'one' });
    const device = await stage.device();
    const page = await stage.bell(device, 'bell', 'title-badge favicon-badge');
    await until('the title', async () => await page.title() === '(1) A page');
    await until('the icon', () => page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href.startsWith('data:image/png')));
    await publish('bell', { title: 'two' });
    await page.locator('.badge', { hasText: '2' }).waitFor();
    await until('the announcement', async () => (await page.locator('inbox-bell > .announce, .announce').first().textContent()) === 'New: two');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows(page, ['two', 'one']);
    await page.locator('.badge').waitFor({ state: 'detached' });
    expect(await page.locator('.unread').textContent()).toBe('2');
    expect(await page.title()).toBe('A page');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.querySelector('inbox-bell')!.shadowRoot!.activeElement?.className)).toBe('bell');
    await page.locator('.bell').click();
    await page.locator('.item').first().waitFor();
    await page.mouse.click(20, 500);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('stays as the person left it, whatever is shown anew before the event says so', async () => {
    const device = await stage.device();
    const page = await stage.bell(device, 'left', '');
    await page.locator('.bell').waitFor();
    expect(await page.evaluate(async () => {
      const bell = document.querySelector('inbox-bell') as HTMLElement & { open: boolean; badge: string };
      const panel = bell.shadowRoot!.querySelector<HTMLElement>('.panel')!;
      const seen: boolean[] = [];
      for (const act of ['showPopover', 'hidePopover'] as const) {
        const told = new Promise(done => panel.addEventListener('toggle', done, { once: true }));
        panel[act]();
        bell.badge = act; // shown anew
        await told;
        await new Promise(requestAnimationFrame);
        seen.push(panel.matches(':popover-open'), bell.open);
      }
      return seen;
    })).toEqual([true, true, false, false]);
    await device.close();
  });

  it('tells the desktop when the person looks elsewhere', async () => {
    const device = await stage.device({ permissions: ['notifications'] });
    const page = await stage.bell(device, 'desktop', 'desktop sound', { head: `<script>
      document.hasFocus = () => false; window.told = [];
      window.Notification = class { static permission = 'granted'; constructor(title, options) { told.push([title, options.body]); } };</script>` });
    await page.waitForFunction(() => (document.querySelector('inbox-bell') as any).store?.getSnapshot().status === 'live');
    await publish('desktop', { title: 'hello', body: 'you' });
    await until('the notification', async () => JSON.stringify(await page.evaluate(() => (window as any).told)) === '[["hello","you"]]');
    await device.close();
  });

  it('says that nobody is signed in', async () => {
    const device = await stage.device();
    const page = await stage.page(device, '<h1>A page</h1><inbox-list></inbox-list><inbox-bell></inbox-bell>');
    await page.locator('.empty').getByText('Signed out').waitFor();
    await page.evaluate(token => { document.querySelector('inbox-list')!.token = token; }, await stage.server.tokenFor('late'));
    await page.locator('inbox-list .empty').getByText('Nothing here yet').waitFor();
    await page.evaluate(token => { document.querySelector('inbox-list')!.token = token; }, await stage.server.tokenFor('somebody-else'));
    await publish('somebody-else', { title: 'for another' });
    await shows(page, ['for another']);
    await device.close();
  });
});
