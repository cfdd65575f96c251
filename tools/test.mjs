// `npm test`: from a fresh clone, sets up, checks, and runs every suite. A stage that fails does not stop the others.
// The last line is `N passed, N failed` (`, N skipped`).
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './check.mjs';
import { onceMore } from './once-more.mjs';
import { chosenNode, environment, root, setUp } from './setup.mjs';

/** Every process that a stage starts carries this in its environment, so that none can be left behind unnoticed. */
const runId = randomUUID();
const reports = join(root, '.isobar', 'test-reports');
const minuteMs = 60_000;

/** Runs a stage in a process group of its own; ends the whole group when it is over or takes too long. */
function runStage(args, { timeoutMs, onOutput }) {
  return new Promise((resolve) => {
    const child = spawn(chosenNode(), args, {
      cwd: root,
      env: { ...environment(), ISOBAR_RUN_ID: runId },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      onOutput?.(chunk.toString());
    });
    const endGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing is left of it.
      }
    };
    const timer = setTimeout(() => {
      console.log(`stopped after ${timeoutMs / minuteMs} minutes`);
      endGroup();
    }, timeoutMs);
    child.on('exit', (code) => {
      clearTimeout(timer);
      endGroup();
      resolve(code);
    });
  });
}

/** A Jest project, counted from its report. A suite that could not run at all counts as one failure. */
async function jest(name, args, timeoutMs) {
  const report = join(reports, `${name}.json`);
  rmSync(report, { force: true });
  // A handle that a test left open must not hold up the other stages; processes that it left are looked for below.
  const code = await runStage(['tools/jest.mjs', ...args, '--forceExit', '--json', `--outputFile=${report}`], {
    timeoutMs,
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, isCutShort: true };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** A program whose last line is `N passed, N failed`; `N skipped` and other counts may follow. */
async function counting(args, timeoutMs) {
  let output = '';
  const code = await runStage(args, { timeoutMs, onOutput: (text) => (output = (output + text).slice(-4000)) });
  const line = output.match(/^(?:\w+: )?\d+ passed, \d+ failed.*$/gm)?.at(-1) ?? '';
  const count = (word) => Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const failed = count('failed');
  return {
    passed: count('passed'),
    failed: failed === 0 && (code !== 0 || line === '') ? 1 : failed,
    skipped: count('skipped'),
  };
}

/** What was run once more, and what came of it. */
const secondTries = [];

const shared = (path) => join(root, '..', 'shared', path);

/** Cases outside the repository are run where they are, and skipped loudly where they are not. */
const conformance = (suite, cases) => async () => {
  if (existsSync(cases))
    return counting(['tools/run.mjs', 'conformance/main', '--suite', suite, '--cases', cases], 8 * minuteMs);
  console.log(`SKIPPED: no cases in ${cases}`);
  return { passed: 0, failed: 0, skipped: 1 };
};

const twoAtOnce = ['--maxWorkers=2'];
const oneByOne = ['--runInBand'];

/** Specs on real servers, by the kinds in their names. */
function onServers(name, kinds, how) {
  const chosen = ['--selectProjects', 'integration', '--testPathPatterns', `\\.(${kinds})\\.spec\\.ts$`];
  return onceMore(
    name,
    () => jest(name, [...chosen, ...how], 45 * minuteMs),
    () => jest(`${name}-again`, [...chosen, ...oneByOne, '--onlyFailures'], 15 * minuteMs),
    secondTries,
  );
}

const stages = {
  checks: runChecks,
  unit: () => jest('unit', ['--selectProjects', 'unit', ...twoAtOnce], 20 * minuteMs),
  // These wait most of their time; those count seconds on whole stacks, or draw pages.
  servers: onServers('servers', 'kafka|pg|connect', twoAtOnce),
  stacks: onServers('stacks', 'stack|browser', oneByOne),
  'own cases': conformance('qtt', join(root, 'libs/ksql-engine/conformance/cases')),
  'ksqlDB qtt': conformance('qtt', shared('ksqldb-cases/qtt')),
  'ksqlDB expressions': conformance('expressions', shared('ksqldb-expressions')),
  'ksqlDB rqtt': conformance('rqtt', shared('ksqldb-cases/rqtt')),
  'ksqlDB rest': conformance('rest', shared('ksqldb-rest')),
  'recorded weather': conformance('nws', shared('nws')),
  'recorded pipeline': conformance('pipeline', shared('ksqldb-pipeline')),
  'end to end': onceMore(
    'end to end',
    () => counting(['tools/e2e.mjs', '--runtime', 'native'], 10 * minuteMs),
    () => counting(['tools/e2e.mjs', '--runtime', 'native'], 10 * minuteMs),
    secondTries,
  ),
};

/** Processes of this run that are still there: process id and command. */
function leftProcesses() {
  const mark = `ISOBAR_RUN_ID=${runId}`;
  if (process.platform !== 'linux') {
    // Elsewhere `ps` shows the environments of one's own processes.
    const { stdout } = spawnSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return (stdout ?? '')
      .split('\n')
      .filter((line) => line.includes(mark))
      .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line)?.slice(1))
      .filter((found) => found !== undefined && Number(found[0]) !== process.pid);
  }
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return [];
      return [[pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]];
    } catch {
      return [];
    }
  });
}

function endLeftProcesses() {
  const left = leftProcesses();
  for (const [pid, command] of left) {
    console.log(`left running: ${pid} ${command.slice(0, 150)}`);
    process.kill(Number(pid), 'SIGKILL');
  }
  return left.length;
}

await setUp();
mkdirSync(reports, { recursive: true });
const only = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];
for (const [name, run] of Object.entries(stages)) {
  if (only.length > 0 && !only.includes(name)) continue;
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const counts = await run();
  const left = endLeftProcesses();
  if (left > 0) counts.failed += 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  summary.push(
    `${name.padEnd(16)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped  (${seconds} s)`,
  );
}
console.log(`\n${summary.join('\n')}\n`);
// Those of the recorded server's suites are named there; none passes without a word.
console.log(`second tries: ${secondTries.length}`);
for (const tried of secondTries) console.log(`  ${tried}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 ? 0 : 1);
