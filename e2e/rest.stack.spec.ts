import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { brokerRequestsPerMinute } from '@isobar/local-stack/testing';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNative, type NativeRuntime } from './native-runtime.js';

/** From the last reading until all of it has come through, and what looks less often has looked. */
const settleMs = 20_000;
const countedMs = 60_000;

/**
 * What each may ask the broker per minute while nothing happens. Each watches topics, queries or records, and its watch is a single one:
 * a look per query, per topic or per request of a page would be ten times as much.
 */
const limits = {
  'stream-admin': 400,
  dashboard: 150,
  'ksql-server': 150,
  'weather-ingest': 60,
  'sensor-sim': 60,
  'user-service': 200,
  'isobar-probe': 60,
};
/** Kafka's own and Connect's among them. */
const limit = 2_800;

describe('the stack at rest', () => {
  let runtime: NativeRuntime;
  beforeAll(async () => {
    runtime = await startNative();
  }, 300_000);
  afterAll(() => runtime?.stop(), 120_000);

  it('asks the broker little', async () => {
    const { kafkaBrokers, sensorSimUrl } = runtime.addresses;
    const { items } = (await (await fetch(`${sensorSimUrl}/sensors`)).json()) as { items: { id: string }[] };
    for (const { id } of items) await fetch(`${sensorSimUrl}/sensors/${id}/pause`, { method: 'POST' });
    await sleep(settleMs);
    const counts = await brokerRequestsPerMinute(kafkaBrokers, join(runtime.home, 'logs', 'kafka.log'), countedMs);
    const of = (client: string): number =>
      [...counts].reduce((sum, [asked, count]) => (asked.startsWith(`${client} `) ? sum + count : sum), 0);
    const tooMany = Object.entries(limits).filter(([client, most]) => of(client) > most);
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const listed = [...counts].map(([asked, count]) => `${Math.round(count)} ${asked}`);
    expect({ tooMany, isTooMuch: all > limit, listed }).toEqual({ tooMany: [], isTooMuch: false, listed });
    // The count is one: who follows topics is in it.
    expect(of('dashboard')).toBeGreaterThan(20);
  }, 150_000);
});
