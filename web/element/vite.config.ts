import { defineConfig } from 'vitest/config';

// Tabs elect who speaks by real timers of a real browser: on a busy machine one test in some runs is late, and is run again.
export default defineConfig({ test: { retry: 2, include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } });
