import { describe, expect, it } from '@jest/globals';
import { createFunctionRegistry } from '../functions/registry.js';
import { RecordSlice } from '../ports/record-slice.js';
import { Filter } from '../operators/filter.js';
import { Project } from '../operators/project.js';
import type { RecordBatch } from '../operators/record-batch.js';
import { KsqlTestDriver } from '../testing/topology-driver.js';
import { buildTopology } from './build-topology.js';
import type { SinkRecord, SourceRecord, Topology } from './topology.js';

const RECORDS = 2_000;
const ROUNDS = 20;

/** Records in one buffer, as a fetch brings them. */
function fetched(count: number): readonly SourceRecord[] {
  const parts = Array.from({ length: count }, (_, i) =>
    Buffer.from(`sensor-${i % 97}{"city":"Miami","temperature":${i % 90},"note":"calibrated in the field"}`),
  );
  const buffer = Buffer.concat(parts);
  let at = 0;
  return parts.map((part, i) => {
    const start = at;
    at += part.length;
    const valueStart = start + part.indexOf('{');
    return new RecordSlice(buffer, start, valueStart, valueStart, at, 1_000 + i, 0, i, []);
  });
}

function topologyOf(sql: string, onSink: (records: readonly SinkRecord[]) => void): Topology {
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
    log: { append: ({ message }) => void expect(message).toBe('') },
    property: () => undefined,
    onSink,
    onRows: () => undefined,
  });
}

/** Heap bytes per record that a topology allocates, at best of several rounds: collections in between make a round look cheap. */
function bytesPerRecord(topology: Topology, records: readonly SourceRecord[]): number {
  const push = () => topology.sources.forEach((source) => source.push(records));
  for (let i = 0; i < ROUNDS; i++) push();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    push();
    return (process.memoryUsage().heapUsed - before) / records.length;
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
    expect(bytesPerRecord(topology, fetched(RECORDS))).toBeLessThan(250);
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
      const written: SinkRecord[] = [];
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
