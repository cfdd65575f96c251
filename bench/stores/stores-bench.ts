import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { repositoryRoot, thisMachine, writeResult } from '../machine.js';
import type { Measured, PlanName, Reopened, Restored } from './side.js';

const usage = `npm run bench -- stores [--keys 100000,1000000] [--records 1000000] [--plans count,windows] [--states memory,64,256 (MB of cache)] [--json FILE]`;

/** CPU per record, µs, memory, and what a killed process needs until its first right row, by plan, keys and place of the state. */
export async function storesBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: 'string', default: '100000,1000000' },
      records: { type: 'string', default: '1000000' },
      plans: { type: 'string', default: 'count,windows' },
      states: { type: 'string', default: 'memory,64,256' },
      json: { type: 'string' },
    },
  });
  const numbers = (text: string): number[] => text.split(',').map(Number);
  const plans = values.plans.split(',').filter((plan): plan is PlanName => plan === 'count' || plan === 'windows');
  if (plans.length === 0 || !(Number(values.records) > 0)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const rows: object[] = [];
  console.log(
    'plan     keys      state      µs/new  µs/known  slice ms  RSS MB  peak MB  file MB  first row ms  open ms  k restored/s  per CPU-s',
  );
  for (const plan of plans) {
    for (const keys of numbers(values.keys)) {
      for (const place of values.states.split(',')) {
        const cacheMb = place === 'memory' ? 0 : Number(place);
        const folder = cacheMb === 0 ? '' : mkdtempSync(join(tmpdir(), 'isobar-bench-'));
        const of = (command: string) => [command, plan, folder, String(keys), values.records, String(cacheMb)];
        try {
          const measured = await firstLine<Measured>(of('measure'));
          const reopened = folder === '' ? undefined : await firstLine<Reopened>(of('reopen'));
          if (folder !== '') rmSync(folder, { recursive: true });
          const restored = await firstLine<Restored>(of('restore'));
          const state = cacheMb === 0 ? 'memory' : `disk ${cacheMb}`;
          rows.push({ plan, keys, state, ...measured, reopened, restored });
          console.log(line(plan, keys, state, measured, reopened, restored));
        } finally {
          if (folder !== '') rmSync(folder, { recursive: true, force: true });
        }
      }
    }
  }
  const path = await writeResult('stores', values.json, { machine, records: Number(values.records), rows });
  console.log(`written to ${path}`);
  return 0;
}

/** What a process prints first; it is killed then. */
async function firstLine<T>(args: readonly string[]): Promise<T> {
  const child: ChildProcess = spawn(process.execPath, [join(repositoryRoot, 'dist/bench/stores/side.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stdout = child.stdout;
  if (stdout === null) throw new Error('no output to read');
  const ended = once(child, 'exit');
  for await (const text of createInterface({ input: stdout })) {
    child.kill('SIGKILL');
    await ended;
    return JSON.parse(text) as T;
  }
  throw new Error(`a process printed nothing: ${args.join(' ')}`);
}

const line = (
  plan: string,
  keys: number,
  state: string,
  measured: Measured,
  reopened: Reopened | undefined,
  restored: Restored,
): string =>
  [
    plan.padEnd(7),
    String(keys).padEnd(8),
    state.padEnd(8),
    measured.fillMicroseconds.toFixed(2).padStart(8),
    measured.updateMicroseconds.toFixed(2).padStart(8),
    measured.longestSliceMs.toFixed(0).padStart(8),
    measured.rssMb.toFixed(0).padStart(6),
    measured.peakRssMb.toFixed(0).padStart(7),
    measured.storedMb.toFixed(0).padStart(7),
    (reopened?.firstRowMs.toFixed(0) ?? '').padStart(12),
    (reopened?.openMs.toFixed(0) ?? '').padStart(7),
    (restored.recordsPerSecond / 1_000).toFixed(0).padStart(9),
    (restored.recordsPerCpuSecond / 1_000).toFixed(0).padStart(8),
    reopened?.row ?? '',
  ].join('  ');
