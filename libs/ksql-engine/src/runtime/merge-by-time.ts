import type { FetchedPartition } from '../ports/broker.js';
import type { SourceRecord } from '../topology/topology.js';

/** A run of records of one topic, ready to be pushed. */
export interface SourceRun {
  readonly topic: string;
  readonly records: readonly SourceRecord[];
}

/** Of records with the same time those of tables go first, so that a stream's record meets the row that is as old as itself. */
export function tablesFirst(
  parts: readonly FetchedPartition[],
  sources: readonly { readonly topic: string; readonly isTable: boolean }[],
): FetchedPartition[] {
  const tables = new Set(sources.filter((source) => source.isTable).map((source) => source.topic));
  return [...parts].sort((a, b) => Number(tables.has(b.topic)) - Number(tables.has(a.topic)));
}

interface Cursor {
  readonly part: FetchedPartition;
  position: number;
}

/**
 * Orders what one poll brought as Kafka Streams would: the partition whose next record is oldest goes first, and inside a
 * partition the order stays. Records of one topic that follow each other come as one run.
 */
export function mergeByTime(parts: readonly FetchedPartition[]): SourceRun[] {
  const cursors: Cursor[] = parts.filter((part) => part.records.length > 0).map((part) => ({ part, position: 0 }));
  const only = cursors.length === 1 ? cursors[0]?.part : undefined;
  if (only !== undefined) return [{ topic: only.topic, records: only.records }];
  const runs: { topic: string; records: SourceRecord[] }[] = [];
  let open: { topic: string; records: SourceRecord[] } | undefined;
  while (cursors.length > 0) {
    let oldest = 0;
    for (let i = 1; i < cursors.length; i++) if (headTime(cursors[i]!) < headTime(cursors[oldest]!)) oldest = i;
    const cursor = cursors[oldest]!;
    const record = cursor.part.records[cursor.position++]!;
    if (open?.topic !== cursor.part.topic) {
      open = { topic: cursor.part.topic, records: [] };
      runs.push(open);
    }
    open.records.push(record);
    if (cursor.position === cursor.part.records.length) cursors.splice(oldest, 1);
  }
  return runs;
}

const headTime = (cursor: Cursor): number => cursor.part.records[cursor.position]!.timestamp;
