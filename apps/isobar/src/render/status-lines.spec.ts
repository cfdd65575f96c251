import { describe, expect, it } from '@jest/globals';
import type { StackState } from '@isobar/local-stack';
import { statusLines } from './status-lines.js';

const nowMs = Date.parse('2026-01-01T01:00:00Z');
const state: StackState = {
  v: 1,
  supervisor: { pid: 4123, startTime: '1' },
  startedAt: '2026-01-01T00:00:00Z',
  asOf: '2026-01-01T00:59:59Z',
  readyMs: 41_000,
  state: 'ready',
  because: [],
  degraded: [],
  addresses: {},
  parts: {
    kafka: { state: 'ready', detail: '1 broker', restarts: 0, since: '2026-01-01T00:00:00Z', waitingOn: [] },
  },
};

describe('the lines of a status', () => {
  it('begin with the word, alone when all is well', () => {
    expect(statusLines(state, nowMs).slice(0, 3)).toEqual([
      'ready',
      '  process 4123 · up 60 min 0 s · started in 41.0 s',
      expect.stringMatching(/^ {2}kafka +ready +1 broker$/),
    ]);
  });

  it('begin with the word and the first reason; the others follow', () => {
    const because = ['kafka is restarting: was ended by SIGKILL', 'stream-admin is not ready: kafka: no broker'];
    expect(statusLines({ ...state, state: 'not ready', because }, nowMs).slice(0, 2)).toEqual([
      'not ready: kafka is restarting: was ended by SIGKILL (and 1 more)',
      '  because: stream-admin is not ready: kafka: no broker',
    ]);
  });

  it('say a long reason once: above, not again beside its part', () => {
    const detail = 'queries: CITY_CLIMATE_1M failed: its source topic iot-sensors has 6 partitions instead of 3';
    const part = { state: 'unready', detail, restarts: 0, since: '2026-01-01T00:00:00Z', waitingOn: [] } as const;
    const parts = { ...state.parts, 'ksql-server': part, dashboard: { ...part, detail: `${detail}, too` } };
    const because = [`ksql-server is not ready: ${detail}`];
    const lines = statusLines({ ...state, state: 'not ready', because, parts }, nowMs);
    expect(lines.filter((line) => line.includes(detail))).toEqual([
      `not ready: ksql-server is not ready: ${detail}`,
      expect.stringMatching(/^ {2}dashboard .*, too$/),
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}ksql-server +unready +\(its reason is above\)$/));
  });

  it('say a cause once, where two parts see it', () => {
    const reason = 'queries: AIR is ERROR, failed (gone; npx isobar queries redeploy AIR does that)';
    const part = { state: 'unready', restarts: 0, since: '2026-01-01T00:00:00Z', waitingOn: [] } as const;
    const parts = {
      ...state.parts,
      'ksql-server': { ...part, detail: 'queries: 1 of 9 queries do not run: CSAS_AIR_7: gone' },
      'stream-admin': { ...part, detail: reason },
    };
    const because = [`stream-admin is not ready: ${reason}`];
    const lines = statusLines({ ...state, state: 'not ready', because, parts }, nowMs);
    expect(lines.filter((line) => line.includes('gone'))).toEqual([`not ready: ${because[0]}`]);
    expect(lines.filter((line) => line.includes('(its reason is above)'))).toHaveLength(2);
  });

  it('note what was asked to be less, once', () => {
    const degraded = ['the weather is simulated'];
    expect(statusLines({ ...state, degraded }, nowMs).at(-1)).toBe('  note: the weather is simulated');
    const lines = statusLines({ ...state, state: 'degraded', because: degraded, degraded }, nowMs);
    expect(lines[0]).toBe('degraded: the weather is simulated');
    expect(lines.filter((line) => line.includes('simulated'))).toHaveLength(1);
  });
});
