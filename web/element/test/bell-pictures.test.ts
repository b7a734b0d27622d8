import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); }, 60_000);
afterAll(() => stage?.close());

/** With `INBOX_SCREENSHOTS` set to a folder the pictures of README.md are written there. */
const folder = process.env.INBOX_SCREENSHOTS;

const story = [
  { type: 'deploy.done', title: 'Deployed web 4.12 to production', actor: { name: 'Deploy bot' }, url: '/deploys/812' },
  { type: 'comment.created', title: 'Bora answered in “Offline first”', body: 'I tried it on the train this morning. It kept everything.', actor: { name: 'Bora Yıldız' }, group: 'post:7', url: '/posts/7' },
  { type: 'comment.created', title: 'Ines answered in “Offline first”', body: 'Then let us ship it on Monday.', actor: { name: 'Ines Alves' }, group: 'post:7', url: '/posts/7' },
  { type: 'mention', title: 'Minjun mentioned you in “Minutes of the 12th”', body: 'Could you look at the draft of chapter 3?', actor: { name: 'Minjun Kim' }, url: '/docs/31' },
  { type: 'invoice.due', title: 'Invoice 2026-118 is due tomorrow', body: '€ 1,240.00 to Northwind', priority: 'high', actor: { name: 'Billing' }, url: '/invoices/118' },
  { type: 'review.requested', title: 'Ada asks for your review of “Group commit for the log”', body: 'Small, but it touches what we promise about crashes, so two pairs of eyes please.', actor: { name: 'Ada Lovelace' }, url: '/pulls/41' },
  { type: 'comment.created', title: 'Ann commented on your post', body: 'The picture of the bell came out well!', actor: { name: 'Ann Nguyen' }, url: '/posts/9' },
];

const page = `<style>body { background: light-dark(#f4f5fa, #0e1020); color: light-dark(#14172b, #edeef8) } nav { display: flex; align-items: center; gap: 12px; padding: 10px 20px; background: light-dark(#fff, #171a2e); border-bottom: 1px solid light-dark(#e4e6ef, #2c3150); font-weight: 600 }
  nav inbox-bell { margin-inline-start: auto } .lines { padding: 28px; display: grid; gap: 14px } .lines i { height: 14px; border-radius: 7px; background: light-dark(#e6e8f1, #20243c) }</style>
  <nav><span>Acme</span><inbox-bell TOKEN></inbox-bell></nav><div class="lines"><i style="width:40%"></i><i style="width:85%"></i><i style="width:78%"></i><i style="width:60%"></i></div>`;

const looks: [string, BrowserContextOptions][] = [
  ['bell-light', { viewport: { width: 900, height: 680 }, deviceScaleFactor: 2 }],
  ['bell-dark', { viewport: { width: 900, height: 680 }, deviceScaleFactor: 2, colorScheme: 'dark' }],
  ['bell-phone', { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
];

it.each(looks)('%s: the bell opens over its list', async (name, options) => {
  for (const notification of story) await stage.server.publish(name, notification);
  const { items } = await stage.server.list(name);
  await stage.server.call('POST', `${name}/notifications/read`, { upTo: items[2].id });
  const device = await stage.device(options);
  // The story took a day: the notifications were just published, their times are told to the page.
  const ago = [40, 540, 3_000, 9_000, 32_000, 36_000, 93_000];
  await device.route('**/notifications?*', async route => {
    const response = await route.fetch(), list = await response.json();
    list.items.forEach((item: { createdAt: string }, at: number) => { item.createdAt = new Date(Date.now() - ago[at]! * 1000).toISOString(); });
    await route.fulfill({ response, json: list });
  });
  const shown = await stage.page(device, page.replace('TOKEN', `token="${await stage.server.tokenFor(name)}"`));
  await shown.locator('.badge').waitFor();
  expect(await shown.locator('.badge').textContent()).toBe('2'); // what was read is seen
  await shown.locator('.bell').click();
  await shown.locator('.item').nth(5).waitFor();
  await shown.locator('.state[data-state=live]').waitFor();
  expect(shown.errors).toEqual([]);
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await shown.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  }
  await device.close();
});
