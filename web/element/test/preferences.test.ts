import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Preferences } from '@orleans-inbox/client';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => (await (globalThis as any).axe.run(document)).violations.flatMap((one: any) => one.nodes.map((node: any) => `${one.id}: ${node.target.flat()} ${node.failureSummary}`)));
}

const empty: Preferences = { mute: { types: [], groups: [], topics: [] }, quiet: null, channels: {} };
const types = [{ type: 'comment.*', label: 'Comments' }, { type: 'comment.reply', label: 'Replies' }, { type: 'upvote', label: 'Upvotes' }];
const channels = [{ id: 'email', label: 'E-mail' }], zone = 'Europe/Berlin';

/** What a server stores for the device's person, and how it answers. */
class Stored {
  value: Preferences = empty;
  version = 0;
  readonly sent: [match: string | undefined, body: Preferences][] = [];
  /** Answers that wait for the test, while there is a gate. */
  gate: Promise<void> | undefined;
  /** Of the next request. */
  fails: { method: string; status: number; json?: object } | undefined;

  async at(device: BrowserContext): Promise<this> {
    await device.route('**/preferences', async route => {
      const request = route.request(), method = request.method(), match = await request.headerValue('if-match') ?? undefined;
      const failure = this.fails?.method === method ? this.fails : undefined;
      if (failure) this.fails = undefined;
      if (method === 'PUT') this.sent.push([match, request.postDataJSON()]);
      await this.gate;
      if (failure) return failure.status ? route.fulfill({ status: failure.status, json: failure.json ?? {} }) : route.abort();
      if (method === 'PUT') {
        if (match !== `"${this.version}"`) return route.fulfill({ status: 412, json: { detail: 'Changed.' } });
        this.value = request.postDataJSON();
        this.version++;
      }
      return route.fulfill({ json: this.value, headers: { ETag: `"${this.version}"` } });
    });
    return this;
  }
}

async function open(device: BrowserContext, user: string, attributes = '', more = {}): Promise<Page & { errors: string[] }> {
  return stage.page(device, `<h1>Settings</h1><inbox-preferences token="${await stage.server.tokenFor(user)}" types='${JSON.stringify(types)}' ${attributes}></inbox-preferences>`, more);
}
const box = (page: Page, name: string) => page.getByRole('checkbox', { name, exact: true });
const save = (page: Page, name = 'Save') => page.getByRole('button', { name, exact: true });
const note = (page: Page, words: string) => until(`"${words}"`, async () => (await page.locator('.note').textContent())?.trim() === words);
const idle = (page: Page) => save(page).getAttribute('aria-disabled');
/** Which boxes are checked, in their order; in brackets those that cannot be changed. */
const boxes = (page: Page) => page.locator('input[type=checkbox]').evaluateAll(all => all.map(one => {
  const { checked, disabled } = one as HTMLInputElement;
  return disabled ? `(${checked ? 'x' : '-'})` : checked ? 'x' : '-';
}).join(' '));
const focused = (page: Page) => page.evaluate(() => {
  const element = document.querySelector('inbox-preferences')!.shadowRoot!.activeElement as HTMLInputElement | null;
  return element?.ariaLabel ?? (element?.name || element?.textContent?.trim() || element?.parentElement?.textContent?.trim());
});

describe('preferences', () => {
  it('show what is stored, are changed and saved with its ETag', async () => {
    const device = await stage.device({ timezoneId: 'Asia/Seoul' }), stored = await new Stored().at(device);
    const page = await open(device, 'wishes');
    await box(page, 'Comments').waitFor();
    expect(await boxes(page)).toBe('x x x -');
    expect(await idle(page)).toBe('true');
    await save(page).click({ force: true });
    expect(stored.sent).toEqual([]);
    await box(page, 'Upvotes').uncheck();
    await box(page, 'Comments').uncheck();
    expect(await boxes(page)).toBe('- (-) - -'); // replies are comments
    await box(page, 'Quiet hours').check();
    expect(await Promise.all(['From', 'To', 'Time zone'].map(name => page.getByLabel(name).inputValue()))).toEqual(['22:00', '07:00', 'Asia/Seoul']);
    await page.getByLabel('From').fill('23:30');
    expect(await idle(page)).toBe('false');
    await save(page).click();
    await note(page, 'Saved');
    const wished: Preferences = { ...empty, mute: { ...empty.mute, types: ['upvote', 'comment.*'] }, quiet: { from: '23:30', to: '07:00', zone: 'Asia/Seoul' } };
    expect(stored.sent).toEqual([['"0"', wished]]);
    expect(await idle(page)).toBe('true');
    await page.reload();
    await box(page, 'Comments').waitFor();
    expect(await boxes(page)).toBe('- (-) - x');
    await box(page, 'Comments').check();
    await box(page, 'Quiet hours').uncheck();
    await save(page).click();
    await note(page, 'Saved');
    expect(stored.sent[1]).toEqual(['"1"', { ...wished, mute: { ...wished.mute, types: ['upvote'] }, quiet: null }]);
    // Switched on again before it is saved, they are as they were.
    await box(page, 'Quiet hours').check();
    await page.getByLabel('To').fill('06:15');
    await box(page, 'Quiet hours').uncheck();
    await box(page, 'Quiet hours').check();
    expect(await page.getByLabel('To').inputValue()).toBe('06:15');
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('have a box for each type and channel where the application lists channels; what is not listed is kept, and shown by its name', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    stored.value = { mute: { types: ['deploy.failed'], groups: ['post:7', 'post:8'], topics: ['t'] }, quiet: null, channels: { email: { off: ['upvote'] }, sms: { off: ['comment.*'] } } };
    const page = await open(device, 'wishes-channels', `channels='${JSON.stringify(channels)}'`);
    await box(page, 'Upvotes: E-mail').waitFor();
    expect(await page.locator('tbody th').allTextContents()).toEqual(['Comments', 'Replies', 'Upvotes', 'deploy.failed']);
    expect(await boxes(page)).toBe('x x x x x - - (x) -');
    await box(page, 'Upvotes: E-mail').check();
    await box(page, 'Replies: E-mail').uncheck();
    await box(page, 'deploy.failed: Inbox').check();
    expect(await boxes(page)).toBe('x x x - x x x x -');
    await page.getByRole('button', { name: 'Unmute: post:7' }).click();
    await until('the focus', async () => await focused(page) === 'Unmute: post:8');
    await page.keyboard.press('Enter');
    await until('the focus', async () => await focused(page) === 'Save');
    expect(await page.getByText('Muted conversations').count()).toBe(0);
    await page.keyboard.press('Enter');
    await note(page, 'Saved');
    expect(stored.sent).toEqual([['"0"', { mute: { types: [], groups: [], topics: ['t'] }, quiet: null, channels: { sms: { off: ['comment.*'] }, email: { off: ['comment.reply'] } } }]]);
    expect(await page.locator('tbody th').allTextContents()).toContain('deploy.failed'); // it can be switched off again
    expect(page.errors).toEqual([]);
    await device.close();
  });

  it('that were changed elsewhere are loaded anew, which is said; then they are saved', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    const page = await open(device, 'wishes-elsewhere');
    await box(page, 'Upvotes').uncheck();
    await box(page, 'Quiet hours').check();
    Object.assign(stored, { value: { ...empty, mute: { ...empty.mute, types: ['comment.reply'], groups: ['post:9'] } }, version: 5 });
    await save(page).click();
    await note(page, 'These settings were changed elsewhere meanwhile. You see them as they are now; nothing of yours was saved.');
    expect(await boxes(page)).toBe('x - x -');
    expect(await page.getByText('post:9').count()).toBe(1);
    expect(await page.getByLabel('From').count()).toBe(0);
    expect(await idle(page)).toBe('true');
    expect(await focused(page)).toBe('Save');
    await box(page, 'Upvotes').uncheck();
    await save(page).click();
    await note(page, 'Saved');
    expect(stored.sent.at(-1)).toEqual(['"5"', { ...empty, mute: { ...empty.mute, types: ['comment.reply', 'upvote'], groups: ['post:9'] } }]);
    await device.close();
  });

  it('that are wrong say so beside the field, in the server\'s words; what was entered stays', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    const page = await open(device, 'wishes-wrong');
    await box(page, 'Quiet hours').check();
    await page.getByLabel('Time zone').fill('Mars/Olympus');
    stored.fails = { method: 'PUT', status: 400, json: { errors: { 'quiet.zone': ['Must be a zone of IANA.'], 'mute.types[3]': ['Must be a type.'], other: ['Something else.'] } } };
    await page.keyboard.press('Enter');
    await note(page, 'That could not be saved Something else.');
    const field = page.getByLabel('Time zone');
    expect(await field.evaluate(one => [one.ariaInvalid, (one.getRootNode() as ShadowRoot).getElementById(one.getAttribute('aria-describedby')!)?.textContent])).toEqual(['true', 'Must be a zone of IANA.']);
    expect(await page.locator('.bad').allTextContents()).toEqual(['Must be a type.', 'Must be a zone of IANA.']);
    expect(await page.getByLabel('From').getAttribute('aria-invalid')).toBe('false');
    expect(await field.inputValue()).toBe('Mars/Olympus');
    await field.fill('Europe/Berlin');
    await save(page).click();
    await note(page, 'Saved');
    expect(await page.locator('.bad').count()).toBe(0);
    expect(stored.value.quiet).toEqual({ from: '22:00', to: '07:00', zone: 'Europe/Berlin' });
    await field.fill('');
    await save(page).click({ force: true });
    expect(await field.evaluate(one => (one as HTMLInputElement).validity.valueMissing)).toBe(true);
    expect(stored.sent).toHaveLength(2);
    await device.close();
  });

  it('say that they are loaded and saved, and that they could not be; what is changed meanwhile is not lost', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    let open_!: () => void;
    const close = () => { stored.gate = new Promise(done => { open_ = done; }); };
    close();
    stored.fails = { method: 'GET', status: 0 };
    const page = await open(device, 'wishes-slow');
    await page.getByText('Loading').waitFor();
    await page.waitForFunction(() => document.querySelector('inbox-preferences')!.store?.getSnapshot().status === 'live'); // which loads again what failed before
    open_();
    await page.getByText('The settings could not be read').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await box(page, 'Upvotes').uncheck();
    close();
    await save(page).click();
    await note(page, 'Saving …');
    expect(await page.locator('form').getAttribute('aria-busy')).toBe('true');
    await box(page, 'Replies').uncheck();
    await save(page).click({ force: true });
    open_();
    await until('the end of it', async () => await page.locator('form').getAttribute('aria-busy') === 'false');
    expect([stored.sent.length, await boxes(page), await idle(page)]).toEqual([1, 'x - - -', 'false']);
    stored.fails = { method: 'PUT', status: 503 };
    await save(page).click();
    await note(page, 'That could not be saved');
    await save(page).click();
    await note(page, 'Saved');
    expect(stored.sent.map(([match]) => match)).toEqual(['"0"', '"1"', '"1"']);
    expect(stored.value.mute.types).toEqual(['upvote', 'comment.reply']);
    await device.close();
  });

  it('are those of who is signed in; an inbox of the page will do, and properties for what is listed', async () => {
    const device = await stage.device();
    await device.route('**/preferences', async route => {
      const [, claims] = (await route.request().headerValue('authorization'))!.split('.');
      if (!claims) return route.fulfill({ status: 401, json: {} });
      const { sub } = JSON.parse(atob(claims));
      return route.fulfill({ json: { ...empty, mute: { ...empty.mute, groups: [`of ${sub}`] } }, headers: { ETag: '"0"' } });
    });
    const page = await stage.page(device, '<h1>Settings</h1><inbox-preferences></inbox-preferences>');
    await page.getByText('Signed out').waitFor();
    const tokens = await Promise.all(['wishes-ann', 'wishes-bob'].map(user => stage.server.tokenFor(user)));
    const set = (values: object) => page.evaluate(values => { Object.assign(document.querySelector('inbox-preferences')!, values); }, values);
    await set({ token: tokens[0], types });
    await page.getByText('of wishes-ann').waitFor();
    expect(await boxes(page)).toBe('x x x -');
    await set({ token: tokens[1] });
    await page.getByText('of wishes-bob').waitFor();
    expect(await page.getByText('of wishes-ann').count()).toBe(0);
    await page.addScriptTag({ type: 'module', content: `import { createInbox } from '/inbox.js'; document.querySelector('inbox-preferences').inbox = createInbox({ url: '', token: '${tokens[0]}' });` });
    await page.getByText('of wishes-ann').waitFor();
    expect(page.errors).toEqual([]);
    await page.evaluate(() => { document.querySelector('inbox-preferences')!.inbox = undefined; });
    await set({ token: 'nobody' });
    await page.getByText('Signed out').waitFor();
    await set({ token: tokens[1] });
    await page.getByText('of wishes-bob').waitFor();
    await device.close();
  });

  it('that could not be read are read once the server is back', async () => {
    const device = await stage.device();
    await new Stored().at(device);
    let isAway = true;
    await device.route('**/v1/**', route => isAway ? route.abort() : route.fallback());
    const page = await open(device, 'wishes-away');
    await page.getByText('The settings could not be read').waitFor();
    isAway = false;
    await box(page, 'Upvotes').waitFor();
    await device.close();
  });

  it('are used with the keyboard alone', async () => {
    const device = await stage.device(), stored = await new Stored().at(device);
    const page = await open(device, 'wishes-keys');
    await box(page, 'Upvotes').waitFor();
    const seen: unknown[] = [];
    for (let at = 0; at < 5; at++) {
      await page.keyboard.press('Tab');
      seen.push(await focused(page));
    }
    expect(seen).toEqual(['Comments', 'Replies', 'Upvotes', 'quiet', 'Save']);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('from');
    await page.keyboard.type('0915AM');
    expect(await page.getByLabel('From').inputValue()).toBe('09:15');
    await page.keyboard.press('Enter');
    await note(page, 'Saved');
    expect(stored.value.quiet?.from).toBe('09:15');
    await device.close();
  });

  it('are kept by a real server, which says what is wrong', async () => {
    const device = await stage.device({ timezoneId: zone });
    const page = await open(device, 'wishes-real', `channels='${JSON.stringify(channels)}'`);
    await box(page, 'Comments: Inbox').uncheck();
    await box(page, 'Upvotes: E-mail').uncheck();
    await box(page, 'Quiet hours').check();
    await page.getByLabel('Time zone').fill('Mars/Olympus');
    await save(page).click();
    await page.locator('.field .bad').waitFor();
    expect(await page.locator('.field .bad').textContent()).toMatch(/zone/i);
    await page.getByLabel('Time zone').fill(zone);
    await save(page).click();
    await note(page, 'Saved');
    const wished: Preferences = { mute: { types: ['comment.*'], groups: [], topics: [] }, quiet: { from: '22:00', to: '07:00', zone }, channels: { email: { off: ['upvote'] } } };
    expect(await stage.server.call('GET', 'wishes-real/preferences')).toEqual(wished);
    expect(await idle(page)).toBe('true');
    await stage.server.call('PUT', 'wishes-real/preferences', { ...wished, mute: { ...wished.mute, groups: ['post:7'] } });
    await box(page, 'Quiet hours').uncheck();
    await save(page).click();
    await page.getByRole('button', { name: 'Unmute: post:7' }).click();
    await save(page).click();
    await note(page, 'Saved');
    expect(await stage.server.call('GET', 'wishes-real/preferences')).toEqual(wished);
    await device.close();
  });

  it.each([['light', 'en'], ['dark', 'ko']] as const)('axe-core finds nothing (%s, %s); at 320 px nothing scrolls sideways', async (colorScheme, lang) => {
    const device = await stage.device({ colorScheme, viewport: { width: 320, height: 640 } }), stored = await new Stored().at(device);
    stored.value = { mute: { types: ['upvote', 'W'.repeat(60)], groups: ['W'.repeat(200)], topics: [] }, quiet: { from: '22:00', to: '07:00', zone: 'Asia/Seoul' }, channels: {} };
    const ko = lang === 'ko';
    const page = await open(device, `wishes-${lang}`, `channels='${JSON.stringify(channels)}'`, { html: `lang="${lang}"` });
    await box(page, ko ? '방해 금지 시간' : 'Quiet hours').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    stored.fails = { method: 'PUT', status: 400, json: { errors: { 'quiet.zone': ['No.'] } } };
    await box(page, ko ? 'Comments: 알림함' : 'Comments: Inbox').uncheck();
    await save(page, ko ? '저장' : 'Save').click();
    await page.locator('.field .bad').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.evaluate(() => { document.querySelector('inbox-preferences')!.removeAttribute('channels'); });
    await page.locator('table').waitFor({ state: 'detached' });
    expect(await findings(page)).toEqual([]);
    await device.close();
  });
});
