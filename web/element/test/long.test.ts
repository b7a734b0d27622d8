import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../client/test/real/server.js';
import { Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => { stage = await Stage.open(); });
afterAll(() => stage?.close());

/** An inbox that is all there, and to which the test adds. */
const scripted = `<script type="module">
  await customElements.whenDefined('inbox-list');
  const item = seq => ({ id: '1-' + seq, createdAt: new Date(Date.now() - (20000 - seq) * 60000).toISOString(), type: 'test', title: 'number ' + seq,
    body: 'words '.repeat(seq % 30), actor: { name: 'Person ' + seq % 50 }, read: seq % 3 > 0, seen: true, archived: false });
  const listeners = new Set();
  let snapshot = { items: Array.from({ length: 10000 }, (_, at) => item(10000 - at)), counts: { unread: 3333, unseen: 0, total: 10000, head: '1-10000', version: 1 },
    status: 'live', hasMore: false, loaded: true, loading: false, error: null, pending: 0, filter: {} };
  window.add = () => { snapshot = { ...snapshot, items: [item(snapshot.items.length + 1), ...snapshot.items] }; for (const tell of listeners) tell(); };
  window.inbox = { subscribe: tell => (listeners.add(tell), () => listeners.delete(tell)), getSnapshot: () => snapshot, on: () => () => {}, isLeader: true, loadMore: async () => false, close() {} };
  if (!window.later) document.querySelector('inbox-list').inbox = window.inbox;
</script>`;

const heap = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1048576;
};

it('10,000 notifications: few elements, no jumps, smooth', async () => {
  const device = await stage.device();
  const empty = await stage.page(device, '<inbox-list></inbox-list>');
  const before = await heap(empty);
  const page = await stage.page(device, '<inbox-list></inbox-list>', { head: scripted });
  await page.locator('.item').first().waitFor();
  const session = await device.newCDPSession(page);
  await session.send('Performance.enable');
  const metric = async (name: string) => (await session.send('Performance.getMetrics')).metrics.find(one => one.name === name)!.value;
  const [scriptBefore, layoutBefore] = [await metric('ScriptDuration'), await metric('LayoutDuration')];

  const result = await page.evaluate(async () => {
    const root = document.querySelector('inbox-list')!.shadowRoot!, scroll = root.querySelector('.scroll')!;
    const frame = () => new Promise<number>(requestAnimationFrame);
    const gaps: number[] = [];
    let most = 0, holes = 0, last = await frame();
    for (let step = 0; step < 240; step++) {
      scroll.scrollTop += step < 120 ? 300 : 4000; // the wheel, then the thumb of the scroll bar
      const now = await frame();
      gaps.push(now - last);
      last = now;
      const rows = [...root.querySelectorAll('.item')].map(row => row.getBoundingClientRect());
      const area = scroll.getBoundingClientRect();
      most = Math.max(most, root.querySelectorAll('*').length);
      if (step < 120 && !rows.some(row => row.top <= area.top + 1 && row.bottom >= area.top)) holes++;
    }
    scroll.scrollTop = scroll.scrollHeight;
    await frame(); await frame(); await frame();
    return { most, holes, end: [...root.querySelectorAll('.title')].at(-1)!.textContent, gaps: gaps.sort((a, b) => a - b), height: scroll.scrollHeight };
  });
  expect(result.most).toBeLessThan(600);
  expect(result.end).toBe('number 1');
  expect(result.holes).toBe(0);

  await page.evaluate(() => { document.querySelector('inbox-list')!.shadowRoot!.querySelector('.scroll')!.scrollTop = 300_000; });
  const place = () => page.evaluate(async () => {
    for (let frames = 0; frames < 4; frames++) await new Promise(requestAnimationFrame);
    const root = document.querySelector('inbox-list')!.shadowRoot!, upper = root.querySelector('.scroll')!.getBoundingClientRect().top;
    const row = [...root.querySelectorAll('.item')].find(one => one.getBoundingClientRect().bottom > upper + 1)!;
    return [row.querySelector('.title')!.textContent, Math.round(row.getBoundingClientRect().top)];
  });
  const still = await place();
  await page.evaluate(() => { for (let at = 0; at < 25; at++) (globalThis as any).add(); });
  expect(await place()).toEqual(still);
  await page.locator('.pill', { hasText: '25 new' }).waitFor();

  const used = await heap(page);
  const median = result.gaps[120]!, worst = result.gaps.at(-3)!;
  console.log(`10,000 notifications: at most ${result.most} elements; ${median.toFixed(1)} ms between frames (p99 ${worst.toFixed(1)} ms) while scrolling 240 frames, `
    + `script ${((await metric('ScriptDuration') - scriptBefore) / 240 * 1000).toFixed(2)} ms and layout ${((await metric('LayoutDuration') - layoutBefore) / 240 * 1000).toFixed(2)} ms a frame; `
    + `JS heap ${used.toFixed(1)} MiB, ${before.toFixed(1)} MiB with none`);
  await device.close();
});

const rounds = +(process.env.ROUNDS ?? 40);
it('from publish to the painted row', async () => {
  const device = await stage.device();
  const page = await stage.list(device, 'paint');
  // Both ends in one clock: the page publishes itself, and sees the frame in which the row is.
  const publisher = await stage.server.publisherToken();
  const times = await page.evaluate(async ({ publisher, rounds }) => {
    const root = document.querySelector('inbox-list')!.shadowRoot!;
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const title = `number ${round}`;
      const start = performance.now();
      const painted = new Promise<number>(done => {
        const watch = new MutationObserver(() => {
          if (root.querySelector('.item .title')?.textContent !== title) return;
          watch.disconnect();
          // A task that is posted from within a frame runs after that frame was painted.
          requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => done(performance.now() - start); port2.postMessage(0); });
        });
        watch.observe(root, { childList: true, subtree: true, characterData: true });
      });
      await fetch('/v1/users/paint/notifications', {
        method: 'POST', headers: { Authorization: `Bearer ${publisher}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ type: 'test', title }),
      });
      times.push(await painted);
      await new Promise(done => setTimeout(done, 20));
    }
    return times.sort((a, b) => a - b);
  }, { publisher, rounds });
  console.log(`From publish to the painted row, ${rounds} times on an idle page: median ${times[rounds / 2]!.toFixed(1)} ms, p99 ${times[Math.floor(rounds * 0.99) - 1]!.toFixed(1)} ms`);
  expect(times.length).toBe(rounds);
  await until('the server to have all', async () => (await stage.server.call('GET', 'paint/counts')).total === rounds);
  await device.close();
}, 120_000);
