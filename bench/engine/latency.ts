import { setTimeout as delay } from 'node:timers/promises';
import type { WriteRecord } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { jsonRecord } from './input-records.js';
import type { RunningSide } from './side.js';
import type { InputTopic } from './topologies.js';

export interface Latency {
  readonly ratePerSecond: number;
  readonly results: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A table of 100 k rows is read meanwhile, too. */
const WARM_UP_MS = 12_000;
const MEASURED_MS = 10_000;
const TICK_MS = 10;
const SETTLE_MS = 3_000;

/**
 * From the creation of a record to its committed result at a reader, with records sent to each live input at a fixed rate whatever the
 * process does (open loop). A result bears the timestamp of its newest input.
 */
export async function measureLatency(
  broker: KafkaBroker,
  ratePerSecond: number,
  inputs: readonly InputTopic[],
  start: (liveTopics: ReadonlyMap<InputTopic, string>, outTopic: string) => Promise<RunningSide>,
): Promise<Latency> {
  const suffix = Math.random().toString(36).slice(2, 8);
  const outTopic = `latency-out-${suffix}`;
  const live = new Map(inputs.map((input) => [input, `latency-${input}-${suffix}`]));
  await broker.createTopics(
    [...live.values(), outTopic].map((topic) => ({ topic, partitions: 4, replicas: 1, config: {} })),
  );
  const running = await start(live, outTopic);
  const reader = await broker.openReader([0, 1, 2, 3].map((partition) => ({ topic: outTopic, partition, offset: 0 })));
  const latencies: number[] = [];
  const startMs = Date.now();
  const measuredFromMs = startMs + WARM_UP_MS;
  const endMs = measuredFromMs + MEASURED_MS;
  let isOver = false;
  const reading_ = (async () => {
    while (!isOver) {
      for (const part of await reader.poll(200)) {
        const nowMs = Date.now();
        for (const { timestamp } of part.records) {
          if (timestamp >= measuredFromMs && timestamp < endMs) latencies.push(nowMs - timestamp);
        }
      }
    }
  })();
  const random = (): number => Math.random();
  const writes: Promise<unknown>[] = [];
  let sent = 0;
  while (Date.now() < endMs) {
    const due = Math.floor(((Date.now() - startMs) / 1000) * ratePerSecond);
    const records: WriteRecord[] = [];
    for (; sent < due; sent++) {
      const timestamp = Date.now();
      for (const [input, topic] of live)
        records.push({ topic, timestamp, headers: [], ...jsonRecord(input, random, timestamp, sent) });
    }
    if (records.length > 0) writes.push(broker.write(records));
    await delay(TICK_MS);
  }
  await Promise.all(writes);
  await delay(SETTLE_MS);
  isOver = true;
  await reading_;
  await reader.close();
  await running.stop();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? NaN;
  return { ratePerSecond, results: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}
