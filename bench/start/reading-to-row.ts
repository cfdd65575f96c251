import type { KafkaBroker } from '@isobar/ksql-engine/kafka';

const ROWS = 'user-local-sensors';
const READINGS = 'iot-sensors';
const WARM_UP_MS = 10_000;

export interface ReadingLatency {
  readonly readingsPerSecond: number;
  readonly rows: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** From the time that a sensor gave its reading to the committed row of a person of its city, at a reader of the topic. */
export async function readingToRow(broker: KafkaBroker, forSeconds: number): Promise<ReadingLatency> {
  const [rows, readings] = [await fromTheEnd(broker, ROWS), await fromTheEnd(broker, READINGS)];
  const warmUntilMs = Date.now() + WARM_UP_MS;
  const endMs = warmUntilMs + forSeconds * 1000;
  let readingCount = 0;
  const counting = (async () => {
    while (Date.now() < endMs) {
      for (const { records } of await readings.poll(500)) if (Date.now() > warmUntilMs) readingCount += records.length;
    }
  })();
  const latencies: number[] = [];
  while (Date.now() < endMs) {
    for (const { records } of await rows.poll(500)) {
      const nowMs = Date.now();
      for (const { value } of records) {
        const measuredAtMs = value === null ? null : measuredAt(value);
        if (measuredAtMs !== null && measuredAtMs > warmUntilMs) latencies.push(nowMs - measuredAtMs);
      }
    }
  }
  await counting;
  await Promise.all([rows.close(), readings.close()]);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? NaN;
  return {
    readingsPerSecond: readingCount / forSeconds,
    rows: latencies.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
  };
}

async function fromTheEnd(broker: KafkaBroker, topic: string) {
  const bounds = await broker.bounds(topic);
  return broker.openReader(bounds.map(({ partition, end }) => ({ topic, partition, offset: end })));
}

function measuredAt(value: Uint8Array): number | null {
  const row: unknown = JSON.parse(Buffer.from(value).toString('utf8'));
  const time = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)['MEASURED_AT'] : null;
  return typeof time === 'number' ? time : null;
}
