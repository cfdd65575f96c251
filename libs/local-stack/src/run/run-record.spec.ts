import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import type { StackHome } from '../home.js';
import type { StackEvent } from '../stack/events.js';
import { temporaryHome } from '../testing/fake-part.js';
import { eventsFile, RunRecord, stateFile } from './run-record.js';
import { readState, type StackState, writeState } from './state-file.js';

const state: StackState = {
  v: 1,
  supervisor: { pid: 1, startTime: 'long ago' },
  startedAt: '2026-01-01T00:00:00Z',
  asOf: '2026-01-01T00:00:05Z',
  state: 'ready',
  because: [],
  degraded: [],
  addresses: {},
  parts: {},
};
const event: StackEvent = { v: 1, ts: '2026-01-01T00:00:00Z', type: 'notice', text: 'hello' };

/** No new file can be made there any more; those that exist can be written over. */
const fillUp = (home: StackHome): void => mkdirSync(`${stateFile(home)}.${process.pid}`);
const makeRoom = (home: StackHome): void => rmSync(`${stateFile(home)}.${process.pid}`, { recursive: true });

const itWithFullDevice = existsSync('/dev/full') ? it : it.skip;

describe('what a run tells others', () => {
  it('stays true on a full disk: the state is written over the old one', () => {
    const home = temporaryHome();
    const record = new RunRecord(home);
    record.save(state);
    const { size } = statSync(stateFile(home));
    fillUp(home);
    record.save({ ...state, state: 'not ready', because: ['no space left in /data (0 MB free)'] });
    expect(readState(stateFile(home))).toMatchObject({
      state: 'not ready',
      because: [expect.stringMatching(/no space/)],
    });
    expect(statSync(stateFile(home)).size).toBe(size);
    expect(record.trouble).toBeUndefined();
  });

  it('is missed, said to be missing, and goes on when there is room', () => {
    const home = temporaryHome();
    const record = new RunRecord(home);
    fillUp(home);
    record.save(state);
    expect(record.trouble).toMatch(/^the state of the stack cannot be written: \w+/);
    makeRoom(home);
    record.save(state);
    expect(record.trouble).toBeUndefined();
    expect(readdirSync(home.run)).toEqual(['state.json']);
  });

  itWithFullDevice('misses events that the disk does not take, and never throws', () => {
    const home = temporaryHome();
    symlinkSync('/dev/full', eventsFile(home));
    const record = new RunRecord(home);
    record.append(event);
    expect(record.trouble).toMatch(/^the events of the stack cannot be written: .*ENOSPC/);
    rmSync(eventsFile(home));
    record.append(event);
    expect(record.trouble).toBeUndefined();
    expect(JSON.parse(readFileSync(eventsFile(home), 'utf8'))).toEqual(event);
  });

  it('is an error of whoever writes a state that has no room at all', () => {
    const home = temporaryHome();
    fillUp(home);
    expect(() => writeState(stateFile(home), state)).toThrow();
  });
});
