import type { DataSource, LiveQuery } from '@isobar/ksql-engine';
import { isoText } from './time-text.js';

interface Statistic {
  readonly name: string;
  readonly host: string;
  readonly value: number;
  readonly timestamp: number;
}

/** What DESCRIBE EXTENDED says of the traffic of a source: as text for people and as values. */
export interface SourceStatistics {
  readonly text: string;
  readonly values: readonly Statistic[];
}

export const NO_STATISTICS: SourceStatistics = { text: '', values: [] };

/** ksqlDB's own words: its clients show the text as it is. */
const DEPRECATED =
  'The statistics field is deprecated and will be removed in a future version of ksql. Please update your client to the latest version and use statisticsMap instead.\n';

/**
 * Of a source that queries write into what they have written, and of one that they only read what they have read, since this server runs
 * them; per second of that time.
 */
export function sourceStatistics(source: DataSource, queries: readonly LiveQuery[], host: string): SourceStatistics {
  const { topic } = source.topic;
  const running = queries.flatMap((query) => (query.task === undefined ? [] : [{ query, task: query.task }]));
  const writers = running.filter(({ query }) => query.sinkTopic === topic);
  const perSecond = (count: number): number => count / process.uptime();
  const timeOf = (all: typeof running): number => Math.max(-1, ...all.map(({ task }) => task.metrics.lastRecordTimeMs));
  if (writers.length > 0) {
    const total = writers.reduce((sum, { task }) => sum + task.metrics.resultsOut, 0);
    return told(host, timeOf(writers), [
      ['messages-per-sec', perSecond(total)],
      ['total-messages', total],
    ]);
  }
  const readers = running.filter(({ query }) => query.plan.sourceNames.includes(source.name));
  const own = readers.flatMap(({ task }) =>
    task.tasks.filter(({ inputs }) => inputs.some((input) => input.topic === topic)),
  );
  const total = own.reduce((sum, { recordsIn }) => sum + recordsIn, 0);
  return told(host, timeOf(readers), [
    ['consumer-messages-per-sec', perSecond(total)],
    ['consumer-total-messages', total],
    ['consumer-total-bytes', own.reduce((sum, { bytesIn }) => sum + bytesIn, 0)],
  ]);
}

function told(host: string, timestamp: number, values: readonly (readonly [string, number])[]): SourceStatistics {
  if (timestamp < 0) return NO_STATISTICS;
  const parts = values.map(([name, value]) => {
    const number = name.endsWith('-per-sec') ? value.toFixed(2) : String(value);
    return `${name}: ${number.padStart(9)}`;
  });
  parts.push(`last-message: ${isoText(timestamp)}`);
  return {
    text: DEPRECATED + parts.join('   '),
    values: values.map(([name, value]) => ({ name, host, value, timestamp })),
  };
}
