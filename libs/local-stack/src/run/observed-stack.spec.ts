import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { StackHome } from '../home.js';
import { identityOf, type ProcessIdentity } from '../process/process-identity.js';
import { temporaryHome } from '../testing/fake-part.js';
import { lockFile } from './lock.js';
import { observeStack } from './observed-stack.js';
import { stateFile } from './run-record.js';
import { type PartState, type StackState, writeState } from './state-file.js';

const gone: ProcessIdentity = { pid: 2 ** 22 + 1, startTime: 'long ago' };
const own = identityOf(process.pid) ?? gone;
const nowMs = Date.parse('2026-01-01T00:10:00Z');

const part = (state: PartState['state'], process?: ProcessIdentity): PartState => ({
  state,
  detail: 'as it was',
  restarts: 0,
  since: '2026-01-01T00:00:00Z',
  waitingOn: [],
  ...(process === undefined ? {} : { process }),
});

/** A home whose last state says that all is well. */
function homeWith(change: Partial<StackState>, holder?: ProcessIdentity): StackHome {
  const home = temporaryHome();
  if (holder !== undefined) writeFileSync(lockFile(home), JSON.stringify(holder));
  writeState(stateFile(home), {
    v: 1,
    supervisor: holder ?? gone,
    startedAt: '2026-01-01T00:00:00Z',
    asOf: '2026-01-01T00:09:58Z',
    state: 'ready',
    because: [],
    degraded: [],
    addresses: {},
    parts: {},
    ...change,
  });
  return home;
}

describe('a stack seen from outside', () => {
  it('is what its supervisor says, as long as that lives and says so', () => {
    const seen = observeStack(homeWith({}, own), nowMs);
    expect(seen).toMatchObject({ kind: 'running', state: { state: 'ready', because: [] } });
  });

  it('is not ready when its supervisor has said nothing for long, and says since when', () => {
    const seen = observeStack(homeWith({ asOf: '2026-01-01T00:09:00Z' }, own), nowMs);
    expect(seen).toMatchObject({ kind: 'running', state: { state: 'not ready' } });
    expect(seen.kind === 'running' && seen.state.because[0]).toMatch(/said nothing for 60 s.*2026-01-01T00:09:00Z/);
  });

  it('is abandoned when its supervisor was killed, whatever the file says, and names who still runs', () => {
    const parts = { kafka: part('ready', own), connect: part('ready', gone), topics: part('done') };
    const seen = observeStack(homeWith({ parts }), nowMs);
    if (seen.kind !== 'abandoned') throw new Error(seen.kind);
    expect(seen.state.state).toBe('not ready');
    expect(seen.state.because[0]).toMatch(/supervisor \(process \d+\) ended without a word after 2026-01-01T00:09:58Z/);
    expect(seen.state.because[1]).toBe(`still running, and restarted by nobody: kafka (process ${process.pid})`);
    expect(seen.state.parts['connect']).toMatchObject({ state: 'stopped' });
    expect(seen.state.parts['kafka']).toMatchObject({ state: 'ready' });
  });

  it('is abandoned, too, when nothing of it runs any more, as after a power cut', () => {
    const seen = observeStack(homeWith({}), nowMs);
    expect(seen.kind === 'abandoned' && seen.state.because[1]).toBe('nothing of it runs any more');
  });

  it.each(['stopped', 'failed'] as const)('is none when the last run %s by itself', (state) => {
    expect(observeStack(homeWith({ state }), nowMs)).toMatchObject({ kind: 'none', last: { state } });
    expect(observeStack(temporaryHome(), nowMs)).toEqual({ kind: 'none' });
  });
});
