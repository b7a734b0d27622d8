import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

const publish = async (user: string, ...names: string[]) => { for (const title of names) await stage.server.publish(user, { title }); };

it('seven tabs on a host name without TLS: all show the inbox, are live, mark and leave the page its connections', async () => {
  await publish('seven', 'one');
  const device = await stage.device();
  const at = stage.server.url.replace('127.0.0.1', 'inbox.test');
  const pages = [];
  for (let tab = 0; tab < 7; tab++) pages.push(await stage.list(device, 'seven', '', { at }));
  expect(await pages[0]!.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false]);
  await publish('seven', 'two');
  for (const page of pages) await until('both rows', async () => (await titles(page)).join() === 'two,one');
  await pages[0]!.getByRole('button', { name: 'Mark read: one', exact: true }).click();
  await until('the mark', async () => (await stage.server.list('seven')).items[1].read);
  for (const page of pages) await until('one unread', async () => await page.locator('.unread').textContent() === '1');
  expect(await pages[6]!.evaluate(async () => (await fetch('/health/live')).status)).toBe(200);
  expect(pages.flatMap(page => page.errors)).toEqual([]);
  await device.close();
});

it('a tab whose leader sits in alert() asks the server itself, and the leader follows it then', async () => {
  await publish('alert', 'first');
  const device = await stage.device();
  const pages = [await stage.list(device, 'alert'), await stage.list(device, 'alert')] as const;
  const leads = (page: typeof pages[0]) => page.evaluate(() => document.querySelector('inbox-list')!.store!.isLeader);
  const leading = await Promise.all(pages.map(leads));
  expect(leading.filter(Boolean)).toHaveLength(1);
  const [leader, other] = leading[0] ? pages : [pages[1], pages[0]];
  const dialog = new Promise<{ dismiss(): Promise<void> }>(opened => leader.once('dialog', opened));
  await leader.evaluate(() => { setTimeout(() => alert('Well?')); });
  const open = await dialog;
  await publish('alert', 'second', 'third', 'fourth');
  await other.bringToFront();
  await other.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await until('all four', async () => (await titles(other)).join() === 'fourth,third,second,first');
  expect(await other.locator('.unread').textContent()).toBe('4');
  expect(await leads(other)).toBe(true);
  await open.dismiss();
  await until('one leader', async () => !await leads(leader));
  await publish('alert', 'fifth');
  for (const page of [leader, other]) await until('all five', async () => (await titles(page)).join() === 'fifth,fourth,third,second,first');
  await device.close();
});
