// Runs one built entry: `node tools/run.mjs apps/user-service` or `node tools/run.mjs bench/main`, building first.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [target, ...args] = process.argv.slice(2);
const build = spawnSync(process.execPath, [`${root}tools/build.mjs`], { stdio: ['ignore', 'inherit', 'inherit'] });
if (build.status !== 0) process.exit(build.status ?? 1);
const parts = target.split('/');
const entry = ['apps', 'libs'].includes(parts[0])
  ? [parts[0], parts[1], 'dist', ...(parts.length > 2 ? parts.slice(2) : ['main'])].join('/')
  : `dist/${target}`;
const child = spawn(process.execPath, ['--enable-source-maps', `${root}${entry}.js`, ...args], {
  stdio: 'inherit',
  env: { ...process.env, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
