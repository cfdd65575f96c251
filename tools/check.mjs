// `npm run check`: types, lint, format, layers, unused code. Runs all of them even if one fails.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment, root } from './setup.mjs';

const checks = {
  types: ['tsc', '--noEmit', '-p', 'tsconfig.json'],
  lint: ['eslint', '.'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  layers: ['depcruise', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'bench', 'e2e', 'conformance'],
  unused: ['knip', '--no-config-hints'],
};

function runCheck([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ passed: false, output: error.message }));
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  });
}

/** Two at a time. @returns {Promise<{passed: number, failed: number, skipped: number}>} */
export async function runChecks() {
  const queue = Object.entries(checks);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [name, command] = next;
      const started = Date.now();
      const { passed, output } = await runCheck(command);
      counts[passed ? 'passed' : 'failed'] += 1;
      console.log(`check ${name}: ${passed ? 'passed' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      if (!passed) console.log(output.trimEnd().replace(/^/gm, '    '));
    }
  };
  await Promise.all([worker(), worker()]);
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runChecks();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
