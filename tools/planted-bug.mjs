// Loaded before a program (`node --import`): compiles one source file of the engine with a change, so that the program runs with a bug. The
// change stands in PLANTED_BUG as JSON: `file` below libs/ksql-engine/src, `find`, which stands there once, and `put`.
import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const { file, find, put } = JSON.parse(process.env.PLANTED_BUG);
const engine = new URL('../libs/ksql-engine/', import.meta.url);
const target = new URL(`dist/${file.replace(/\.ts$/, '.js')}`, engine).href;
const source = readFileSync(fileURLToPath(new URL(`src/${file}`, engine)), 'utf8');
if (source.split(find).length !== 2) throw new Error(`${file} does not hold exactly once: ${find}`);
if (typeof registerHooks !== 'function') throw new Error('planted bugs need Node 22.15 or later');
const { code } = transformSync(
  source.replace(find, () => put),
  {
    jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2023', keepClassNames: true },
    module: { type: 'es6' },
    filename: file,
    swcrc: false,
  },
);

registerHooks({
  load: (url, context, next) =>
    url === target ? { format: 'module', source: code, shortCircuit: true } : next(url, context),
});
