import type { FormatInfo } from '../src/catalog/data-source.js';
import type { Column } from '../src/catalog/schema.js';
import { createSerde } from '../src/serde/formats.js';
import { decodeWindowedKey } from '../src/serde/windowed-key.js';
import { SeededRandom } from '../src/testing/seeded-random.js';
import { KsqlTestDriver } from '../src/testing/topology-driver.js';
import { resolveType } from '../src/analyze/resolve-type.js';
import { parseColumnList } from '../src/syntax/parse.js';
import { PROPERTIES } from './run-scenario.js';
import { SOURCES } from './events.js';
import { scenarios } from './scenarios.js';

/*
 * Random and broken bytes into every format and into whole queries. A format either decodes them or throws an error with a message; a
 * query goes on and writes what it could not read to the processing log.
 */

const NESTED =
  'a INT, b BIGINT, c DOUBLE, d DECIMAL(6, 2), e BOOLEAN, f STRING, g BYTES, h DATE, i TIME, j TIMESTAMP, k ARRAY<ARRAY<INT>>, l MAP<STRING, STRUCT<x INT, y ARRAY<STRING>>>';
const FLAT = 'a INT, b BIGINT, c DOUBLE, d DECIMAL(6, 2), e BOOLEAN, f STRING, g BYTES, h DATE, i TIME, j TIMESTAMP';
const KAFKA_TYPES = ['INT', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES'];

const columnsOf = (text: string): readonly Column[] =>
  parseColumnList(text).map(({ name, type }) => ({ name, type: resolveType(type, new Map()) }));
const infoOf = (format: string): FormatInfo => ({ format, properties: {} }) as FormatInfo;

/** Formats with the columns that they can hold. */
const targets: readonly (readonly [format: string, columns: readonly Column[]])[] = [
  ['JSON', columnsOf(NESTED)],
  ['JSON', columnsOf('a ARRAY<STRING>')],
  ['JSON', columnsOf('a STRING')],
  ['DELIMITED', columnsOf(FLAT)],
  ...KAFKA_TYPES.map((type) => ['KAFKA', columnsOf(`a ${type}`)] as const),
  ['PROTOBUF_NOSR', columnsOf(FLAT)],
  [
    'PROTOBUF_NOSR',
    columnsOf('a ARRAY<STRUCT<x INT>>, b MAP<STRING, STRUCT<x INT, y ARRAY<STRING>>>, c ARRAY<DOUBLE>'),
  ],
  ['NONE', []],
];

const seeds: readonly string[] = [
  '{"A":1,"B":9007199254740993,"C":1.5,"D":1.50,"E":true,"F":"x","G":"AQ==","H":1,"I":2,"J":3,"K":[[1,null],[]],"L":{"m":{"X":1,"Y":["q"]}}}',
  '{"v":7,"g":"a","V":8}',
  '1,2,3.5,1.50,true,"a ""b"", c",AQ==,1,2,3',
  '[1,[2,[3]]]',
  '"text \\u00e9 \\" \\\\ "',
  'null',
  '-12.5e300',
];
const scraps: readonly string[] = [
  '[',
  ']',
  '{',
  '}',
  '"',
  ',',
  ':',
  '\\',
  '\\u',
  '\u0000',
  'é',
  '🙂',
  '1e999',
  '-',
  '0'.repeat(400),
  'null',
  '9'.repeat(40),
  ' ',
  '\n',
];

/** Bytes of no meaning, or a sound text that was broken. */
export function brokenBytes(random: SeededRandom): Uint8Array | null {
  const choice = random.next();
  if (choice < 0.03) return null;
  if (choice < 0.3) return Uint8Array.from({ length: random.below(40) }, () => random.below(256));
  if (choice < 0.34) return Buffer.from(random.pick(['[', '{"A":', '{"K":[', '"']).repeat(1 + random.below(20_000)));
  let text = random.pick(seeds);
  for (let edits = random.below(4); edits >= 0; edits--) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + random.pick(scraps) + text.slice(at + random.below(4));
  }
  return Buffer.from(choice < 0.4 ? text.slice(0, random.below(text.length + 1)) : text);
}

export interface RecordFuzzReport {
  readonly decoded: number;
  readonly refused: number;
  readonly slowestMs: number;
}

/** @throws Error with the seed, the number and the bytes of the first that were treated badly */
export function fuzzFormats(seed: number, count: number): RecordFuzzReport {
  const random = new SeededRandom(seed);
  let [decoded, refused, slowestMs] = [0, 0, 0];
  for (let number = 0; number < count; number++) {
    const [format, columns] = random.pick(targets);
    const isKey = random.next() < 0.3;
    const bytes = brokenBytes(random);
    const started = performance.now();
    try {
      const serde = createSerde({ columns, isKey, info: infoOf(format) });
      const row = serde.deserialize(bytes);
      if (row !== null && row.length !== columns.length) throw new TypeError(`a row of ${row.length} columns`);
      serde.serialize(row);
      if (bytes !== null && isKey) decodeWindowedKey(bytes, { type: 'SESSION' });
      decoded++;
    } catch (error) {
      if (isBug(error)) throw new Error(describe(seed, number, format, bytes), { cause: error });
      refused++;
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return { decoded, refused, slowestMs };
}

/** Feeds broken records to every query of the simulation. @throws whatever comes out of one; nothing should but entries of the log */
export function fuzzQueries(seed: number, count: number): { readonly records: number; readonly logged: number } {
  const random = new SeededRandom(seed);
  let [records, logged] = [0, 0];
  for (const scenario of scenarios) {
    const { sql, topics } = scenario.prepare(random);
    const driver = new KsqlTestDriver({ properties: PROPERTIES });
    driver.execute(SOURCES + sql);
    const inputs = Array.from({ length: count }, () => ({
      topic: random.pick(topics),
      key: random.next() < 0.5 ? Buffer.from('a') : brokenBytes(random),
      value: brokenBytes(random),
      timestamp: random.next() < 0.05 ? -1 - random.below(1000) : random.below(100_000),
      headers: [],
    }));
    driver.runInputs(inputs);
    records += inputs.length;
    logged += driver.log.length;
  }
  return { records, logged };
}

/** What a language's own checks throw, as opposed to an error that was written for the log. */
const isBug = (error: unknown): boolean =>
  !(error instanceof Error) ||
  error.message === '' ||
  [TypeError, RangeError, ReferenceError].some((type) => error instanceof type);

const describe = (seed: number, number: number, format: string, bytes: Uint8Array | null): string =>
  `seed ${seed}, record ${number}, ${format}: ${JSON.stringify(
    Buffer.from(bytes ?? [])
      .toString('latin1')
      .slice(0, 300),
  )}`;
