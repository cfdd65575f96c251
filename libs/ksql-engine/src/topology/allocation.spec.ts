import { describe, expect, it } from '@jest/globals';
import { createFunctionRegistry } from '../functions/registry.js';
import { committedRecords } from '../adapters/kafka/record-batch-reader.js';
import { RecordBatchWriter } from '../adapters/kafka/record-batch-writer.js';
import { Filter } from '../operators/filter.js';
import { Project } from '../operators/project.js';
import type { RecordBatch } from '../operators/record-batch.js';
import type { ProcessingLogEntry } from '../ports/ports.js';
import type { RecordColumns } from '../ports/record-columns.js';
import { type FetchedRecords, type RecordParts } from '../ports/record-columns.js';
import { PendingOutput } from '../runtime/pending-output.js';
import { TimeOrderedInput } from '../runtime/time-ordered-input.js';
import { KsqlTestDriver } from '../testing/topology-driver.js';
import { buildTopology } from './build-topology.js';
import type { Topology } from './topology.js';

const RECORDS = 2_000;
const ROUNDS = 20;

/** What a fetch brings: one record batch of Kafka. */
function fetchedBytes(count: number, characters = Infinity): Buffer {
  const batch = new RecordBatchWriter();
  for (let i = 0; i < count; i++) {
    const value = `{"city":"Miami","temperature":${i % 90},"note":"calibrated in the field"}`.slice(0, characters);
    batch.append(1_760_000_000_000 + i, Buffer.from(`sensor-${i % 97}`), Buffer.from(value), []);
  }
  return batch.finish(undefined);
}

const fetched = (count: number): FetchedRecords => committedRecords(fetchedBytes(count), [], 0, 0).records;

function topologyOf(
  sql: string,
  onSink: (records: RecordColumns) => void,
  onLog: (entry: ProcessingLogEntry) => void = ({ message }) => void expect(message).toBe(''),
): Topology {
  const driver = new KsqlTestDriver();
  driver.execute(
    `CREATE STREAM readings (id STRING KEY, city STRING, temperature INT, note STRING)
       WITH (kafka_topic='readings', key_format='KAFKA', value_format='JSON');
     CREATE STREAM result AS ${sql} EMIT CHANGES;`,
  );
  const plan = driver.queries[0]?.plan;
  if (plan === undefined) throw new Error('there is no query');
  return buildTopology(plan, {
    functions: createFunctionRegistry(),
    functionContext: { nowMs: () => 0, random: () => 0, property: () => undefined },
    log: { append: onLog },
    property: () => undefined,
    onSink,
    onRows: () => undefined,
  });
}

/** Heap bytes per record that some work allocates, at best of several rounds: collections in between make a round look cheap. */
function bytesPerRecord(work: () => void): number {
  for (let i = 0; i < ROUNDS; i++) work();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    work();
    return (process.memoryUsage().heapUsed - before) / RECORDS;
  });
  const grown = rounds.filter((bytes) => bytes > 0).sort((a, b) => a - b);
  return grown[grown.length >> 1] ?? 0;
}

describe('records on their way through a query', () => {
  it('are no objects: filtering and projecting take a few vectors per batch', () => {
    // Every record is read and none passes, so nothing is written. With an object and two rows per record it was 500 bytes.
    const topology = topologyOf('SELECT id, temperature * 2 AS t FROM readings WHERE temperature > 100', () => {
      throw new Error('no record passes');
    });
    const records = fetched(RECORDS);
    expect(bytesPerRecord(() => topology.sources[0]?.push(records))).toBeLessThan(250);
  });

  it('are none from the bytes of a fetch to those of a produce request either', () => {
    const bytes = fetchedBytes(RECORDS);
    const results: RecordColumns[] = [];
    const topology = topologyOf('SELECT id, city, temperature FROM readings', (records) => results.push(records));
    let written = 0;
    const work = (): void => {
      const { records, nextOffset } = committedRecords(bytes, [], 0, 0);
      const input = new TimeOrderedInput(
        [{ topic: 'readings', partition: 0, offset: 0 }],
        [{ topic: 'readings', isTable: false }],
      );
      input.add([
        {
          topic: 'readings',
          partition: 0,
          records,
          bytes: 0,
          nextOffset,
          endOffset: nextOffset,
          highWatermark: nextOffset,
        },
      ]);
      for (const run of input.take()) topology.sources[0]?.push(run.records, run.from, run.to);
      const batch = new RecordBatchWriter();
      for (const result of results.splice(0)) {
        for (let i = 0; i < result.length; i++) batch.appendAt(result.timestamps[i] as number, result, i);
      }
      written = batch.count;
      batch.finish(undefined);
    };
    const heapBytes = bytesPerRecord(work);
    expect(written).toBe(RECORDS);
    // With objects for what was fetched and for what was written it was 890 bytes.
    expect(heapBytes).toBeLessThan(500);
  });

  it('are little more when nobody can read them: a letter is a row of columns over the bytes that were fetched', () => {
    const letter = { topic: 'letters', timestamp: 1, headers: [] };
    const pending = new PendingOutput('result', false, () => letter);
    const topology = topologyOf(
      'SELECT id, city FROM readings',
      (records) => pending.onSink(records),
      (entry) => pending.onLog(entry),
    );
    const records = committedRecords(fetchedBytes(RECORDS, 30), [], 0, 0).records;
    let letters = 0;
    const heapBytes = bytesPerRecord(() => {
      topology.sources[0]?.push(records);
      letters = pending.take().letters[0]?.records.length ?? 0;
    });
    expect(letters).toBe(RECORDS);
    // Most of it is the log entry of each, which dies at once.
    expect(heapBytes).toBeLessThan(800);
  });

  it('share their vectors: a filter copies no column, a projection none that it does not compute', () => {
    const seen: RecordBatch[] = [];
    const spied = [Filter, Project].map(({ prototype }) => {
      const { process: original } = prototype as { process: (batch: RecordBatch) => void };
      return { prototype, original };
    });
    try {
      for (const { prototype, original } of spied) {
        prototype.process = function (batch: RecordBatch): void {
          seen.push(batch);
          original.call(this, batch);
        };
      }
      const written: RecordParts[] = [];
      const topology = topologyOf('SELECT id, city FROM readings WHERE temperature > 50', (records) =>
        written.push(...records),
      );
      topology.sources[0]?.push(fetched(RECORDS));
      const [read, filtered] = seen;
      expect(read?.count).toBe(RECORDS);
      expect(filtered?.count).toBe(written.length);
      expect(filtered?.values).toBe(read?.values);
      expect(filtered?.timestamps).toBe(read?.timestamps);
      // A column that nobody reads has no vector of its own: only the note is such a one.
      expect(new Set(read?.values).size).toBe(3);
    } finally {
      for (const { prototype, original } of spied) prototype.process = original;
    }
  });
});
