import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, Kind, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { typeDefs } from '../src/typeDefs.js';
import { Gateway } from './gateway.js';
import { Inbox, Owned, until } from './server.js';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const inbox = Inbox.shared();
let gateway: Gateway;
/** In this folder, so that its imports resolve. */
const file = join(import.meta.dirname, `readme-${process.pid}.tmp.mjs`);

beforeAll(async () => {
  gateway = await Gateway.start(inbox.url);
});
afterAll(async () => {
  rmSync(file, { force: true });
  await gateway?.stop();
});

test('the README\'s example works as it stands', async () => {
  const example = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  writeFileSync(file, example);
  await inbox.publish('ann', 'before');
  const TOKEN = inbox.token('ann').replace('Bearer ', '');
  const program = new Owned(spawn(process.execPath, [file], { env: { PATH: process.env['PATH'], GATEWAY: gateway.url, TOKEN } }));
  try {
    await until('the count', () => program.output.includes('1 unread') || program.isOver);
    await inbox.publish('ann', 'Hello, Ann');
    await until('the notification', () => program.output.includes('Hello, Ann') || program.isOver);
    expect(program.output.trim().split('\n')).toEqual(['1 unread', 'Hello, Ann']);
  } finally {
    await program.end();
  }
});

test('… and so do its queries, by the schema', () => {
  const schema = buildSchema(typeDefs);
  const { definitions } = parse(/```graphql\n([\s\S]*?)```/.exec(readme)![1]!);
  for (const definition of definitions) expect(validate(schema, { kind: Kind.DOCUMENT, definitions: [definition] })).toEqual([]);
  expect(definitions.length).toBeGreaterThan(10);
});
