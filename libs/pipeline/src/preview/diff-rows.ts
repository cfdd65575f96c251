import type { PlainValue, ReadRecord } from '@isobar/ksql-engine/testing';

export interface RowChange {
  readonly what: 'added' | 'gone' | 'changed';
  readonly key: string;
  /** Event time, ms. */
  readonly atMs: number;
  /** Columns that differ; all of an added or gone row. */
  readonly columns: readonly { readonly name: string; readonly before: PlainValue; readonly after: PlainValue }[];
}

export interface RowDiff {
  readonly added: number;
  readonly gone: number;
  readonly changed: number;
  readonly same: number;
  /** How many rows differ in each column. */
  readonly byColumn: Readonly<Record<string, number>>;
  /** All rows that differ, by time and key. */
  readonly changes: readonly RowChange[];
}

/**
 * Compares what two statements made of the same rows.
 *
 * @param isTable the last row of each key counts; of a stream all rows do, those of one key and time in their order
 */
export function diffRows(before: readonly ReadRecord[], after: readonly ReadRecord[], isTable: boolean): RowDiff {
  const [old, now] = [identified(before, isTable), identified(after, isTable)];
  const changes: RowChange[] = [];
  const byColumn: Record<string, number> = {};
  let same = 0;
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [one, other] = [old.get(id), now.get(id)];
    const columns = differing(one, other);
    const seen = other ?? one;
    if (seen === undefined) continue;
    if (columns.length === 0 && one !== undefined && other !== undefined) {
      same += 1;
      continue;
    }
    const what = one === undefined ? 'added' : other === undefined ? 'gone' : 'changed';
    if (what === 'changed') for (const { name } of columns) byColumn[name] = (byColumn[name] ?? 0) + 1;
    changes.push({ what, key: keyText(seen), atMs: seen.timestamp, columns });
  }
  changes.sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
  const count = (what: RowChange['what']): number => changes.filter((change) => change.what === what).length;
  return { added: count('added'), gone: count('gone'), changed: count('changed'), same, byColumn, changes };
}

function identified(records: readonly ReadRecord[], isTable: boolean): Map<string, ReadRecord> {
  const rows = new Map<string, ReadRecord>();
  const counts = new Map<string, number>();
  for (const record of records) {
    const key = keyText(record);
    if (isTable) {
      if (record.value === null) rows.delete(key);
      else rows.set(key, record);
      continue;
    }
    const moment = `${key} ${record.timestamp}`;
    const count = counts.get(moment) ?? 0;
    counts.set(moment, count + 1);
    rows.set(`${moment} ${count}`, record);
  }
  return rows;
}

const json = (value: PlainValue): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));

const keyText = ({ key, window }: ReadRecord): string =>
  window === undefined ? json(key) : `${json(key)} from ${new Date(window.start).toISOString()}`;

function differing(before: ReadRecord | undefined, after: ReadRecord | undefined): RowChange['columns'] {
  const row = (record: ReadRecord | undefined) => (record?.value ?? {}) as Readonly<Record<string, PlainValue>>;
  const [one, other] = [row(before), row(after)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => json(one[name] ?? null) !== json(other[name] ?? null))
    .map((name) => ({ name, before: one[name] ?? null, after: other[name] ?? null }));
}
