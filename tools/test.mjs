// `npm test`: from a fresh clone, sets up, checks, and runs every suite. A stage that fails does not stop the others. Those that wait most
// of their time run side by side (`--lanes 1`: one after the other); what failed is tried once more when they are over.
// The last line is `N passed, N failed` (`, N skipped`).
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from './check.mjs';
import { inLanes, lanesFor, lineWriter, ownJob } from './lanes.mjs';
import { onceMore } from './once-more.mjs';
import { chosenNode, environment, root, setUp } from './setup.mjs';

/** Every process that a stage starts carries this and its name in its environment, so that none can be left behind unnoticed. */
const runId = randomUUID();
const markOf = (stage) => `${runId}-${stage.replaceAll(' ', '-')}`;
const reports = join(root, '.isobar', 'test-reports');
const minuteMs = 60_000;

/** Runs a stage in a process group of its own; ends the whole group when it is over or takes too long. */
function runStage(args, { timeoutMs, onOutput }) {
  return new Promise((resolve) => {
    const child = spawn(chosenNode(), args, {
      cwd: root,
      env: { ...environment(), ISOBAR_RUN_ID: markOf(ownJob()) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const name = lanes > 1 ? ownJob() : undefined;
    const writers = [process.stdout, process.stderr].map((stream) => lineWriter((text) => stream.write(text), name));
    for (const [index, stream] of [child.stdout, child.stderr].entries()) {
      stream.setEncoding('utf8').on('data', (text) => writers[index].write(text));
    }
    child.stdout.on('data', (text) => onOutput?.(text));
    const endGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing is left of it.
      }
    };
    const timer = setTimeout(() => {
      console.log(`${ownJob()}: stopped after ${timeoutMs / minuteMs} minutes`);
      endGroup();
    }, timeoutMs);
    child.on('exit', (code) => {
      clearTimeout(timer);
      endGroup();
      for (const writer of writers) writer.end();
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

const shared = (path) => join(root, '..', 'shared', path);

/** Cases outside the repository are run where they are, and skipped loudly where they are not. */
const conformance = (suite, cases) => ({
  run: async () => {
    if (existsSync(cases))
      return counting(['tools/run.mjs', 'conformance/main', '--suite', suite, '--cases', cases], 12 * minuteMs);
    console.log(`SKIPPED: ${ownJob()}: no cases in ${cases}`);
    return { passed: 0, failed: 0, skipped: 1 };
  },
});

const twoAtOnce = ['--maxWorkers=2'];
const oneByOne = ['--runInBand'];

/** By the report of a Jest project; its own memory of failures is written anew by whichever run ends last. */
function failedFiles(name) {
  const { testResults } = JSON.parse(readFileSync(join(reports, `${name}.json`), 'utf8'));
  return testResults.filter(({ status }) => status === 'failed').map(({ name: file }) => file);
}

/** Specs on real servers, by the kinds in their names. */
function onServers(name, kinds, how) {
  const chosen = ['--selectProjects', 'integration', '--testPathPatterns', `\\.(${kinds})\\.spec\\.ts$`];
  return {
    run: () => jest(name, [...chosen, ...how], 45 * minuteMs),
    runAgain: () =>
      jest(
        `${name}-again`,
        [...chosen.slice(0, 2), ...oneByOne, '--runTestsByPath', ...failedFiles(name)],
        15 * minuteMs,
      ),
  };
}

const endToEnd = () => counting(['tools/e2e.mjs', '--runtime', 'native'], 15 * minuteMs);

/** These use all of the machine. */
const computing = {
  checks: { run: runChecks },
  // A few of them wait for neighbours that are away.
  unit: { run: () => jest('unit', ['--selectProjects', 'unit', '--maxWorkers=3'], 20 * minuteMs) },
};
/** These wait most of their time, or compute on one processor; the longest first. */
const waiting = {
  servers: onServers('servers', 'kafka|pg|connect', twoAtOnce),
  stacks: onServers('stacks', 'stack|browser', oneByOne),
  'end to end': { run: endToEnd, runAgain: endToEnd },
  'ksqlDB rest': conformance('rest', shared('ksqldb-rest')),
  'ksqlDB rqtt': conformance('rqtt', shared('ksqldb-cases/rqtt')),
  'ksqlDB qtt': conformance('qtt', shared('ksqldb-cases/qtt')),
  'own cases': conformance('qtt', join(root, 'libs/ksql-engine/conformance/cases')),
  'ksqlDB expressions': conformance('expressions', shared('ksqldb-expressions')),
  'recorded pipeline': conformance('pipeline', shared('ksqldb-pipeline')),
  'recorded weather': conformance('nws', shared('nws')),
};

/** Processes of a stage that are still there: process id and command. */
function leftProcesses(stage) {
  const mark = `ISOBAR_RUN_ID=${markOf(stage)}`;
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

function endLeftProcesses(stage) {
  const left = leftProcesses(stage);
  for (const [pid, command] of left) {
    console.log(`${stage}: left running: ${pid} ${command.slice(0, 150)}`);
    process.kill(Number(pid), 'SIGKILL');
  }
  return left.length;
}

/** Runs a stage; a process that it left behind is a failure more. */
async function watched(name, run) {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const counts = await run();
  const left = endLeftProcesses(name);
  const seconds = (Date.now() - started) / 1000;
  console.log(`=== ${name}: ${counts.passed} passed, ${counts.failed} failed (${seconds.toFixed(0)} s)`);
  return { ...counts, failed: counts.failed + (left > 0 ? 1 : 0), seconds };
}

const { values: options, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { lanes: { type: 'string', default: String(lanesFor()) } },
});
const lanes = Number(options.lanes);
await setUp();
mkdirSync(reports, { recursive: true });
const startedMs = Date.now();
const outcomes = new Map();
for (const [stages, atOnce] of [
  [computing, 1],
  [waiting, lanes],
]) {
  const chosen = Object.entries(stages).filter(([name]) => only.length === 0 || only.includes(name));
  const results = await inLanes(
    chosen.map(([name, { run }]) => [name, () => watched(name, run)]),
    atOnce,
  );
  for (const [index, [name]] of chosen.entries()) {
    const { status, value, reason } = results[index];
    if (status === 'rejected') console.error(`${name}:`, reason);
    outcomes.set(name, value ?? { passed: 0, failed: 1, skipped: 0, seconds: 0, isCutShort: true });
  }
}
/** What was run once more, and what came of it. */
const secondTries = [];
for (const [name, first] of outcomes) {
  const { runAgain } = waiting[name] ?? {};
  if (runAgain === undefined) continue;
  const counts = await onceMore(
    name,
    first,
    async () => {
      const [{ value, reason }] = await inLanes([[name, () => watched(name, runAgain)]], 1);
      if (value === undefined) throw reason;
      return value;
    },
    secondTries,
  );
  outcomes.set(name, counts);
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const counts of outcomes.values()) for (const key of Object.keys(total)) total[key] += counts[key];
console.log('');
for (const [name, { passed, failed, skipped, seconds }] of outcomes)
  console.log(`${name.padEnd(18)} ${passed} passed, ${failed} failed, ${skipped} skipped  (${seconds.toFixed(0)} s)`);
console.log(
  `in ${((Date.now() - startedMs) / 1000).toFixed(0)} s, ${lanes === 1 ? 'one stage' : `${lanes} stages`} at once\n`,
);
// Those of the recorded server's suites are named there; none passes without a word.
console.log(`second tries: ${secondTries.length}`);
for (const tried of secondTries) console.log(`  ${tried}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 ? 0 : 1);
