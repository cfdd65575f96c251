import { describe, expect, it } from '@jest/globals';
import { isHealth, systemHealth } from './system-health.js';

describe('the health of a system', () => {
  it.each([
    [[], [], 'ready', []],
    [[], ['weather is simulated'], 'degraded', ['weather is simulated']],
    [['kafka is restarting'], [], 'not ready', ['kafka is restarting']],
    [['kafka is restarting'], ['low disk'], 'not ready', ['kafka is restarting', 'low disk']],
  ] as const)('with troubles %j and shortcomings %j is %s', (troubles, shortcomings, state, because) => {
    expect(systemHealth(troubles, shortcomings)).toEqual({ state, because });
  });

  it('says one cause in one sentence: the one that knows what to do', () => {
    const admin =
      'stream-admin is not ready: queries: AIR is ERROR, failed (gone; npx isobar queries redeploy AIR does that)';
    const server = 'ksql-server is not ready: queries: 1 of 9 queries do not run: CSAS_AIR_7: gone';
    expect(systemHealth([server, admin], []).because).toEqual([admin]);
    expect(systemHealth([server], []).because).toEqual([server]);
  });

  it('is none before the end of the start and after the beginning of the stop', () => {
    expect((['starting', 'stopping', 'stopped', 'failed'] as const).some(isHealth)).toBe(false);
    expect((['ready', 'degraded', 'not ready'] as const).every(isHealth)).toBe(true);
  });
});
