// `npm run check`: types, lint, format, layers, unused code. Runs all of them even if one fails.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, root } from './setup.mjs';

/** The `check:*` scripts of package.json, by name. */
const checks = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)
  .filter(([name]) => name.startsWith('check:'))
  .map(([name, command]) => [name.slice('check:'.length), command]);

function runCheck(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, env: environment(), shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ passed: false, output: error.message }));
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  });
}

/** Two at a time. @returns {Promise<{passed: number, failed: number, skipped: number}>} */
export async function runChecks() {
  const queue = [...checks];
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
