import { isObject, parseExactJson, printExactJson } from '../../libs/ksql-engine/conformance/exact-json.js';
import type { TopicRow } from './recording.js';

/** Columns by name and the time as `ROWTIME`, each as its JSON text, so that `40.0` is not `40`; null for a tombstone. */
export type ComparedRow = ReadonlyMap<string, string> | null;

/** Where two rows of a key differ; a row that only one side has differs in `ROW`. */
export interface Difference {
  readonly column: string;
  readonly theirs: string;
  readonly ours: string;
}

/** The name of the difference between a row and none, or a tombstone. */
export const WHOLE_ROW = 'ROW';

/** What stands for a row or cell that is not there, and for a tombstone. */
const NONE = 'none';
const GONE = 'gone';

/** Whether a side of a difference has no row, or no such column. */
export const isAbsent = (text: string): boolean => text === NONE || text === GONE;

/** How rows are told apart. */
export interface Keys {
  /** How many bytes at the end of a key tell its window. */
  readonly windowBytes: number;
  /** A column that belongs to the key, too: a stream's rows of one key may come from several partitions of what it reads. */
  readonly column?: string | undefined;
}

/** The rows of each key in order; a key is `KEY`, `KEY COLUMN`, `KEY START` of a time window or `KEY START END` of a session. */
export function rowsByKey(rows: readonly TopicRow[], keys: Keys): ReadonlyMap<string, readonly ComparedRow[]> {
  const byKey = new Map<string, ComparedRow[]>();
  for (const { key, value, timestamp } of rows) {
    const row = toComparedRow(value, timestamp);
    const name = [keyText(key, keys.windowBytes)];
    if (keys.column !== undefined) name.push(row?.get(keys.column)?.replaceAll('"', '') ?? NONE);
    const ofKey = byKey.get(name.join(' '));
    if (ofKey === undefined) byKey.set(name.join(' '), [row]);
    else ofKey.push(row);
  }
  return byKey;
}

/** A session's key bears its end before its start. */
function keyText(key: Buffer | null, windowBytes: number): string {
  if (key === null) return NONE;
  const end = key.length - windowBytes;
  const times = Array.from({ length: windowBytes / 8 }, (_, i) => Number(key.readBigInt64BE(end + 8 * i)));
  return [key.toString('utf8', 0, end), ...times.reverse().map((ms) => new Date(ms).toISOString())].join(' ');
}

function toComparedRow(value: Buffer | null, timestamp: number): ComparedRow {
  if (value === null) return null;
  const row = parseExactJson(value.toString());
  if (!isObject(row)) throw new Error(`A row is a JSON object, not ${value.toString().slice(0, 100)}`);
  return new Map([
    ['ROWTIME', String(timestamp)],
    ...[...row].map(([column, cell]): [string, string] => [column, printExactJson(cell)]),
  ]);
}

/** The last row of a key; a tombstone is none. */
export const finalRow = (rows: readonly ComparedRow[] | undefined): ComparedRow => rows?.at(-1) ?? null;

/** What a comparison of cells leaves out. */
export interface Leniency {
  /** Columns that depend on timing. */
  readonly ignored: ReadonlySet<string>;
  /** The sum of doubles depends on their order: fractions may differ in their last digits. */
  readonly isSumOrderFree: boolean;
}

/** Columns in which two rows differ, or the row as a whole where one side has none. */
export function compareRow(theirs: ComparedRow, ours: ComparedRow, leniency: Leniency): Difference[] {
  if (theirs === null || ours === null)
    return theirs === ours ? [] : [{ column: WHOLE_ROW, theirs: rowText(theirs), ours: rowText(ours) }];
  const columns = [...new Set([...theirs.keys(), ...ours.keys()])].filter((column) => !leniency.ignored.has(column));
  return columns.flatMap((column) => {
    const [their, our] = [theirs.get(column) ?? NONE, ours.get(column) ?? NONE];
    const isEqual = their === our || (leniency.isSumOrderFree && areCloseFractions(their, our));
    return isEqual ? [] : [{ column, theirs: their, ours: our }];
  });
}

const isFraction = (cell: string): boolean => /^-?\d+\.\d+$/.test(cell);

const areCloseFractions = (a: string, b: string): boolean =>
  isFraction(a) && isFraction(b) && Math.abs(Number(a) - Number(b)) <= 1e-12 * Math.abs(Number(a));

const rowText = (row: ComparedRow): string =>
  row === null ? GONE : `{${[...row].map(([column, cell]) => `${column}:${cell}`).join(',')}}`;

/**
 * Compares all rows of a key. Rows are paired in order so that as little as possible differs, as a text comparison pairs lines: a row that one
 * side alone has costs 1, and a pair three times the share of its common columns that differ, so that rows of which a third or less agrees are
 * rather told as two.
 */
export function compareRows(
  theirs: readonly ComparedRow[],
  ours: readonly ComparedRow[],
  leniency: Leniency,
): Difference[] {
  const width = ours.length + 1;
  const pairs = theirs.map((their) => ours.map((our) => compareRow(their, our, leniency)));
  const pairCost = (i: number, j: number): number => {
    const differences = pairs[i]?.[j] ?? [];
    if (differences.some(({ column }) => column === WHOLE_ROW)) return 2;
    const later = differences.filter((found) => isAbsent(found.theirs) || isAbsent(found.ours)).length;
    const common = Math.min(theirs[i]?.size ?? 1, ours[j]?.size ?? 1);
    return (3 * (differences.length - later)) / common;
  };
  // costs[i * width + j]: what the rows from i of theirs and from j of ours cost.
  const costs = new Float64Array((theirs.length + 1) * width);
  const cost = (i: number, j: number): number => costs[i * width + j] ?? 0;
  for (let i = theirs.length; i >= 0; i--)
    for (let j = ours.length; j >= 0; j--)
      costs[i * width + j] =
        i === theirs.length
          ? ours.length - j
          : j === ours.length
            ? theirs.length - i
            : Math.min(pairCost(i, j) + cost(i + 1, j + 1), 1 + cost(i + 1, j), 1 + cost(i, j + 1));
  const found: Difference[] = [];
  for (let i = 0, j = 0; i < theirs.length || j < ours.length;) {
    if (i < theirs.length && j < ours.length && cost(i, j) === pairCost(i, j) + cost(i + 1, j + 1)) {
      found.push(...(pairs[i]?.[j] ?? []));
      i++;
      j++;
    } else if (i < theirs.length && cost(i, j) === 1 + cost(i + 1, j)) {
      found.push({ column: WHOLE_ROW, theirs: rowText(theirs[i] ?? null), ours: NONE });
      i++;
    } else {
      found.push({ column: WHOLE_ROW, theirs: NONE, ours: rowText(ours[j] ?? null) });
      j++;
    }
  }
  return found;
}
