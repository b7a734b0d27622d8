import { afterAll, beforeAll, expect, it } from 'vitest';
import { Server, until } from '../../client/test/real/server.js';
import { Stage, titles } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(await Server.start()); });
afterAll(() => stage?.close());

it('the server is killed and started again under an open page: nothing is lost, nothing comes twice, and the page says how it stands', async () => {
  const { server } = stage;
  const device = await stage.device();
  const page = await stage.list(device, 'crash');
  const other = await stage.list(await stage.device(), 'crash');
  const wanted: string[] = [];
  const publish = async (title: string) => { await server.publish('crash', { title }); wanted.unshift(title); };
  const both = () => until(`${wanted.length} rows on both`, async () => [await titles(page), await titles(other)].every(shown => shown.join() === wanted.join()));
  for (let round = 1; round <= 3; round++) {
    await publish(`before ${round}`);
    await both();
    await server.stop('SIGKILL');
    await page.locator('.state[data-state=offline], .state[data-state=connecting]').waitFor();
    expect(await titles(page)).toEqual(wanted); // what was there stays there
    await page.getByRole('button', { name: `Mark read: before ${round}`, exact: true }).click(); // marked while nobody hears it
    await server.start();
    await publish(`after ${round}`);
    await both();
    await page.locator('.state[data-state=live]').waitFor({ timeout: 30_000 });
    await until('the mark at the server', async () => (await server.list('crash')).items.filter(item => item.read).length === round);
    await until('the mark on the other device', async () => await other.locator('.unread-item').count() === wanted.length - round);
  }
  expect((await server.list('crash')).items.map(item => item.title)).toEqual(wanted);
}, 120_000);

it('without a server from the start the page says so, and fills once there is one', async () => {
  const { server } = stage;
  await server.publish('late', { title: 'waiting' });
  const token = await server.tokenFor('late');
  const device = await stage.device();
  const page = await stage.page(device, '<h1>A page</h1><inbox-list></inbox-list>');
  await page.locator('.empty').waitFor();
  await server.stop('SIGKILL');
  await page.evaluate(token => { document.querySelector('inbox-list')!.token = token; }, token);
  await page.locator('.empty').getByText('The inbox could not be read').waitFor();
  await server.start();
  await until('the row', async () => (await titles(page)).join() === 'waiting', 30_000);
}, 60_000);
