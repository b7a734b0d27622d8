// Types, builds, sizes and tests of all packages. The last line is "N passed, N failed"; what fails before a test could run is one failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const { workspaces } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const results = mkdtempSync(join(tmpdir(), 'inbox-web-'));
let passed = 0, failed = 0;
const failures = [];

const run = (folder, script, ...more) =>
  spawnSync('npm', ['run', '--silent', script, '--workspace', folder, ...(more.length ? ['--', ...more] : [])], { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;

for (const folder of workspaces) {
  const { name, scripts = {} } = JSON.parse(readFileSync(join(here, folder, 'package.json'), 'utf8'));
  // In the order of the workspaces: each builds on what stands before it.
  for (const script of ['build', 'typecheck']) {
    if (!scripts[script]) continue;
    console.log(`\n-- ${name}: ${script}`);
    if (!run(folder, script)) { console.error(`${name}: ${script} failed`); failed++; }
  }
  if (!scripts.test) continue;
  console.log(`\n-- ${name}: test`);
  const report = join(results, `${folder}.json`);
  const fine = run(folder, 'test', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 };
  passed += counts.numPassedTests;
  failed += counts.numFailedTests;
  for (const test of (counts.testResults ?? []).flatMap(file => file.assertionResults))
    if (test.status === 'failed') failures.push(`${name}: ${test.fullName}: ${test.failureMessages[0]?.split('\n')[0] ?? ''}`);
  if (counts.numPassedTests + counts.numFailedTests === 0) { console.error(`${name}: no test ran`); failed++; }
  else if (!fine && counts.numFailedTests === 0) { console.error(`${name}: the test run ended with an error`); failed++; }
}
rmSync(results, { recursive: true, force: true });
if (failures.length) console.log(`\nFailed:\n  ${failures.join('\n  ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
