import { describe, expect, it } from '@jest/globals';
import { hops, HopTracker } from './hops.js';

describe('HopTracker', () => {
  it('names where the record was seen last and where it is missing', () => {
    const tracker = new HopTracker();
    expect(tracker.describe()).toBe('waits for PostgreSQL insert');
    tracker.see('PostgreSQL insert');
    tracker.see('iot-sensors');
    tracker.see('city-sensors');
    expect(tracker.missing).toBe('postgres-users (change data capture)');
    expect(tracker.describe()).toBe('seen at city-sensors, waits for postgres-users (change data capture)');
  });

  it('misses nothing once every hop has seen it', () => {
    const tracker = new HopTracker();
    for (const hop of hops) tracker.see(hop);
    expect(tracker.missing).toBeUndefined();
    expect(tracker.describe()).toBe('seen at every hop');
  });
});
