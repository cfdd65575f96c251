// `npm run e2e -- --runtime native|compose`: the one end-to-end suite, on the runtime asked for. Both start from nothing and leave
// nothing. The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosenNode, environment, root, setUp } from './setup.mjs';

const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'native' } } });
if (!['native', 'compose'].includes(values.runtime)) {
  console.error(`--runtime ${values.runtime}: must be native or compose`);
  process.exit(64);
}
await setUp();
const folder = mkdtempSync(join(tmpdir(), 'isobar-e2e-'));
const report = join(folder, 'report.json');
const run = spawnSync(
  chosenNode(),
  ['tools/jest.mjs', '--selectProjects', 'e2e', '--runInBand', '--forceExit', '--json', `--outputFile=${report}`],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...environment(), E2E_RUNTIME: values.runtime } },
);

/** A suite that did not get as far as a report counts as one failure. */
function readCounts() {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const failed = Math.max(result.numFailedTests + result.numRuntimeErrorTestSuites, run.status === 0 ? 0 : 1);
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests };
}

const { passed, failed, skipped } = readCounts();
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
