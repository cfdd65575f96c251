import { describe, expect, it } from '@jest/globals';
import { readCities } from '@isobar/contracts';
import { BufferFullError, RecordRefusedError } from '@isobar/kafka';
import { until } from '@isobar/local-stack/testing';
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

describe('a time-lapse that ends while the process stands still', () => {
  it('makes up for all of it', async () => {
    const fleet = new Fleet(1, 42);
    fleet.standIn(cities);
    let nowMs = 1_700_000_000_000;
    const beganMs = nowMs;
    const times: number[] = [];
    const publishing = new PublishReadings(
      fleet,
      new ActiveScenarios(),
      new SimulatedClock({ backMs: 3_600_000, speed: 1_000, now: () => nowMs }),
      { send: async ({ timestamp }) => void times.push(Number(timestamp)) },
      { seed: 42, intervalMs: 60_000, onPublished: () => undefined, onDropped: () => undefined },
      pino({ level: 'silent' }),
    );
    const running = publishing.run();
    nowMs += 10_000; // the lapse takes 3.6 s
    await until('the hour is made up for', 20_000, () => times.length >= 290);
    publishing.stop();
    await running;
    expect(Math.min(...times)).toBeLessThan(beganMs - 3_500_000);
  }, 30_000);
});
