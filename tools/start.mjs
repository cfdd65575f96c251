// `npm start`: from a fresh clone to a running system. Installs and builds what is missing, then `isobar up` in the foreground.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { chosenNode, environment, installAndBuild, root } from './setup.mjs';

await installAndBuild();
const child = spawn(chosenNode(), [join(root, 'apps/isobar/bin/isobar.mjs'), 'up', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: environment(),
});
// A terminal's Ctrl-C reaches the child by itself; a signal to this process alone must be passed on. The child takes both as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
