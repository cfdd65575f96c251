import { describe, expect, it } from '@jest/globals';
import { judgeQuery, type ProgressSample, type QuerySignals } from './judge-query.js';

const nowMs = 1_000_000_000;

/** One sample every 5 s up to now; the functions give what had been written and committed by second `s` before now. */
const samples = (spanS: number, input: (s: number) => number, committed: (s: number) => number): ProgressSample[] =>
  Array.from({ length: spanS / 5 + 1 }, (_, i) => spanS - i * 5).map((s) => ({
    atMs: nowMs - s * 1_000,
    input: input(s),
    committed: committed(s),
    lag: input(s) - committed(s),
  }));
const signals = (overrides: Partial<QuerySignals>): QuerySignals => ({
  state: 'RUNNING',
  stateReason: undefined,
  isExplained: true,
  errors: [],
  samples: [],
  ...overrides,
});
const error = (secondsAgo: number) => ({ atMs: nowMs - secondsAgo * 1_000, type: 'SYSTEM', message: 'no such topic' });
const moving = samples(
  120,
  (s) => 10_000 - s,
  (s) => 9_990 - s,
);

describe('the health of a query', () => {
  it.each<[string, Partial<QuerySignals>, string, string]>([
    ['commits as its input moves', { samples: moving }, 'running', '30 records committed and 30 new in 30 s'],
    ['was not looked at yet', {}, 'running', 'its offsets were not looked at yet'],
    [
      'has a quiet input',
      {
        samples: samples(
          90,
          () => 5,
          () => 5,
        ),
      },
      'idle',
      'its input had nothing new for 60 s',
    ],
    [
      'has read all but the marker of a transaction',
      {
        samples: samples(
          90,
          () => 5,
          () => 4,
        ),
      },
      'idle',
      'lag 1 records',
    ],
    [
      'commits nothing while its input moves',
      {
        samples: samples(
          60,
          (s) => 1_000 - s,
          () => 900,
        ),
      },
      'stalled',
      'nothing was committed in 55 s',
    ],
    [
      'was given records a moment ago, after a pause, and has not committed them yet',
      {
        samples: samples(
          60,
          (s) => (s < 5 ? 907 : 900),
          () => 900,
        ),
      },
      'running',
      'lag 7 records',
    ],
    [
      'was looked at rarely, and at the last look had just been given records',
      {
        samples: samples(
          60,
          (s) => (s < 5 ? 907 : 900),
          () => 900,
        ).filter((_, i, all) => i === all.length - 1 || i % 5 === 0),
      },
      'running',
      'lag 7 records',
    ],
    [
      'has a last transaction before it that was aborted',
      {
        samples: samples(
          90,
          (s) => (s < 50 ? 907 : 900),
          () => 900,
        ),
      },
      'running',
      'lag 7 records',
    ],
    [
      'is given a few records a minute and commits none',
      {
        samples: samples(
          150,
          (s) => 900 + 7 * Math.floor((180 - s) / 60),
          () => 900,
        ),
      },
      'stalled',
      'lag 21 records',
    ],
    [
      'has a backlog and commits nothing',
      {
        samples: samples(
          60,
          () => 50_000,
          () => 900,
        ),
      },
      'stalled',
      'lag 49,100 records',
    ],
    [
      'works off its backlog',
      {
        samples: samples(
          60,
          () => 50_000,
          (s) => 40_000 - s * 100,
        ),
      },
      'catching-up',
      'the lag shrinks; clear in about 100 s',
    ],
    [
      'is slower than its input',
      {
        samples: samples(
          330,
          (s) => 100_000 - s * 100,
          (s) => 90_000 - s * 80,
        ),
      },
      'falling-behind',
      'the lag grew by 6,000 records in 5 min',
    ],
    [
      'has a steady backlog',
      {
        samples: samples(
          330,
          (s) => 9_000 - s,
          (s) => 5_000 - s,
        ),
      },
      'running',
      'lag 4,000 records',
    ],
    ['says ERROR', { state: 'ERROR', errors: [error(3)] }, 'failed', 'SYSTEM error at'],
    ['says ERROR for long', { state: 'ERROR', errors: [error(3_600)] }, 'failed', 'SYSTEM error: no such topic'],
    [
      'had an error and committed nothing since',
      {
        errors: [error(12)],
        samples: samples(
          60,
          (s) => 1_000 - s,
          (s) => 800 - Math.max(s, 15),
        ),
      },
      'failed',
      'and there are errors',
    ],
    [
      'has an error with every record that is garbage, and goes on',
      { errors: [error(0), error(1), error(2)], samples: moving },
      'running',
      'SYSTEM error at',
    ],
    [
      'has errors all the time and has committed nothing for as long as commits may be apart',
      {
        errors: [error(0), error(1)],
        samples: samples(
          60,
          (s) => 1_000 - s,
          (s) => 800 - Math.max(s, 5),
        ),
      },
      'running',
      'SYSTEM error at',
    ],
    [
      'has errors all the time and commits nothing',
      {
        errors: [error(0), error(1)],
        samples: samples(
          60,
          (s) => 1_000 - s,
          (s) => 800 - Math.max(s, 15),
        ),
      },
      'failed',
      'and there are errors',
    ],
    [
      'was given garbage a moment ago, after a pause, and has not committed yet',
      {
        errors: [error(1)],
        samples: samples(
          60,
          (s) => (s < 5 ? 907 : 901),
          () => 900,
        ),
      },
      'running',
      'SYSTEM error at',
    ],
    [
      'fails at a record that was there before it was looked at',
      {
        errors: [error(2), error(18)],
        samples: samples(
          20,
          () => 907,
          () => 900,
        ),
      },
      'failed',
      'nothing was committed for 18 s, and there are errors',
    ],
    ['had an error and went on', { errors: [error(60)], samples: moving }, 'running', 'SYSTEM error at'],
    ['had an error long ago', { errors: [error(3_600)], samples: moving }, 'running', 'lag 10 records'],
    ['is paused', { state: 'PAUSED', samples: moving }, 'paused', 'engine says PAUSED'],
    ['does not answer', { state: 'UNRESPONSIVE' }, 'unreachable', 'engine says UNRESPONSIVE'],
    ['is a ghost', { isExplained: false }, 'orphan', 'it is listed and cannot be explained'],
    [
      'waits, as the engine says',
      { stateReason: 'behind an open transaction', samples: moving },
      'running',
      'engine says RUNNING: behind an open transaction',
    ],
  ])('%s', (_what, given, health, words) => {
    const judged = judgeQuery(signals(given), nowMs);
    expect(judged.health).toBe(health);
    expect(judged.because.join('; ')).toContain(words);
  });
});
