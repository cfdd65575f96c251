import { describe, expect, it } from '@jest/globals';
import { Circuit } from './circuit.js';

describe('a circuit', () => {
  it('opens after five faults in a row, waits longer each time, and closes with the first success', () => {
    const circuit = new Circuit('/alerts/active');
    const isClosed = (nowMs: number): boolean => {
      try {
        circuit.assertClosed(nowMs);
        return true;
      } catch {
        return false;
      }
    };
    for (let i = 0; i < 4; i += 1) circuit.failed(0);
    expect(isClosed(0)).toBe(true);
    circuit.failed(0);
    expect([isClosed(59_999), isClosed(60_000)]).toEqual([false, true]);
    circuit.failed(60_000);
    expect([isClosed(179_999), isClosed(180_000)]).toEqual([false, true]);
    for (let i = 0; i < 10; i += 1) circuit.failed(180_000);
    expect([isClosed(180_000 + 899_999), isClosed(180_000 + 900_000)]).toEqual([false, true]);
    circuit.probeNow();
    expect([isClosed(180_000), circuit.isProbing]).toEqual([true, true]);
    expect([circuit.succeeded(), circuit.succeeded(), circuit.isProbing]).toEqual([true, false, false]);
    circuit.failed(500_000);
    expect(isClosed(500_000)).toBe(true);
  });
});
