// Compiles every workspace's src/ (and the few runnable folders beside it) to dist/ with SWC, only what changed.
// Types are checked by `npm run check:types`; a build must be quick, since every start makes sure it is current.
import { transformFile } from '@swc/core';
import { mkdir, readdir, stat, writeFile, cp, rm } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
  swcrc: false,
};

/** Folders beside src/ that hold programs. */
const extras = ['conformance', 'simulation', 'fuzz'];

/** [source folder, output folder], relative to the repository. */
async function buildTargets() {
  const targets = [
    ['bench', 'dist/bench'],
    ['conformance', 'dist/conformance'],
  ];
  for (const group of ['libs', 'apps']) {
    for (const name of await readdir(join(root, group))) {
      targets.push([join(group, name, 'src'), join(group, name, 'dist')]);
      for (const extra of extras) targets.push([join(group, name, extra), join(group, name, 'dist', extra)]);
    }
  }
  return targets;
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const modifiedMs = async (file) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;

/**
 * Relative imports follow their files: `../src/x.js` seen from conformance/ and `../libs/y/conformance/z.js` seen from the root
 * point to where those files are compiled to.
 */
function redirectImports(code, source, target, targets) {
  return code.replace(/((?:from|import)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\2/g, (all, head, quote, specifier) => {
    const imported = resolve(dirname(source), specifier);
    const home = targets.find(([from]) => imported.startsWith(`${join(root, from)}/`));
    if (!home) return all;
    const output = join(root, home[1], relative(join(root, home[0]), imported));
    const path = relative(dirname(target), output);
    return `${head}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
}

async function buildFile(source, sourceFolder, outputFolder, targets) {
  const isCode = extname(source) === '.ts';
  const target = join(outputFolder, relative(sourceFolder, source)).replace(/\.ts$/, '.js');
  if ((await modifiedMs(target)) >= (await modifiedMs(source))) return 0;
  await mkdir(dirname(target), { recursive: true });
  if (!isCode) {
    await cp(source, target);
    return 1;
  }
  const { code, map } = await transformFile(source, { ...options, filename: source, sourceFileName: source });
  await writeFile(`${target}.map`, map);
  await writeFile(
    target,
    `${redirectImports(code, source, target, targets)}//# sourceMappingURL=${target.slice(target.lastIndexOf('/') + 1)}.map\n`,
  );
  return 1;
}

/** Removes outputs whose source is gone, so that a renamed module cannot live on. */
async function removeStale(sourceFolder, outputFolder, keep) {
  for (const file of await filesBelow(outputFolder)) {
    if (file.endsWith('.map') || keep.has(file)) continue;
    if (extras.some((extra) => relative(outputFolder, file).startsWith(`${extra}/`))) continue;
    await rm(file, { force: true });
    await rm(`${file}.map`, { force: true });
  }
}

const isSource = (file) => !/\.(spec|d)\.ts$/.test(file) && !file.includes('/web/');

let built = 0;
const targets = await buildTargets();
for (const [from, to] of targets) {
  const sourceFolder = join(root, from);
  const outputFolder = join(root, to);
  const sources = (await filesBelow(sourceFolder)).filter(isSource);
  const keep = new Set(sources.map((file) => join(outputFolder, relative(sourceFolder, file)).replace(/\.ts$/, '.js')));
  if (sources.length > 0) await removeStale(sourceFolder, outputFolder, keep);
  for (let i = 0; i < sources.length; i += 32) {
    const counts = await Promise.all(
      sources.slice(i, i + 32).map((file) => buildFile(file, sourceFolder, outputFolder, targets)),
    );
    built += counts.reduce((sum, count) => sum + count, 0);
  }
}
if (process.argv.includes('--verbose')) console.log(`built ${built} files`);
