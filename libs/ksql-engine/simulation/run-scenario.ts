import { isDeepStrictEqual } from 'node:util';
import { SeededRandom } from '../src/testing/seeded-random.js';
import { KsqlTestDriver, type ReadRecord } from '../src/testing/topology-driver.js';
import { randomEvents, SOURCES, type Event } from './events.js';
import { rowText, type Prepared, type Scenario } from './scenario.js';

/** A run that differed from the model; replayed for ever once it is a file. */
export interface Regression {
  readonly scenario: string;
  readonly seed: number;
  readonly events: readonly Event[];
}

/** Final results come at once rather than once per second. */
export const PROPERTIES = { 'ksql.streams.__emit.interval.ms.kstreams.windowed.aggregation__': '0' };
const EVENT_COUNT_MAX = 80;

/** A seed's query and records. */
export function drawRun({ prepare }: Scenario, seed: number): { prepared: Prepared; events: readonly Event[] } {
  const random = new SeededRandom(seed);
  const prepared = prepare(random);
  const events = randomEvents(random, prepared.topics, 10 + random.below(EVENT_COUNT_MAX - 10), prepared.latenessMs);
  return { prepared, events };
}

/** Why the engine and the model differ, or undefined. */
export function differenceOf(prepared: Prepared, events: readonly Event[]): string | undefined {
  const driver = new KsqlTestDriver({ properties: PROPERTIES });
  driver.execute(SOURCES + prepared.sql);
  const fed: Event[] = [];
  const table = new Map<string, unknown>();
  const rows: string[] = [];
  for (const event of prepared.closing === undefined ? events : [...events, prepared.closing]) {
    driver.pipe(event.topic, { key: event.key, value: event.value, timestamp: event.time });
    fed.push(event);
    const changes = driver.read('O');
    if (prepared.judge.kind === 'stream') {
      rows.push(...changes.map((change) => streamText(change)));
      continue;
    }
    for (const change of changes) {
      if (change.value === null) table.delete(tableId(change));
      else table.set(tableId(change), change.value);
    }
    const [actual, expected] = [
      Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1))),
      prepared.judge.state(fed),
    ];
    if (!isDeepStrictEqual(actual, expected)) return explain(`after record ${fed.length}`, expected, actual);
  }
  if (prepared.judge.kind === 'table') return undefined;
  const expected = [...prepared.judge.rows(fed)];
  if (prepared.hasAnyOrder === true) {
    expected.sort();
    rows.sort();
  }
  return isDeepStrictEqual(rows, expected) ? undefined : explain('at the end', expected, rows);
}

/** Takes out records as long as the run goes on to differ. */
export function shrink(prepared: Prepared, events: readonly Event[]): readonly Event[] {
  let smallest = events;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      const fewer = [...smallest.slice(0, at), ...smallest.slice(at + size)];
      if (differenceOf(prepared, fewer) === undefined) at += size;
      else smallest = fewer;
    }
  }
  return smallest;
}

const explain = (where: string, expected: unknown, actual: unknown): string =>
  `${where}:\n  model  ${JSON.stringify(expected)}\n  engine ${JSON.stringify(actual)}`;

const tableId = ({ key, window }: ReadRecord): string =>
  JSON.stringify(key) + (window === undefined ? '' : `<${window.start},${window.end}>`);

/** Rows of a window bear its bounds in place of a time. */
const streamText = (record: ReadRecord): string =>
  record.window === undefined
    ? rowText(record.key, record.value, record.timestamp)
    : `${tableId(record)} ${JSON.stringify(record.value)}`;
