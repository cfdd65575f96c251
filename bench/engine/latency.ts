import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaBroker, WriteRecord } from '@isobar/ksql-engine';
import { reading } from './input-records.js';
import type { RunningSide } from './side.js';

export interface Latency {
  readonly ratePerSecond: number;
  readonly results: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const WARM_UP_MS = 8_000;
const MEASURED_MS = 10_000;
const TICK_MS = 10;
const SETTLE_MS = 3_000;

/**
 * From the creation of a record to its committed result at a reader, with records sent at a fixed rate whatever the process does
 * (open loop). A result bears the timestamp of its newest input.
 */
export async function measureLatency(
  broker: KafkaBroker,
  ratePerSecond: number,
  start: (inTopic: string, outTopic: string) => Promise<RunningSide>,
): Promise<Latency> {
  const suffix = Math.random().toString(36).slice(2, 8);
  const [inTopic, outTopic] = [`latency-in-${suffix}`, `latency-out-${suffix}`];
  await broker.createTopics([inTopic, outTopic].map((topic) => ({ topic, partitions: 4, replicas: 1, config: {} })));
  const running = await start(inTopic, outTopic);
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
      records.push({ topic: inTopic, timestamp, headers: [], ...reading(random, timestamp) });
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
