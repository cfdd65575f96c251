// Makes a clone ready: npm packages as locked, compiled code, JVM parts. `node tools/setup.mjs`, and the first act of `npm start` and
// `npm test`. Runs on any Node from 20.19; everything after it runs on the pinned one. Does nothing when nothing is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const binFolder = join(root, 'node_modules', '.bin');
export const pinnedNode = join(binFolder, process.platform === 'win32' ? 'node.cmd' : 'node');
const stampFile = join(root, 'node_modules', '.isobar-installed');

/** The environment in which `node` is the pinned one. */
export const environment = () => ({ ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ''}` });

function fail(message, fix) {
  console.error(`\n ■ setup  failed  ${message}\n\n   Fix    ${fix}\n`);
  process.exit(1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
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
  if (!existsSync(record) || !existsSync(pinnedNode)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, { version, link, optional, devOptional }]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    if (installed[path] === undefined) return optional === true || devOptional === true;
    return link === true || installed[path].version === version;
  });
}

function installPackages() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash() && existsSync(pinnedNode)) return;
  if (!treeMatchesLock()) {
    console.error('installing npm packages (first start, or the lockfile changed)');
    const npm = process.env.npm_execpath;
    const [file, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
    const result = spawnSync(file, [...args, '--no-progress'], { cwd: root, stdio: ['ignore', 2, 2] });
    if (result.status !== 0)
      fail(
        'npm ci did not succeed (its message is above)',
        'check that this machine reaches the npm registry, then run this again',
      );
    if (!existsSync(pinnedNode))
      fail(
        'npm ci brought no Node runtime',
        'npm ci must run install scripts: unset ignore-scripts in your npm settings',
      );
  }
  writeFileSync(stampFile, lockHash());
}

function run(args, what) {
  const { status, signal } = spawnSync(pinnedNode, args, { cwd: root, stdio: ['ignore', 2, 2], env: environment() });
  if (signal !== null) process.exit(130);
  if (status !== 0)
    fail(`${what} did not succeed (its message is above)`, `read the message above; alone: node ${args.join(' ')}`);
}

/** npm packages and compiled code. */
export function installAndBuild() {
  requireNode();
  installPackages();
  run(['tools/build.mjs'], 'the build');
}

/** Also what `isobar up` would fetch itself: the JVM parts, and a Java where there is none. */
export function setUp() {
  installAndBuild();
  run(['apps/isobar/bin/isobar.mjs', 'setup'], 'fetching the JVM parts');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp();
