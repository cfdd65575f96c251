import { describe, expect, it } from '@jest/globals';
import { readCities } from '@isobar/contracts';
import { BufferFullError, RecordRefusedError } from '@isobar/kafka';
import { pino } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fleet } from '../fleet/fleet.js';
import { ActiveScenarios } from '../scenarios/active-scenarios.js';
import { PublishReadings } from './publish-readings.js';
import { SimulatedClock } from './simulated-clock.js';

const cities = readCities(fileURLToPath(new URL('../../../../config/cities.json', import.meta.url)));

describe('readings that the producer does not take', () => {
  it('are counted by the reason, and the others go on', async () => {
    const fleet = new Fleet(4, 42);
    fleet.standIn(cities);
    const dropped: string[] = [];
    let sent = 0;
    let published = 0;
    const publishing = new PublishReadings(
      fleet,
      new ActiveScenarios(),
      new SimulatedClock({ backMs: 0, speed: 2, now: Date.now }),
      {
        send: async () => {
          sent += 1;
          if (sent % 4 === 1) throw new BufferFullError('too much waits');
          if (sent % 4 === 2) throw new RecordRefusedError('too large');
        },
      },
      {
        seed: 42,
        intervalMs: 3_600_000,
        onPublished: (count) => (published += count),
        onDropped: (reason) => dropped.push(reason),
      },
      pino({ level: 'silent' }),
    );
    const running = publishing.run();
    await sleep(100);
    publishing.stop();
    await running;
    // The first interval is measured at once: one reading of each of the twenty sensors.
    expect(sent).toBeGreaterThanOrEqual(20);
    expect(dropped.length + published).toBe(sent);
    expect(dropped.filter((reason) => reason === 'buffer-full')).toHaveLength(Math.ceil(sent / 4));
    expect(dropped.filter((reason) => reason === 'refused')).toHaveLength(Math.ceil((sent - 1) / 4));
  });
});
