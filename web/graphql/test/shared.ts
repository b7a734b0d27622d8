import type { TestProject } from 'vitest/node';
import { Inbox, type Place } from './server.js';

declare module 'vitest' {
  interface ProvidedContext { server: Place }
}

/** What all test files share: one server, each with a tenant of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const inbox = await Inbox.start();
  project.provide('server', inbox.place);
  return () => inbox.dispose();
}
