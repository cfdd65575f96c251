// Makes a clone ready: npm packages as locked, compiled code, JVM parts. `node tools/setup.mjs`, and the first act of `npm start` and
// `npm test`. Runs on any Node from 20.19; everything after it runs on the pinned one, or, where npm has none for this system, on this
// one if that is new enough. Does nothing when nothing is missing.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const binFolder = join(root, 'node_modules', '.bin');
const pinnedNode = join(binFolder, 'node');
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const sayEveryMs = 2500;
/** A second Ctrl-C sooner than this is the same key press, passed on by a parent. */
const samePressMs = 500;
const startedAtMs = Date.now();
const stampFile = join(root, 'node_modules', '.isobar-installed');

/** The environment in which `node` is the pinned one. */
export const environment = () => ({ ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ''}` });

function fail(message, fix) {
  console.error(`\n ■ setup  failed  ${message}\n\n   Fix    ${fix}\n`);
  process.exit(1);
}

/** The Node that everything after the set-up runs on. */
export const chosenNode = () => (existsSync(pinnedNode) ? pinnedNode : process.execPath);

function isAtLeast(wantedMajor, wantedMinor) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Kafka's newest compression came to Node with 22.15. */
const hasNode = () => existsSync(pinnedNode) || isAtLeast(22, 15);

function requireNode() {
  if (isAtLeast(20, 19)) return;
  fail(
    `this is Node ${process.versions.node}, 20.19 or newer is needed`,
    'install a newer Node.js, then run this again',
  );
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** Whether what npm installed is what the lockfile names: npm's own record of the tree, compared version by version. */
function treeMatchesLock() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record) || !hasNode()) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, { version, link, optional, devOptional }]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    if (installed[path] === undefined) return optional === true || devOptional === true;
    return link === true || installed[path].version === version;
  });
}

async function installPackages() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash() && hasNode()) return;
  if (!treeMatchesLock()) {
    const wanted = wantedPackages();
    say(`installing ${wanted.length} npm packages (first start, or the lockfile changed)`);
    const npm = process.env.npm_execpath;
    const [file, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
    // What npm warns of (the Node that some tool would rather have) is decided by hasNode() and says nothing to who starts the product.
    const code = await runShowing(
      file,
      [...args, '--no-progress', '--loglevel=error', '--no-audit', '--no-fund'],
      () => {
        const there = wanted.filter((path) => existsSync(join(root, path, 'package.json'))).length;
        return `installing npm packages: ${there} of ${wanted.length} are there`;
      },
    );
    if (code !== 0)
      fail(
        'npm ci did not succeed (its message is above)',
        'check that this machine reaches the npm registry, then run this again',
      );
    if (!hasNode())
      fail(
        `npm brought no Node for ${process.platform} ${process.arch}, and this one is ${process.versions.node}; 22.15 or newer is needed`,
        'install Node.js 24 (or unset ignore-scripts, if your npm settings have it), then run this again',
      );
  }
  writeFileSync(stampFile, lockHash());
}

/** The folders that npm makes on every machine. */
const wantedPackages = () =>
  Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages)
    .filter(
      ([path, { link, optional, devOptional }]) => path.includes('node_modules/') && !link && !optional && !devOptional,
    )
    .map(([path]) => path);

async function run(args, what) {
  const code = await runShowing(chosenNode(), args, () => `${what} goes on`, environment());
  if (code !== 0)
    fail(`${what} did not succeed (its message is above)`, `read the message above; alone: node ${args.join(' ')}`);
}

/** One line each; on a terminal the same line anew while the same thing goes on. */
function say(text, isProgress = false) {
  const line = `${((Date.now() - startedAtMs) / 1000).toFixed(0).padStart(4)} s  ${text}`;
  process.stderr.write(isProgress && process.stderr.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
}

/** Runs a program and says every few seconds how far it is: a start that is silent for a minute looks like one that hangs. */
function runShowing(file, args, progress, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 2, 2], env });
    const timer = setInterval(() => say(progress(), true), sayEveryMs);
    // Who is asked to end asks the program to, and ends when that has: npm takes a minute to when it is in the middle of unpacking.
    // A second signal ends it at once (what is half there is installed anew by the next run).
    let stop;
    const pass = (signal) => {
      if (stop === undefined) {
        stop = { signal, atMs: Date.now() };
        say('stopping; Ctrl-C once more stops at once');
        child.kill(signal);
      } else if (Date.now() - stop.atMs > samePressMs) child.kill('SIGKILL');
    };
    for (const signal of signals) process.on(signal, pass);
    const settle = (code) => {
      clearInterval(timer);
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
      for (const signal of signals) process.off(signal, pass);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(error.message);
      settle(1);
    });
    child.on('exit', (code, signal) => {
      // npm answers a signal with an exit code of its own, as if something had gone wrong.
      const endedBy = stop?.signal ?? signal;
      if (endedBy !== null) process.exit(128 + (constants.signals[endedBy] ?? 0));
      settle(code);
    });
  });
}

/** npm packages and compiled code. */
export async function installAndBuild() {
  requireNode();
  await installPackages();
  await run(['tools/build.mjs'], 'the build');
}

/** Also what `isobar up` would fetch itself: the JVM parts, and a Java where there is none. */
export async function setUp() {
  await installAndBuild();
  await run(['apps/isobar/bin/isobar.mjs', 'setup'], 'fetching the JVM parts');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp();
