import { expect, it } from '@jest/globals';
import { createFunctionRegistry } from '../functions/registry.js';
import { FetchedRecords } from '../ports/record-columns.js';
import { planOf } from '../testing/bare-topology.js';
import { buildTopology } from './build-topology.js';
import { QueryCode } from './query-code.js';

it('tasks of a query share what was compiled for it, and no state', () => {
  const plan = planOf(`
    CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
    CREATE TABLE o AS SELECT k, SUM(ABS(v)) AS total, COUNT(*) AS n FROM s WHERE UCASE(k) <> 'X' GROUP BY k HAVING COUNT(*) > 0;`);
  const code = new QueryCode();
  const registry = createFunctionRegistry();
  let lookups = 0;
  const written: string[] = [];
  const task = () =>
    buildTopology(plan, {
      functions: {
        list: () => registry.list(),
        find: (name) => {
          lookups++;
          return registry.find(name);
        },
      },
      functionContext: { nowMs: () => 0, random: () => 0, property: () => undefined },
      log: { append: () => undefined },
      property: () => undefined,
      onSink: (records) => written.push(...Array.from(records, ({ value }) => Buffer.from(value ?? []).toString())),
      onRows: () => undefined,
      code,
    });
  const first = task();
  const compiled = lookups;
  expect(compiled).toBeGreaterThan(0);
  const second = task();
  expect(lookups).toBe(compiled);

  const record = (key: string, v: number) =>
    FetchedRecords.of([
      { key: Buffer.from(key), value: Buffer.from(`{"V":${v}}`), timestamp: 0, headers: [], partition: 0, offset: 0 },
    ]);
  first.sources[0]?.push(record('a', -3));
  second.sources[0]?.push(record('a', 4));
  first.sources[0]?.push(record('x', 9));
  first.sources[0]?.push(record('a', -1));
  expect(written).toEqual(['{"TOTAL":3,"N":1}', '{"TOTAL":4,"N":1}', '{"TOTAL":4,"N":2}']);
  expect([...(second.resultStore?.entries() ?? [])].map(({ value }) => value)).toEqual([[4, 1]]);
});
