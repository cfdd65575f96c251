import type { WriteRecord } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { jsonText, type ValueWriter } from './json-text.js';
import type { InputTopic } from './topologies.js';

const KEYS = 100_000;
/** Event time of the first record, a multiple of every window. */
const START_MS = 1_760_000_400_000;
/** Event time that the records of a topic span, however many there are. */
const SPAN_MS = 20 * 60_000;
const CHUNK = 10_000;
/** The records are older than a broker usually keeps them. */
export const KEEP_FOR_EVER = { 'retention.ms': '-1' } as const;
const CITIES = ['New York', 'Los Angeles', 'Chicago', 'San Francisco', 'Miami'] as const;
const PADDING = 'calibrated in the field, mast on the roof, no shade before noon, sealed, serviced last spring';

/** A small seeded generator (mulberry32): the same records in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sensorId = (n: number): string => `sensor-${String(n).padStart(6, '0')}`;
const oneDecimal = (value: number): number => Math.round(value * 10) / 10;

interface InputRecord {
  readonly key: Buffer;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A reading of some 240 bytes in JSON with 8 value columns. */
function reading(random: () => number, timestamp: number): InputRecord {
  const key = sensorId(Math.floor(random() * KEYS));
  const value = {
    city: CITIES[Math.floor(random() * CITIES.length)],
    temperature: oneDecimal(30 + random() * 70),
    humidity: Math.floor(random() * 101),
    air_quality: Math.floor(random() * 101),
    battery: oneDecimal(random() * 100) / 100,
    reading_time: timestamp,
    status: random() < 0.9 ? 'ok' : 'check',
    note: PADDING,
  };
  return { key: Buffer.from(key), value };
}

type Generator = (random: () => number, timestamp: number, index: number) => InputRecord;

const generators: Readonly<Record<InputTopic, Generator>> = {
  readings: reading,
  sensors: (random, _timestamp, index) => ({
    key: Buffer.from(sensorId(index)),
    value: {
      city: CITIES[index % CITIES.length],
      owner: `owner-${Math.floor(random() * 5000)}`,
      height: Math.floor(random() * 40),
    },
  }),
  calibrations: (random) => ({
    key: Buffer.from(sensorId(Math.floor(random() * KEYS))),
    value: { drift: oneDecimal(random() * 4 - 2), calibrated_by: `tech-${Math.floor(random() * 50)}` },
  }),
};

/** A record whose value is JSON. */
export function jsonRecord(
  input: InputTopic,
  random: () => number,
  timestamp: number,
  index: number,
): Pick<WriteRecord, 'key' | 'value'> {
  const { key, value } = generators[input](random, timestamp, index);
  return { key, value: jsonText(value) };
}

/** Fills an input topic. A table's rows are older than every record of a stream and there is one per key. */
export async function fill(
  broker: KafkaBroker,
  input: InputTopic,
  topic: string,
  records: number,
  write: ValueWriter = jsonText,
): Promise<number> {
  await broker.createTopics([{ topic, partitions: 4, replicas: 1, config: KEEP_FOR_EVER }]);
  const random = seeded(input.length);
  const count = input === 'sensors' ? KEYS : records;
  for (let from = 0; from < count; from += CHUNK) {
    const chunk: WriteRecord[] = [];
    for (let i = from; i < Math.min(from + CHUNK, count); i++) {
      const timestamp = input === 'sensors' ? START_MS - 1 : START_MS + Math.floor((i / count) * SPAN_MS);
      const { key, value } = generators[input](random, timestamp, i);
      chunk.push({ topic, timestamp, headers: [], key, value: write(value) });
    }
    await broker.write(chunk);
  }
  return count;
}
