import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '../../ports/record-columns.js';
import { FetchedRecords } from '../../ports/record-columns.js';
import type { Serde } from '../../serde/format.js';
import { createSerde } from '../../serde/formats.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { BIGINT, STRING } from '../../types/sql-type.js';
import type { RecordBatch } from '../record-batch.js';
import { RecordDecoder } from './record-decoder.js';
import { SharedDecodes, type Columns } from './shared-decodes.js';
import { Source } from './source.js';

const KEY = [{ name: 'K', type: STRING }];
const VALUE = [
  { name: 'A', type: BIGINT },
  { name: 'B', type: STRING },
  { name: 'T', type: BIGINT },
];
const LATEST_MS = 1_000_000;

/** What a query sees: rows, and what was reported, in order. */
type Seen = readonly (string | readonly unknown[])[];

/** As text: comparing so many of them by parts takes a minute. */
const rowsOf = (seen: Seen) =>
  seen.flatMap((each) => (typeof each === 'string' ? [] : [JSON.stringify(each)])).join('\n');
/** A decoder reports what is bad in a run before what has a bad time. */
const reportsOf = (seen: Seen) =>
  seen
    .filter((each) => typeof each === 'string')
    .sort()
    .join('\n');

/** Sources of queries that declare a topic alike; those of `shares` share what they decode. */
class Sources {
  decoded = 0;
  private readonly decodes = new SharedDecodes();

  query(
    columns: Columns,
    shares: boolean,
  ): { push(records: FetchedRecords, from: number, to: number): void; seen: Seen } {
    const seen: (string | readonly unknown[])[] = [];
    const output = (batch: RecordBatch): void => {
      for (let n = 0; n < batch.count; n++) {
        const at = batch.rows[n] as number;
        const values = batch.hasValue(at)
          ? batch.values.map((vector, c) => (columns?.has(c) ? vector[at] : '-'))
          : null;
        seen.push([batch.offsets[at], batch.partitions[at], batch.keyAt(at)?.[0], batch.timestamps[at], values]);
      }
    };
    const report = (what: string) => (record: FetchedRecord) => void seen.push(`${what} ${record.offset}`);
    const badBytes = (target: string, record: FetchedRecord, cause: unknown): void =>
      void seen.push(`${target} ${record.offset} ${cause instanceof Error ? cause.message : String(cause)}`);
    const decoder = this.decoder(columns, LATEST_MS, badBytes, report('time'), report('ahead'), report('no key'));
    const ignore = (): void => undefined;
    const decode = this.decodes.of('t', (wanted) => this.decoder(wanted, Infinity, ignore, ignore, ignore, ignore));
    const shared = shares ? { decode, columns } : undefined;
    const source = new Source({ decoder, shared, latestMs: () => LATEST_MS, output });
    return { push: (records, from, to) => source.push(records, from, to), seen };
  }

  private decoder(
    columns: Columns,
    latestMs: number,
    onBadBytes: ConstructorParameters<typeof RecordDecoder>[0]['onBadBytes'],
    onBadTimestamp: (record: FetchedRecord) => void,
    onTooFarAhead: (record: FetchedRecord) => void,
    onMissingKey: (record: FetchedRecord) => void,
  ): RecordDecoder {
    const needed = VALUE.map((_, column) => columns?.has(column) ?? true);
    const valueSerde = createSerde({ columns: VALUE, isKey: false, info: { format: 'JSON', properties: {} }, needed });
    return new RecordDecoder({
      keySerde: createSerde({ columns: KEY, isKey: true, info: { format: 'KAFKA', properties: {} } }),
      keyCount: 1,
      valueSerde: this.counting(valueSerde),
      valueColumns: needed.map((isNeeded, body) => ({ body, isNeeded })),
      window: undefined,
      putHeaders: undefined,
      timestampOf: (batch, at) => {
        const time = batch.values[2]?.[at];
        if (typeof time !== 'number') throw new Error('no time');
        return time;
      },
      latestMs: () => latestMs,
      onBadBytes,
      onBadTimestamp,
      onTooFarAhead,
      onMissingKey,
    });
  }

  private counting(serde: Serde): Serde {
    const decode = serde.decode.bind(serde);
    serde.decode = (...args) => {
      this.decoded++;
      return decode(...args);
    };
    return serde;
  }
}

const NEEDS: readonly Columns[] = [new Set([0, 2]), new Set([1, 2]), new Set([2]), new Set([0, 1, 2])];

/** Records of which so many are odd in one way or another; A alone is bad in some. */
function records(random: SeededRandom, count: number, oddShare: number): FetchedRecords {
  const value = (): string | null => {
    const good = { A: random.below(100), B: `b${random.below(9)}`, T: random.below(LATEST_MS) };
    if (random.next() >= oddShare) return JSON.stringify(good);
    return random.pick([
      null,
      '{',
      'null',
      JSON.stringify({ ...good, A: 'no number' }),
      JSON.stringify({ ...good, A: undefined }),
      JSON.stringify({ ...good, T: null }),
      JSON.stringify({ ...good, T: -5 }),
      JSON.stringify({ ...good, T: 2 * LATEST_MS }),
    ]);
  };
  const fetched = FetchedRecords.of(
    Array.from({ length: count }, (_, offset) => {
      const text = value();
      const key = random.next() < oddShare / 10 ? null : Buffer.from(`k${random.below(5)}`);
      return { key, value: text === null ? null : Buffer.from(text), timestamp: 5, headers: [], partition: 3, offset };
    }),
  );
  fetched.isShared = true;
  return fetched;
}

describe('what queries decode together', () => {
  it('is what each would decode and report by itself, however it takes the records', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = new SeededRandom(seed);
      const sources = new Sources();
      const chunks = Array.from({ length: 3 }, () =>
        records(random, 1 + random.below(1_400), random.pick([0, 0.01, 0.3])),
      );
      const pairs = NEEDS.map((columns) => [sources.query(columns, true), sources.query(columns, false)] as const);
      for (const chunk of chunks)
        for (const pair of pairs)
          for (let from = 0; from < chunk.length;) {
            const to = Math.min(chunk.length, from + 1 + random.below(900));
            for (const query of pair) query.push(chunk, from, to);
            from = to;
          }
      for (const [shared, own] of pairs) {
        expect({ seed, rows: rowsOf(shared.seen) }).toEqual({ seed, rows: rowsOf(own.seen) });
        expect({ seed, reports: reportsOf(shared.seen) }).toEqual({ seed, reports: reportsOf(own.seen) });
      }
    }
  });

  it('is decoded once, with the columns of all who read it', () => {
    const sources = new Sources();
    const random = new SeededRandom(1);
    const queries = Array.from({ length: 20 }, (_, n) => sources.query(NEEDS[n % NEEDS.length], true));
    // The first block shows who wants what.
    const [first, ...later] = Array.from({ length: 5 }, () => records(random, 1_000, 0));
    for (const query of queries) query.push(first as FetchedRecords, 0, 1_000);
    const { decoded } = sources;
    for (const chunk of later) for (const query of queries) query.push(chunk, 0, 1_000);
    expect(sources.decoded - decoded).toBe(4_000);
    expect(queries.map(({ seen }) => seen.length)).toEqual(queries.map(() => 5_000));
  });

  it('is forgotten by its size, too, oldest first', () => {
    const sources = new Sources();
    const value = Buffer.from(JSON.stringify({ A: 1, B: 'b'.repeat(100_000), T: 5 }));
    const large = (offset: number): FetchedRecords => {
      const record = { key: Buffer.from('k'), value, timestamp: 5, headers: [], partition: 3, offset };
      const chunk = FetchedRecords.of(Array.from({ length: 10 }, () => record));
      chunk.isShared = true;
      return chunk;
    };
    const chunks = Array.from({ length: 30 }, (_, n) => large(n));
    const [first, second] = [sources.query(undefined, true), sources.query(undefined, true)];
    for (const chunk of chunks) first.push(chunk, 0, 10);
    const decodedBy = (chunk: FetchedRecords | undefined): number => {
      const { decoded } = sources;
      second.push(chunk as FetchedRecords, 0, 10);
      return sources.decoded - decoded;
    };
    // Together they have 30 MB, and 1,200 values.
    expect([decodedBy(chunks.at(-1)), decodedBy(chunks[0])]).toEqual([0, 10]);
  });

  it('is not kept for records that only one query reads', () => {
    const sources = new Sources();
    const chunk = records(new SeededRandom(1), 100, 0);
    chunk.isShared = false;
    for (let n = 0; n < 2; n++) sources.query(new Set([2]), true).push(chunk, 0, 100);
    expect(sources.decoded).toBe(200);
  });
});
