import type { SeededRandom } from '../src/testing/seeded-random.js';

export const KEYS: readonly string[] = ['a', 'b', 'c'];

/** A record of one of the topics s, r (streams) and t, u (tables); all have the columns k (key), v and g. */
export interface Event {
  readonly topic: string;
  readonly key: string;
  /** Null deletes, or is a record without value. */
  readonly value: { readonly v: number; readonly g: string | null } | null;
  /** ms */
  readonly time: number;
}

export const SOURCES = `
  CREATE STREAM s (k STRING KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
  CREATE STREAM r (k STRING KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON');
  CREATE TABLE t (k STRING PRIMARY KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON');
  CREATE TABLE u (k STRING PRIMARY KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON');`;

/** Mostly forward in time, sometimes back by up to `latenessMs`; one in seven has no value. */
export function randomEvents(
  random: SeededRandom,
  topics: readonly string[],
  count: number,
  latenessMs: number,
): readonly Event[] {
  let now = 100;
  return Array.from({ length: count }, () => {
    now += random.below(9);
    return {
      topic: random.pick(topics),
      key: random.pick(KEYS),
      value: random.next() < 0.14 ? null : { v: random.below(10), g: random.next() < 0.1 ? null : random.pick(KEYS) },
      time: random.next() < 0.25 ? Math.max(0, now - random.below(latenessMs + 1)) : now,
    };
  });
}
