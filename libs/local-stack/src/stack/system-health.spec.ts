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

  it('is none before the end of the start and after the beginning of the stop', () => {
    expect((['starting', 'stopping', 'stopped', 'failed'] as const).some(isHealth)).toBe(false);
    expect((['ready', 'degraded', 'not ready'] as const).every(isHealth)).toBe(true);
  });
});
