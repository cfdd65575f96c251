import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { startTestStack } from '@isobar/local-stack/testing';
import { thisMachine, writeResult } from '../machine.js';
import { cpuSeconds, peakRssMb, rssMb } from '../process-usage.js';
import { buildPeer } from './build-peer.js';
import { fill, KEEP_FOR_EVER } from './input-records.js';
import { measureLatency, type Latency } from './latency.js';
import { digestTopic, type OutputDigest } from './output-digest.js';
import { startSide, type RunningSide, type SideName, type SideOptions } from './side.js';
import { topologies, type BenchTopology, type InputTopic } from './topologies.js';
import { BenchRegistry, FORMATS, type BenchFormat } from './value-formats.js';

/** The part of the input that only warms up: compilers, caches, stores. */
const WARM_UP = 0.4;
const SAMPLE_MS = 100;
const STALL_MS = 30_000;
const AT_REST_AFTER_MS = 2_000;

interface Throughput {
  readonly recordsPerCpuSecond: number;
  readonly recordsPerSecond: number;
  readonly cpuSecondsInAll: number;
  readonly peakRssMb: number;
  readonly digest: OutputDigest;
}

interface Row {
  readonly topology: string;
  readonly title: string;
  readonly target: number;
  readonly ratio: number;
  readonly isobar: readonly Throughput[];
  readonly kafkaStreams: readonly Throughput[];
  /** Ours with values in other formats, by format. */
  readonly formats: Readonly<Partial<Record<BenchFormat, readonly Throughput[]>>>;
  readonly latency?: { readonly isobar: Latency; readonly kafkaStreams: Latency };
}

/** A program and the format of what it reads and writes. The peer knows JSON alone. */
interface Contestant {
  readonly side: SideName;
  readonly format: BenchFormat;
}

const nameOf = ({ side, format }: Contestant): string => (format === 'json' ? side : `${side}-${format}`);

const usage = `npm run bench -- engine [--records N] [--rounds N] [--only NAME,…] [--sides isobar,kafka-streams] [--format json,avro,protobuf]
    [--peer-stores rocksDB|in_memory] [--latency-rate N (0: none)] [--node-options "…"] [--json FILE]`;

/** Our engine beside Kafka Streams: the same topologies on the same broker, topics and bytes. */
export async function engineBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '2' },
      only: { type: 'string', default: topologies.map(({ name }) => name).join(',') },
      sides: { type: 'string', default: 'isobar,kafka-streams' },
      format: { type: 'string', default: 'json' },
      'peer-stores': { type: 'string', default: 'rocksDB' },
      'latency-rate': { type: 'string', default: '2000' },
      'node-options': { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  const chosen = topologies.filter(({ name }) => values.only.split(',').includes(name));
  const sides = (['isobar', 'kafka-streams'] as const).filter((side) => values.sides.split(',').includes(side));
  const formats = FORMATS.filter((format) => values.format.split(',').includes(format));
  const contestants = formats.flatMap((format) =>
    sides.filter((side) => side === 'isobar' || format === 'json').map((side): Contestant => ({ side, format })),
  );
  const peerStores = values['peer-stores'];
  if (chosen.length === 0 || contestants.length === 0 || (peerStores !== 'rocksDB' && peerStores !== 'in_memory')) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const peerClassPath = contestants.some(({ side }) => side === 'kafka-streams') ? buildPeer() : '';
  const registry = new BenchRegistry();
  const stack = await startTestStack({ parts: ['kafka'] });
  const broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'bench' });
  try {
    await registry.start();
    const counts = new Map<InputTopic, number>();
    const topicOf = (input: InputTopic, format: BenchFormat): string => `bench-${input}-${format}`;
    for (const input of new Set(chosen.flatMap(({ inputs }) => inputs))) {
      for (const format of formats) {
        const topic = topicOf(input, format);
        const writer = registry.writer(format, input, topic);
        counts.set(input, await fill(broker, input, topic, Number(values.records), writer));
      }
    }
    const server: { readyMs: number[]; restingRssMb: number[] } = { readyMs: [], restingRssMb: [] };
    const rows: Row[] = [];
    let failures = 0;
    for (const topology of chosen) {
      const runs = new Map<Contestant, Throughput[]>(contestants.map((contestant) => [contestant, []]));
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const contestant of round % 2 === 0 ? contestants : [...contestants].reverse()) {
          const { side, format } = contestant;
          const runId = `${topology.name}-${nameOf(contestant)}-${round}`;
          const options: SideOptions = {
            topology,
            brokers: stack.kafkaBrokers,
            runId,
            topicOf: (input) => topicOf(input, format),
            outTopic: `out-${runId}`,
            format,
            registryUrl: registry.url,
            peerClassPath,
            peerStores,
            nodeOptions: values['node-options'].split(' ').filter((option) => option !== ''),
            onServerReady: round === 0 ? (pid) => delay(AT_REST_AFTER_MS).then(() => rssMb(pid)) : undefined,
          };
          await broker.createTopics([{ topic: options.outTopic, partitions: 4, replicas: 1, config: KEEP_FOR_EVER }]);
          const running = await startSide[side](options);
          if (running.readyMs !== undefined) server.readyMs.push(running.readyMs);
          if (running.restingRssMb !== undefined) server.restingRssMb.push(running.restingRssMb);
          const total = topology.inputs.reduce((sum, input) => sum + (counts.get(input) ?? 0), 0);
          const measured = await measure(broker, running, topology.inputs.map(options.topicOf), total);
          await running.stop();
          const digest = await digestTopic(broker, options.outTopic, topology.isTable);
          runs.get(contestant)?.push({ ...measured, digest });
          console.log(`${runId}: ${describe({ ...measured, digest })}`);
        }
      }
      const runsOf = (side: SideName, format: BenchFormat): readonly Throughput[] =>
        [...runs].flatMap(([contestant, of]) => (contestant.side === side && contestant.format === format ? of : []));
      for (const format of formats) {
        const ofFormat = [...runsOf('isobar', format), ...runsOf('kafka-streams', format)];
        const digests = ofFormat.map(({ digest }) => `${digest.rows} ${digest.checksum}`);
        if (new Set(digests).size <= 1) continue;
        failures++;
        console.error(`${topology.name}, ${format}: the outputs differ: ${digests.join(', ')}`);
      }
      // What is written is other bytes in each format; there must be as many rows.
      if (new Set([...runs.values()].flat().map(({ digest }) => digest.rows)).size > 1) {
        failures++;
        console.error(`${topology.name}: the formats give different numbers of rows`);
      }
      const latency =
        Number(values['latency-rate']) > 0 && formats.includes('json') && sides.length === 2
          ? await latencies(
              topology,
              broker,
              Number(values['latency-rate']),
              stack.kafkaBrokers,
              peerClassPath,
              peerStores,
              registry.url,
            )
          : undefined;
      const isobar = runsOf('isobar', 'json');
      const kafkaStreams = runsOf('kafka-streams', 'json');
      const others = formats.filter((format) => format !== 'json');
      rows.push({
        topology: topology.name,
        title: topology.title,
        target: topology.target,
        ratio: medianRate(isobar) / medianRate(kafkaStreams),
        isobar,
        kafkaStreams,
        formats: Object.fromEntries(others.map((format) => [format, runsOf('isobar', format)])),
        ...(latency && { latency }),
      });
    }
    if (formats.includes('json')) print(rows);
    printFormats(rows);
    console.log(
      `ksql-server: ready after ${median(server.readyMs).toFixed(0)} ms (median of ${server.readyMs.length}), ${median(server.restingRssMb).toFixed(0)} MB at rest`,
    );
    const path = await writeResult('engine', values.json, {
      benchmark: 'engine',
      takenAt: new Date().toISOString(),
      machine,
      records: Number(values.records),
      guarantee: 'exactly once, commit every 100 ms',
      peerStores,
      server,
      rows,
    });
    console.log(`written to ${path}`);
    return failures > 0 ? 1 : 0;
  } finally {
    await broker.close();
    await registry.stop();
    await stack.stop();
  }
}

/** Follows a process through its input by the offsets it commits; the rate is that of the part after the warm-up. */
async function measure(
  broker: KafkaBroker,
  running: RunningSide,
  topics: readonly string[],
  total: number,
): Promise<Omit<Throughput, 'digest'>> {
  let warm: { done: number; cpu: number; atMs: number } | undefined;
  let last = { done: -1, atMs: performance.now() };
  for (;;) {
    await delay(SAMPLE_MS);
    const done = (await broker.committedOffsets(running.group, topics)).reduce((sum, { offset }) => sum + offset, 0);
    const cpu = cpuSeconds(running.pid);
    const atMs = performance.now();
    if (warm === undefined && done >= total * WARM_UP) warm = { done, cpu, atMs };
    if (done >= total) {
      const from = warm ?? { done: 0, cpu: 0, atMs: 0 };
      return {
        recordsPerCpuSecond: (done - from.done) / (cpu - from.cpu),
        recordsPerSecond: ((done - from.done) / (atMs - from.atMs)) * 1000,
        cpuSecondsInAll: cpu,
        peakRssMb: peakRssMb(running.pid),
      };
    }
    if (done > last.done) last = { done, atMs };
    if (atMs - last.atMs > STALL_MS) {
      await running.stop();
      const places = await broker.committedOffsets(running.group, topics);
      const ends = await Promise.all(topics.map((topic) => broker.bounds(topic)));
      throw new Error(
        `${running.group} stopped at ${done} of ${total} records\n${JSON.stringify({ places, ends })}\n${running.output()}`,
      );
    }
  }
}

async function latencies(
  topology: BenchTopology,
  broker: KafkaBroker,
  ratePerSecond: number,
  brokers: string,
  peerClassPath: string,
  peerStores: SideOptions['peerStores'],
  registryUrl: string,
): Promise<{ isobar: Latency; kafkaStreams: Latency }> {
  // A table is there already, as it was filled; streams are live.
  const live = topology.inputs.filter((input) => input !== 'sensors');
  const of = (side: SideName) =>
    measureLatency(broker, ratePerSecond, live, (topics, outTopic) =>
      startSide[side]({
        topology,
        brokers,
        runId: `latency-${topology.name}-${side}`,
        topicOf: (input) => topics.get(input) ?? `bench-${input}-json`,
        outTopic,
        format: 'json',
        registryUrl,
        peerClassPath,
        peerStores,
        nodeOptions: [],
      }),
    );
  return { isobar: await of('isobar'), kafkaStreams: await of('kafka-streams') };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const medianRate = (runs: readonly Throughput[]): number => median(runs.map((run) => run.recordsPerCpuSecond));
const thousands = (value: number): string => `${(value / 1000).toFixed(1)} k`;

function describe(run: Throughput): string {
  return [
    `${thousands(run.recordsPerCpuSecond)}/CPU-s`,
    `${thousands(run.recordsPerSecond)}/s`,
    `${run.cpuSecondsInAll.toFixed(1)} CPU-s in all`,
    `peak ${run.peakRssMb.toFixed(0)} MB`,
    `${run.digest.rows} rows in ${run.digest.records} records`,
    run.digest.checksum,
  ].join(', ');
}

function print(rows: readonly Row[]): void {
  const line = (cells: readonly string[]): void =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(14))).join(''));
  line([
    'records per CPU-second',
    'isobar',
    'Kafka Streams',
    'ratio',
    'target',
    'wall rec/s',
    'peer rec/s',
    'MB',
    'peer MB',
    'p99 ms',
    'peer p99 ms',
  ]);
  for (const row of rows) {
    const wall = (runs: readonly Throughput[]): string => thousands(median(runs.map((run) => run.recordsPerSecond)));
    const memory = (runs: readonly Throughput[]): string => median(runs.map((run) => run.peakRssMb)).toFixed(0);
    line([
      row.title,
      thousands(medianRate(row.isobar)),
      thousands(medianRate(row.kafkaStreams)),
      row.ratio.toFixed(2),
      row.target.toFixed(1),
      wall(row.isobar),
      wall(row.kafkaStreams),
      memory(row.isobar),
      memory(row.kafkaStreams),
      row.latency?.isobar.p99Ms.toFixed(0) ?? '',
      row.latency?.kafkaStreams.p99Ms.toFixed(0) ?? '',
    ]);
  }
}

/** Ours by format, and how many times the records per CPU-second of JSON that is. */
function printFormats(rows: readonly Row[]): void {
  for (const { title, isobar, formats } of rows) {
    for (const [format, runs] of Object.entries(formats)) {
      const rate = medianRate(runs);
      const ratio = isobar.length === 0 ? '' : `, ${(rate / medianRate(isobar)).toFixed(2)} x JSON`;
      console.log(`${title}, ${format.toUpperCase()}: ${thousands(rate)} records per CPU-second${ratio}`);
    }
  }
}
