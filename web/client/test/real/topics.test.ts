import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openInbox } from '../../src/inbox.js';
import { openTopics } from '../../src/topics.js';
import type { Inbox } from '../../src/types.js';
import { Server, until } from './server.js';

let server: Server;
beforeAll(async () => { server = await Server.start(); }, 40_000);
afterAll(() => server?.dispose());

const opened: Inbox[] = [];
afterEach(() => { for (const inbox of opened.splice(0)) inbox.close(); });

async function open(user: string, as?: string): Promise<Inbox> {
  const inbox = openInbox({ url: server.url, ...(as && { user: as }), token: await server.tokenFor(user) });
  opened.push(inbox);
  await until('a stream', () => inbox.getSnapshot().status === 'live');
  return inbox;
}
const titles = (inbox: Inbox) => inbox.getSnapshot().items.map(({ title }) => title);

it('what is published to a topic comes to whoever follows it, from then on and until it is unfollowed', async () => {
  await server.topic('PUT', 'post:7', { open: true });
  await server.topic('PUT', 'a', { open: true });
  const ann = await open('ann'), topics = openTopics(ann);
  expect([await topics.topics(), await topics.follows('post:7')]).toEqual([[], { subscribed: false, open: true }]);
  await topics.follow('post:7');
  await topics.follow('post:7');
  await topics.follow('a');
  expect([await topics.topics(), await openTopics(await open('ann', 'ann')).follows('post:7')]).toEqual([['a', 'post:7'], { subscribed: true, open: true }]);
  await server.topic('POST', 'post:7/notifications', { type: 'test', title: 'one' });
  await until('it', () => titles(ann).includes('one'));
  await topics.unfollow('post:7');
  await topics.unfollow('post:7');
  await server.topic('POST', 'post:7/notifications', { type: 'test', title: 'two' });
  await server.topic('POST', 'a/notifications', { type: 'test', title: 'three' });
  await until('the other topic', () => titles(ann).includes('three'));
  expect([titles(ann), await topics.topics()]).toEqual([['three', 'one'], ['a']]);
});

it('a topic that is not open is neither followed nor unfollowed, which is no reason to sign out', async () => {
  const bob = await open('bob'), topics = openTopics(bob);
  await server.topic('PUT', 'closed/subscribers/bob');
  expect(await topics.follows('closed')).toEqual({ subscribed: true, open: false });
  await expect(topics.unfollow('closed')).rejects.toMatchObject({ status: 403 });
  await expect(topics.follow('closed-too')).rejects.toMatchObject({ status: 403 });
  await expect(topics.follow('no topic')).rejects.toMatchObject({ status: 400 });
  expect([await topics.topics(), bob.getSnapshot().status]).toEqual([['closed'], 'live']);
});
