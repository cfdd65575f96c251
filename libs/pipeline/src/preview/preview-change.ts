import type { DraftObject } from '@isobar/ksql-engine';
import { KsqlTestDriver, ManualClock, type DriverRecord } from '@isobar/ksql-engine/testing';
import { diffRows, type RowDiff } from './diff-rows.js';

/** A record of a source, as it was read from its topic. */
export interface RecordedRow extends DriverRecord {
  readonly topic: string;
  readonly partition: number;
}

export interface PreviewOptions {
  /** The statement that runs, and that of the file. */
  readonly before: string;
  readonly after: string;
  /** What each makes. */
  readonly made: { readonly before: DraftObject; readonly after: DraftObject };
  /** What both read, as statements that declare them over their topics. */
  readonly sources: readonly string[];
  /** Those of a partition in the order in which they came, which they keep; the order between partitions is by time. */
  readonly records: readonly RecordedRow[];
  /** What takes longer is cut off. */
  readonly msMax?: number | undefined;
}

export interface Preview extends RowDiff {
  /** Records that went through both, and those that there were. */
  readonly taken: number;
  readonly of: number;
  readonly ms: number;
}

const usualMsMax = 8_000;

/**
 * Runs recorded rows through both statements, each on an engine of its own in this process, and compares what comes out. Differences come from
 * the statements: both see the same rows in the same order, on one partition.
 */
export function previewChange({ before, after, made, sources, records, msMax = usualMsMax }: PreviewOptions): Preview {
  const startedAt = performance.now();
  const [one, other] = [open(sources, before), open(sources, after)];
  one.driver.read(made.before.topic);
  other.driver.read(made.after.topic);
  let taken = 0;
  for (const { topic, ...record } of inOrderOfTime(records)) {
    if (taken % 256 === 0 && performance.now() - startedAt > msMax) break;
    for (const { driver, clock } of [one, other]) {
      clock.advance(Math.max(0, record.timestamp - clock.nowMs()));
      driver.pipeBytes(topic, record);
    }
    taken += 1;
  }
  const isTable = made.before.kind === 'TABLE' && made.after.kind === 'TABLE';
  const rows = diffRows(one.driver.read(made.before.topic), other.driver.read(made.after.topic), isTable);
  return { ...rows, taken, of: records.length, ms: Math.round(performance.now() - startedAt) };
}

function open(sources: readonly string[], statement: string) {
  const clock = new ManualClock();
  const driver = new KsqlTestDriver({
    clock,
    properties: { 'ksql.streams.__emit.interval.ms.kstreams.windowed.aggregation__': '0' },
  });
  for (const sql of sources) driver.execute(sql);
  driver.execute(statement);
  return { driver, clock };
}

/**
 * Rows of one partition keep their order, whatever their times: what was late there is late here. A row comes when the newest time that its
 * partition had reached is due.
 */
function inOrderOfTime(records: readonly RecordedRow[]): readonly RecordedRow[] {
  const newest = new Map<string, number>();
  return records
    .map((record, index) => {
      const partition = `${record.topic} ${record.partition}`;
      const dueAt = Math.max(record.timestamp, newest.get(partition) ?? record.timestamp);
      newest.set(partition, dueAt);
      return { record, dueAt, index };
    })
    .sort((a, b) => a.dueAt - b.dueAt || a.index - b.index)
    .map(({ record }) => record);
}

/** Declares a result as a source over its topic, so that what was written into it can be read without its query. */
export function declarationOf({ kind, name, topic, columns, keyFormat, valueFormat, window }: DraftObject): string {
  const quote = (text: string): string => `\`${text.replaceAll('`', '``')}\``;
  const list = columns.map(({ name: column, type, isKey }) => {
    const key = isKey ? (kind === 'TABLE' ? ' PRIMARY KEY' : ' KEY') : '';
    return `${quote(column)} ${type}${key}`;
  });
  const [windowType, sizeMs] = (window ?? '').split(' ');
  const properties = [
    `KAFKA_TOPIC = '${topic}'`,
    ...(columns.some(({ isKey }) => isKey) ? [`KEY_FORMAT = '${keyFormat.split(' ')[0]}'`] : []),
    `VALUE_FORMAT = '${valueFormat.split(' ')[0]}'`,
    ...delimiterOf('KEY', keyFormat),
    ...delimiterOf('VALUE', valueFormat),
    ...(valueFormat.endsWith(' UNWRAP_SINGLES') ? ['WRAP_SINGLE_VALUE = false'] : []),
    ...(windowType ? [`WINDOW_TYPE = '${windowType}'`] : []),
    ...(sizeMs ? [`WINDOW_SIZE = '${sizeMs} MILLISECONDS'`] : []),
  ];
  return `CREATE ${kind} ${quote(name)} (${list.join(', ')}) WITH (${properties.join(', ')});`;
}

const namedDelimiters: Readonly<Record<string, string>> = { '\t': 'TAB', ' ': 'SPACE' };

function delimiterOf(part: 'KEY' | 'VALUE', format: string): readonly string[] {
  const delimiter = / delimiter=([^])/.exec(format)?.[1];
  return delimiter === undefined
    ? []
    : [`${part}_DELIMITER = '${namedDelimiters[delimiter] ?? delimiter.replace("'", "''")}'`];
}
