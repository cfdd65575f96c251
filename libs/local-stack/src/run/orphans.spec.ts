import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PartProcess } from '../process/part-process.js';
import { isRunning, type ProcessIdentity } from '../process/process-identity.js';
import { fakePart, programs, temporaryHome } from '../testing/fake-part.js';
import { endOrphans, orphansOf } from './orphans.js';
import { readState, writeState, type StackState } from './state-file.js';

const stateWith = (identities: Record<string, ProcessIdentity>): StackState => ({
  v: 1,
  supervisor: { pid: 1, startTime: 'long ago' },
  startedAt: '2026-01-01T00:00:00Z',
  asOf: '2026-01-01T00:00:05Z',
  state: 'ready',
  because: [],
  degraded: [],
  addresses: {},
  parts: Object.fromEntries(
    Object.entries(identities).map(([name, process]) => [
      name,
      { state: 'ready', detail: '', restarts: 0, since: '2026-01-01T00:00:00Z', waitingOn: [], process },
    ]),
  ),
});

function startFake(program: string): ProcessIdentity {
  const { identity } = PartProcess.start(fakePart('fake', program).launch(), join(temporaryHome().logs, 'fake.log'));
  if (identity === undefined) throw new Error('not started');
  return identity;
}

describe('orphans', () => {
  it('are ended, by force where they do not go', async () => {
    const polite = startFake(programs.runs);
    const stubborn = startFake(programs.ignoresSigterm);
    await sleep(200); // Until it ignores the signal.
    const state = stateWith({ polite, stubborn });
    expect(orphansOf(state).map(({ name }) => name)).toEqual(['polite', 'stubborn']);
    expect(await endOrphans(state, 300)).toEqual(['polite', 'stubborn']);
    expect([polite, stubborn].some(isRunning)).toBe(false);
  });

  it('are never a process that merely has the same id', async () => {
    const state = stateWith({ kafka: { pid: process.pid, startTime: 'another time' } });
    expect(await endOrphans(state)).toEqual([]);
  });
});

describe('state file', () => {
  it('gives back what was written, and nothing for other content', () => {
    const file = join(temporaryHome().run, 'state.json');
    expect(readState(file)).toBeUndefined();
    const state = stateWith({});
    writeState(file, state);
    expect(readState(file)).toEqual(state);
    writeState(file, { ...state, v: 2 as 1 });
    expect(readState(file)).toBeUndefined();
  });
});
