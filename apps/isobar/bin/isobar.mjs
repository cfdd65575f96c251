#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const main = new URL('../dist/main.js', import.meta.url);
const pinnedNode = path('../../../node_modules/node/bin/node');
const oldestMajor = 22;

if (!existsSync(fileURLToPath(main))) {
  console.error('isobar is not built yet. Run: npm run build');
  process.exit(1);
}
if (Number.parseInt(process.versions.node, 10) < oldestMajor && existsSync(pinnedNode)) {
  const child = spawn(pinnedNode, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  // Compiled modules are kept between runs, as those of the services are.
  module.enableCompileCache?.(path('../../../.isobar/cache/node'));
  await import(main.href);
}
