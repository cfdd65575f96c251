import { readCities, sensorReadingV1, type SensorReading } from '@isobar/contracts';
import {
  createKafka,
  ensureTopics,
  parseProducerSettings,
  RecordProducer,
  silentLog,
  type KafkaClientOptions,
} from '@isobar/kafka';
import { startTestStack } from '@isobar/local-stack/testing';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { repositoryRoot, thisMachine, writeResult } from './machine.js';

const usage =
  'npm run bench -- producers [--records 20000] [--acks all,1,0] [--linger 0,5,50] [--compression none,gzip,snappy,lz4,zstd]';

/** So many records wait for their acknowledgement at most, as with a service that keeps up. */
const inFlightMax = 5_000;

interface Row {
  readonly acks: string;
  readonly lingerMs: string;
  readonly compression: string;
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  /** Of this process, per record, µs. */
  readonly cpuUs: number;
  readonly arrived: number;
}

/** acks × linger × compression: the same readings with each, on a broker started for this. */
export async function producersBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: '20000' },
      acks: { type: 'string', default: 'all,1,0' },
      linger: { type: 'string', default: '0,5,50' },
      compression: { type: 'string', default: 'none,gzip,snappy,lz4,zstd' },
      json: { type: 'string' },
    },
  });
  const count = Number(values.records);
  if (!Number.isInteger(count) || count < 1) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const readings = someReadings(count);
  const bytes = readings.reduce((sum, { value }) => sum + value.length, 0);
  const stack = await startTestStack({ parts: ['kafka'] });
  const options: KafkaClientOptions = { brokers: [stack.kafkaBrokers], clientId: 'bench', log: silentLog };
  const rows: Row[] = [];
  try {
    // Once for nothing, so that no setting pays for the first use of the code.
    await measure(options, 'linger.ms=5', readings.slice(0, 5_000));
    console.log('acks  linger ms  compression  records/s    MB/s  ack p50 ms  ack p99 ms  cpu µs/record');
    for (const acks of values.acks.split(','))
      for (const lingerMs of values.linger.split(','))
        for (const compression of values.compression.split(',')) {
          const settings = `acks=${acks},linger.ms=${lingerMs},compression.type=${compression}`;
          const { seconds, ackMs, cpuSeconds, arrived } = await measure(options, settings, readings);
          const row: Row = {
            acks,
            lingerMs,
            compression,
            recordsPerSecond: Math.round(count / seconds),
            megabytesPerSecond: round(bytes / seconds / 1e6),
            ackP50Ms: round(quantile(ackMs, 0.5)),
            ackP99Ms: round(quantile(ackMs, 0.99)),
            cpuUs: round((cpuSeconds * 1e6) / count),
            arrived,
          };
          rows.push(row);
          console.log(line(row));
        }
  } finally {
    await stack.stop();
  }
  const lost = rows.filter(({ arrived }) => arrived !== count);
  for (const { acks, lingerMs, compression, arrived } of lost)
    console.error(`acks=${acks} linger.ms=${lingerMs} ${compression}: ${arrived} of ${count} arrived`);
  const path = await writeResult('producers', values.json, { machine, records: count, bytes, rows });
  console.log(
    `${count} readings of ${Math.round(bytes / count)} bytes each time, all of them counted; written to ${path}`,
  );
  return lost.length === 0 ? 0 : 1;
}

interface Outgoing {
  readonly key: string;
  readonly value: string;
}

async function measure(options: KafkaClientOptions, settings: string, readings: readonly Outgoing[]) {
  const topic = `bench-${settings.replaceAll(/[^a-z0-9.]/g, '-')}-${readings.length}`;
  await ensureTopics(options, [{ name: topic, partitions: 3, config: {} }]);
  const producer = new RecordProducer(options, parseProducerSettings(settings));
  await producer.connect();
  const ackMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  let inFlight = 0;
  let onRoom: (() => void) | undefined;
  const sends: Promise<void>[] = [];
  for (const { key, value } of readings) {
    if (inFlight >= inFlightMax) await new Promise<void>((resolve) => (onRoom = resolve));
    inFlight += 1;
    const sentMs = performance.now();
    sends.push(
      producer.send({ topic, key, value }).then(() => {
        ackMs.push(performance.now() - sentMs);
        inFlight -= 1;
        onRoom?.();
        onRoom = undefined;
      }),
    );
  }
  await Promise.all(sends);
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await producer.close();
  return {
    seconds,
    ackMs,
    cpuSeconds: (user + system) / 1e6,
    arrived: await arrivedIn(options, topic, readings.length),
  };
}

/** Without acknowledgements the last ones may still be on their way. */
async function arrivedIn(options: KafkaClientOptions, topic: string, expected: number): Promise<number> {
  const admin = createKafka(options).admin();
  await admin.connect();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const offsets = await admin.fetchTopicOffsets(topic);
      const arrived = offsets.reduce((sum, { high }) => sum + Number(high), 0);
      if (arrived === expected || attempt === 20) return arrived;
      await delay(100);
    }
  } finally {
    await admin.disconnect();
  }
}

/** Readings as the simulator writes them, the same in every run. */
function someReadings(count: number): Outgoing[] {
  const cities = readCities(join(repositoryRoot, 'config/cities.json'));
  return Array.from({ length: count }, (_, index) => {
    const city = cities[index % cities.length];
    if (city === undefined) throw new Error('the cities file names no city');
    const wave = Math.sin(index / 500);
    const reading = {
      event_id: (index * 2_654_435_761).toString(16).padStart(32, '0').slice(-32),
      city_key: city.id,
      location: city.name,
      state: city.state,
      temperature_fahrenheit: round(60 + 12 * wave),
      humidity_pct: round(50 + 20 * wave),
      pressure_hpa: round(1_013 + 4 * wave),
      pm25_ugm3: round(8 + 3 * wave),
      air_quality_index: Math.round(40 + 10 * wave),
      source: 'simulator',
      measured_at: 1_700_000_000_000 + index * 50,
    } as SensorReading;
    const { key, value } = sensorReadingV1.toRecord(`${city.id}-${index % 100}`, reading);
    return { key, value };
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

const line = (row: Row): string =>
  [
    row.acks.padEnd(4),
    row.lingerMs.padStart(9),
    row.compression.padEnd(11),
    String(row.recordsPerSecond).padStart(9),
    row.megabytesPerSecond.toFixed(1).padStart(6),
    row.ackP50Ms.toFixed(1).padStart(10),
    row.ackP99Ms.toFixed(1).padStart(10),
    row.cpuUs.toFixed(1).padStart(13),
  ].join('  ');
