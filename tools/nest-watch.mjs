// `node tools/nest-watch.mjs [APP...]`: how soon an edit is live under `npx nest start APP --watch`, beside a plain start of the same app.
// Everything happens in a copy of the checkout's apps, with their neighbours away, so that nothing of it is edited or disturbed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
/** The apps that the Nest CLI knows. */
export const apps = Object.keys(JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')).projects);
const limitMs = 240_000;
/** What counts is the quickest time: the others have the machine's noise in them. */
const roundsMax = 3;

/** A workspace of its own; libraries are those of the checkout. @returns its folder */
export function copyWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-nest-'));
  for (const file of ['nest-cli.json', 'tsconfig.json', 'package.json', 'config', 'ksql', 'connectors', 'apps'])
    cpSync(join(root, file), join(folder, file), {
      recursive: true,
      filter: (source) => !/\/(dist|node_modules)(\/|$)/.test(source.slice(root.length)),
    });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** What an app needs to answer; its neighbours are away. */
const environment = (port, folder) => ({
  ...process.env,
  PORT: String(port),
  LOG_LEVEL: 'error',
  KAFKA_BROKERS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://isobar:none@127.0.0.1:1/isobar',
  KSQLDB_URL: 'http://127.0.0.1:1',
  CONNECT_URL: 'http://127.0.0.1:1',
  USER_SERVICE_URL: 'http://127.0.0.1:1',
  NWS_BASE_URL: 'http://127.0.0.1:1',
  CACHE_DIR: join(folder, 'cache'),
  BUFFER_DIR: join(folder, 'buffer'),
});

/** A program in a process group of its own, whose output is kept. */
function start(args, folder, port) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(port, folder),
  });
  const running = {
    output: '',
    async end() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing is left of it.
      }
      await ended;
    },
  };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (running.output = (running.output + text).slice(-20_000)));
  return running;
}

/** Until the app says the words as it is loaded, and answers after that. @returns how long that took, in ms */
async function untilLive(running, words, port) {
  const startedAtMs = performance.now();
  const answers = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await answer?.text();
    return answer?.ok === true;
  };
  while (!running.output.includes(words) || !(await answers())) {
    if (performance.now() - startedAtMs > limitMs)
      throw new Error(`${words}: not within ${limitMs} ms\n${running.output}`);
    await sleep(20);
  }
  return performance.now() - startedAtMs;
}

/**
 * @param {string} folder of `copyWorkspace`
 * @param {string} app
 * @param {(measured: { liveMs: number, startMs: number }) => boolean} isEnough whether no further round is needed
 * @returns {Promise<{ liveMs: number, startMs: number }>} from an edit to an answer of the edited app; from the start of the
 *   compiled app to its answer
 */
export async function measure(folder, app, isEnough = () => false) {
  const port = await freePort();
  // Every app has its settings there, and loads them before it listens.
  const edited = join(folder, 'apps', app, 'src/config.ts');
  let edits = 0;
  const edit = () => {
    edits += 1;
    const words = `edit ${edits} of ${app}`;
    appendFileSync(edited, `\nprocess.stdout.write('${words}.\\n');\n`);
    return `${words}.`;
  };
  const measured = { liveMs: Infinity, startMs: Infinity };
  const first = edit();
  const watching = start([nest, 'start', app, '--watch'], folder, port);
  try {
    await untilLive(watching, first, port);
    for (let round = 0; round < roundsMax && !isEnough(measured); round += 1) {
      measured.liveMs = Math.min(measured.liveMs, await untilLive(watching, edit(), port));
      const otherPort = await freePort();
      const startedAtMs = performance.now();
      const started = start([join(folder, 'dist/nest/apps', app, 'src/main.js')], folder, otherPort);
      try {
        await untilLive(started, `edit ${edits} of ${app}.`, otherPort);
        measured.startMs = Math.min(measured.startMs, performance.now() - startedAtMs);
      } finally {
        await started.end();
      }
    }
  } finally {
    await watching.end();
  }
  return measured;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = copyWorkspace();
  try {
    for (const app of process.argv.length > 2 ? process.argv.slice(2) : apps) {
      const { liveMs, startMs } = await measure(folder, app);
      console.log(
        `${app.padEnd(16)} an edit is live in ${(liveMs / 1000).toFixed(1)} s (a plain start: ${(startMs / 1000).toFixed(1)} s)`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
