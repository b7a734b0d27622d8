import type { TestProject } from 'vitest/node';
import { Server, type Place } from '../../client/test/real/server.js';
// @ts-expect-error it is a build script
import { bundle } from '../bundle.mjs';

declare module 'vitest' {
  interface ProvidedContext { server: Place; scripts: Record<string, string> }
}

/** What all test files share: one server, each with users of its own, and the elements as the sources are now. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await Server.start(10_000);
  project.provide('server', server.place);
  project.provide('scripts', await bundle());
  return () => server.dispose();
}
