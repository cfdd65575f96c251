import type { SeededRandom } from '../src/testing/seeded-random.js';
import type { Event } from './events.js';

/** Rows of a result by a text of key and window. */
export type TableState = Readonly<Record<string, unknown>>;

/** What the naive model says, from all records in memory. A table is judged after each record, a stream at the end. */
export type Judge =
  | { readonly kind: 'table'; readonly state: (events: readonly Event[]) => TableState }
  | { readonly kind: 'stream'; readonly rows: (events: readonly Event[]) => readonly string[] };

/** A query with the numbers that a seed drew for it. Its sink is O. */
export interface Prepared {
  readonly sql: string;
  readonly topics: readonly string[];
  /** How far back in time a record may be. */
  readonly latenessMs: number;
  readonly judge: Judge;
  /** A last record that moves time past everything held back. */
  readonly closing?: Event;
  /** The order of the rows carries no meaning. */
  readonly hasAnyOrder?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly prepare: (random: SeededRandom) => Prepared;
}

/** One result row of a stream, as both the model and the driver write it. */
export const rowText = (key: unknown, value: unknown, time: number): string =>
  `${JSON.stringify(key)} ${JSON.stringify(value)} @${time}`;
