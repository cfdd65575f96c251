// `npm run mutation -- [FOLDER…]`: how many small changes to the code the unit tests notice, by Stryker, on the files that
// tools/mutation/targets.json names; all folders without an argument. The figures go to bench/results/mutation.json. Exits with 1 when a
// folder's score is too low or an excuse in the targets is out of date, with 64 when a folder is unknown. What an earlier run on this
// machine knows of a mutant holds while its file and its specs are the same; `--force` runs every mutant anew.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, root } from './setup.mjs';
import { judge } from './mutation/judge.mjs';

const source = join(root, 'tools', 'mutation');
const home = join(root, '.isobar', 'tools', 'mutation');
const work = join(root, '.isobar', 'mutation');
const recordFile = join(root, 'bench', 'results', 'mutation.json');

const { scoreMinPercent, targets } = JSON.parse(readFileSync(join(source, 'targets.json'), 'utf8'));

const isForced = process.argv.includes('--force');

function foldersOf(names) {
  if (names.length === 0) return Object.keys(targets);
  return names.map((name) => {
    const wanted = name.replace(/\/+$/, '');
    const folder = Object.keys(targets).find((known) => known === wanted || known.endsWith(`/${wanted}`));
    if (folder !== undefined) return folder;
    console.error(`No target ${name}. Take one of: ${Object.keys(targets).join(', ')}`);
    process.exit(64);
  });
}

/** Stryker has a lockfile of its own, so that who only builds and tests does not download it. */
function install() {
  const lock = readFileSync(join(source, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(home, '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('installing Stryker (first run, or its lockfile changed)');
  mkdirSync(home, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    writeFileSync(join(home, file), readFileSync(join(source, file)));
  const { status } = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: home,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(
      'npm ci of Stryker did not succeed (its message is above); see that this machine reaches the npm registry',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** Runs Stryker on a copy of the libraries. @returns its report, in the mutation testing report schema */
function mutate(folder, { mutate, specs }) {
  mkdirSync(work, { recursive: true });
  const name = folder.replaceAll('/', '-');
  const report = join(work, `${name}.json`);
  const config = join(work, `${name}.config.json`);
  rmSync(report, { force: true });
  const modules = join(home, 'node_modules', '@stryker-mutator');
  const options = {
    mutate: mutate.map((file) => `${folder}/${file}`),
    ignorePatterns: [
      '**',
      '!libs/**',
      'libs/**/dist',
      '!jest.config.mjs',
      '!package.json',
      '!tools/mutation/jest.config.mjs',
    ],
    plugins: [join(modules, 'jest-runner', 'dist', 'src', 'index.js')],
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    jest: {
      configFile: 'tools/mutation/jest.config.mjs',
      config: { testRegex: specs.map((spec) => `${folder}/${spec}`.replaceAll('.', '\\.') + '$') },
    },
    coverageAnalysis: 'perTest',
    // A mutant of what runs once, at import, needs all of a spec file anew, and is mostly a constant.
    ignoreStatic: true,
    disableTypeChecks: false,
    // Not below .isobar: Jest looks for no tests there.
    tempDirName: join(tmpdir(), `isobar-mutation-${process.pid}`),
    concurrency: Math.min(availableParallelism(), 2),
    timeoutMS: 20_000,
    dryRunTimeoutMinutes: 15,
    incremental: true,
    incrementalFile: join(work, `${name}.incremental.json`),
    force: isForced,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    logLevel: 'warn',
    allowEmpty: false,
  };
  writeFileSync(config, JSON.stringify(options, null, 2));
  const { status } = spawnSync('node', [join(modules, 'core', 'bin', 'stryker.js'), 'run', config], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(),
  });
  if (status !== 0 || !existsSync(report)) {
    console.error(`Stryker did not come to an end on ${folder} (its message is above)`);
    process.exit(1);
  }
  return JSON.parse(readFileSync(report, 'utf8'));
}

function record(folder, result) {
  const known = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')).targets : {};
  const all = { ...known, [folder]: { takenAt: new Date().toISOString(), ...result } };
  const kept = Object.fromEntries(Object.keys(targets).flatMap((key) => (all[key] ? [[key, all[key]]] : [])));
  writeFileSync(recordFile, `${JSON.stringify({ benchmark: 'mutation', scoreMinPercent, targets: kept }, null, 2)}\n`);
}

const folders = foldersOf(process.argv.slice(2).filter((argument) => argument !== '--force'));
install();
let isGood = true;
for (const folder of folders) {
  console.log(`\n${folder}`);
  const { stale, ...result } = judge(mutate(folder, targets[folder]), targets[folder].equivalent);
  record(folder, result);
  for (const { file, line, mutator, replacement } of result.survivors)
    console.log(`  survived  ${file}:${line}  ${mutator}  ${replacement}`);
  for (const { file, code, mutator } of stale)
    console.log(`  out of date  "equivalent" entry of ${file}, ${mutator}: ${code}: no such mutant survives`);
  const { killed, timeout, survived, noCoverage, equivalent } = result;
  console.log(
    `  score ${result.scorePercent} %: ${killed} killed, ${timeout} timeout, ${survived} survived, ${noCoverage} not covered, ${equivalent} equivalent`,
  );
  if (result.scorePercent < scoreMinPercent || stale.length > 0) isGood = false;
}
process.exit(isGood ? 0 : 1);
