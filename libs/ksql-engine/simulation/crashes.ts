import { must } from '../src/errors/assert.js';
import type { FunctionContext } from '../src/functions/function.js';
import { createFunctionRegistry } from '../src/functions/registry.js';
import type { QueryPlan } from '../src/plan/nodes.js';
import { Durable } from '../src/testing/durable.js';
import { SeededRandom } from '../src/testing/seeded-random.js';
import { KsqlTestDriver } from '../src/testing/topology-driver.js';
import { buildTopology } from '../src/topology/build-topology.js';
import { FetchedRecords, type RecordParts } from '../src/ports/record-columns.js';
import type { Topology } from '../src/topology/topology.js';
import { SOURCES, type Event } from './events.js';
import { PROPERTIES } from './run-scenario.js';
import type { Prepared } from './scenario.js';

const functions = createFunctionRegistry();
const properties: Readonly<Record<string, string>> = PROPERTIES;
const property = (name: string): string | undefined => properties[name] ?? properties[`ksql.streams.${name}`];
const functionContext: FunctionContext = { nowMs: () => 0, random: () => 0.5, property };

/**
 * Runs the last query of a script twice: once undisturbed, and once killed at random moments, after which a fresh topology is built,
 * restored from what was committed and fed again what was not. Results that were not committed are thrown away, as a transaction
 * does. Says where the written records differ, or undefined.
 */
export function crashDifference(
  { sql, closing }: Prepared,
  events: readonly Event[],
  seed: number,
): string | undefined {
  const driver = new KsqlTestDriver({ properties: PROPERTIES });
  driver.execute(SOURCES + sql);
  const { plan } = must(driver.queries.at(-1), 'query of the script');
  const random = new SeededRandom(seed);
  const input = closing === undefined ? events : [...events, closing];

  const steady: string[] = [];
  const undisturbed = start(plan, steady);
  input.forEach((event, offset) => push(undisturbed, event, offset));

  const durable = new Durable();
  const committed: string[] = [];
  let written: string[] = [];
  let topology = start(plan, written);
  let committedTo = 0;
  for (let offset = 0; offset < input.length; offset++) {
    push(topology, must(input[offset], 'record'), offset);
    const chance = random.next();
    if (chance < 0.25) {
      durable.commit(topology);
      committed.push(...written.splice(0));
      committedTo = offset + 1;
    }
    if (chance < 0.12 || chance > 0.88) {
      written = [];
      topology = start(plan, written);
      durable.restore(topology);
      offset = committedTo - 1;
    }
  }
  committed.push(...written);
  const at = steady.findIndex((text, i) => text !== committed[i]);
  if (at < 0 && steady.length === committed.length) return undefined;
  return `record ${at < 0 ? steady.length : at}: undisturbed ${steady[at] ?? 'nothing'}, with crashes ${committed[at < 0 ? steady.length : at] ?? 'nothing'}`;
}

function start(plan: QueryPlan, written: string[]): Topology {
  return buildTopology(plan, {
    functions,
    functionContext,
    log: { append: () => undefined },
    property,
    onSink: (records) => written.push(...Array.from(records, shown)),
    onRows: () => undefined,
  });
}

const shown = ({ key, value, timestamp }: RecordParts): string =>
  `${key === null ? 'null' : Buffer.from(key).toString('hex')} ${value === null ? 'gone' : Buffer.from(value).toString()} @${timestamp}`;

function push(topology: Topology, { topic, key, value, time }: Event, offset: number): void {
  const record = {
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(JSON.stringify(value)),
    timestamp: time,
    headers: [],
    partition: 0,
    offset,
  };
  for (const source of topology.sources) if (source.topic === topic) source.push(FetchedRecords.of([record]));
}
