import { describe, expect, it } from '@jest/globals';
import type { StackState, StepEvent, SystemEvent } from '@isobar/local-stack';
import { failureLines } from './failure.js';
import { LiveRows } from './live-rows.js';
import { Changes, eventLine } from './plain.js';
import { alreadyRunningLines, readyLines } from './ready.js';
import { duration } from './style.js';

const step = (change: Partial<StepEvent>): StepEvent => ({
  v: 1,
  ts: '2026-11-22T15:30:11.123Z',
  type: 'step',
  id: 'connect',
  state: 'starting',
  waitingOn: [],
  detail: 'loading plugins',
  elapsedMs: 9012,
  restarts: 0,
  ...change,
});

const ready: SystemEvent = {
  v: 1,
  ts: '2026-11-22T15:30:43.000Z',
  type: 'system',
  state: 'ready',
  elapsedMs: 41_000,
  probeMs: 800,
  addresses: { DASHBOARD_URL: 'http://127.0.0.1:3000' },
  degraded: ['the weather is a sample'],
};

describe('plain output', () => {
  it('is one line per change, without escape codes', () => {
    expect(eventLine(step({}))).toBe('15:30:11 connect starting 9.0s detail="loading plugins"');
    expect(eventLine(step({ state: 'waiting', waitingOn: ['kafka:starting'], detail: '' }))).toBe(
      '15:30:11 connect waiting on=kafka:starting',
    );
    expect(eventLine(ready)).toBe('15:30:43 system ready 41.0s degraded="the weather is a sample"');
    expect(eventLine({ v: 1, ts: ready.ts, type: 'notice', text: 'another port' })).toBe(
      '15:30:43 notice another port',
    );
  });
});

describe('lines of plain output', () => {
  it('are one per change: each new state at once, news of the same state now and then, each set of blockers once', () => {
    const changes = new Changes();
    const at = (second: number, change: Partial<StepEvent>): StepEvent =>
      step({ ts: new Date(Date.parse('2026-11-22T15:30:00.000Z') + second * 1_000).toISOString(), ...change });
    const shown = [
      at(0, { state: 'waiting', waitingOn: ['kafka:starting'] }),
      at(1, { state: 'waiting', waitingOn: ['kafka:slow'] }),
      at(20, { state: 'waiting', waitingOn: ['kafka:slow'] }),
      at(21, { state: 'waiting', waitingOn: ['kafka:slow', 'postgres:starting'] }),
      at(22, { detail: 'silent for 1 s' }),
      at(23, { detail: 'silent for 2 s' }),
      at(24, { id: 'kafka' }),
      at(25, { state: 'slow', detail: 'silent for 4 s' }),
      at(26, { state: 'starting', detail: 'silent for 5 s' }),
      at(35, { state: 'starting', detail: 'silent for 14 s' }),
      at(36, { state: 'starting', detail: 'silent for 15 s' }),
      at(37, { state: 'ready', detail: '' }),
      ready,
      ready,
    ].filter((event) => changes.has(event));
    expect(shown.map((event) => event.ts.slice(17, 19))).toEqual([
      '00',
      '21',
      '22',
      '24',
      '25',
      '26',
      '36',
      '37',
      '43',
      '43',
    ]);
  });
});

describe('plain output of what has many lines', () => {
  it('is one line', () => {
    const text = 'port 3000 is taken by process 1 (java)\n  and\r\nmore\n';
    expect(eventLine({ v: 1, ts: ready.ts, type: 'notice', text })).toBe(
      '15:30:43 notice port 3000 is taken by process 1 (java) and more',
    );
    expect(eventLine(step({ detail: 'one\ntwo' }))).not.toContain('\n');
    const { degraded: _none, addresses: _nowhere, ...later } = ready;
    expect(eventLine({ ...later, state: 'not ready', because: ['kafka is away', 'one\ntwo'] })).toBe(
      '15:30:43 system not ready 41.0s because="kafka is away; one\\ntwo"',
    );
  });
});

describe('block of a stack that runs already', () => {
  it('says since when, how it is and why, and claims no start', () => {
    const state: StackState = {
      v: 1,
      supervisor: { pid: 7, startTime: '' },
      startedAt: '2026-11-22T15:00:00.000Z',
      asOf: ready.ts,
      state: 'degraded',
      because: ['the weather is simulated'],
      degraded: ['the weather is simulated'],
      addresses: { DASHBOARD_URL: 'http://127.0.0.1:3000' },
      parts: {},
    };
    const text = alreadyRunningLines(state, Date.parse('2026-11-22T15:10:00Z')).join('\n');
    expect(text).toContain('Already running since 2026-11-22 15:00:00 UTC (10 min 0 s), process 7: degraded');
    expect(text).toContain('Because: the weather is simulated');
    expect(text).toContain('Dashboard    http://127.0.0.1:3000');
    expect(text).not.toContain('Ready in');
  });
});

describe('ready block', () => {
  it('gives the proof, the addresses that exist, where data is, and what is degraded', () => {
    const text = readyLines(ready, true).join('\n');
    expect(text).toContain('Ready in 41.0 s. A test reading went sensor → Kafka → ksqlDB → dashboard in 0.8 s.');
    expect(text).toContain('Dashboard    http://127.0.0.1:3000');
    expect(text).not.toContain('Connect');
    expect(text).toContain('isobar reset erases it');
    expect(text).toContain('Degraded: the weather is a sample');
  });

  it.each([
    [true, 'Ctrl-C or npx isobar down stops'],
    [false, 'npx isobar logs · npx isobar down stops it'],
  ])('names what stops the stack; it runs here: %s', (isHere, stop) => {
    expect(readyLines(ready, isHere).at(-1)).toMatch(new RegExp(`${stop}$`));
  });
});

describe('failure block', () => {
  it('has cause, fix, log and what was not started, below the last log lines', () => {
    const text = failureLines({
      step: 'kafka',
      what: 'ended with code 1',
      why: 'the disk is full',
      fix: 'free some space',
      logFile: '/logs/kafka.log',
      lastLogLines: ['first', 'second'],
      notStarted: ['topics', 'connect'],
    }).join('\n');
    expect(text).toMatch(/first[\s\S]*second[\s\S]*kafka {2}failed {2}ended with code 1/);
    expect(text).toContain('Why    the disk is full');
    expect(text).toContain('Fix    free some space');
    expect(text).toContain('Log    /logs/kafka.log');
    expect(text).toContain('Not started: topics, connect');
  });
});

describe('rows on a terminal', () => {
  it('are rewritten in place and never leave the screen', () => {
    let written = '';
    const terminal = {
      columns: 100,
      write: (text: string) => ((written += text), true),
    } as unknown as NodeJS.WriteStream;
    const rows = new LiveRows(terminal);
    rows.take(step({ typicalMs: 14_000 }));
    rows.take(step({ state: 'ready', detail: '' }));
    rows.settle();
    expect(written).toContain('loading plugins — usually 14.0 s');
    expect(written).toContain('\u001b[2A\u001b[0J');
    expect(written).not.toContain('\u001b[?1049h');
    expect(written.trimEnd().split('\n').at(-1)).toContain('1 of 1');
  });
});

describe('duration', () => {
  it.each([
    [40, '0.0 s'],
    [12_345, '12.3 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms reads %s', (ms, text) => expect(duration(ms)).toBe(text));
});
