import { describe, expect, it } from '@jest/globals';
import { bindAggregateCall } from '../../analyze/bind-expression.js';
import { KsqlError, StreamsError } from '../../errors/sql-error.js';
import { must } from '../../errors/assert.js';
import { parseExpression } from '../../syntax/parse.js';
import { fixedContext } from '../../testing/sql-answer.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { Decimal } from '../../types/decimal.js';
import { formatType } from '../../types/format-type.js';
import {
  arrayType,
  BIGINT,
  BYTES,
  decimalType,
  DOUBLE,
  INTEGER,
  STRING,
  TIMESTAMP,
  type SqlType,
} from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { AggregateFunction, BoundAggregate, FunctionContext } from '../function.js';
import { createFunctionRegistry } from '../registry.js';

const functions = createFunctionRegistry();
const COLUMNS: Readonly<Record<string, SqlType>> = {
  I: INTEGER,
  L: BIGINT,
  D: DOUBLE,
  C: decimalType(4, 2),
  S: STRING,
  Y: BYTES,
  TS: TIMESTAMP,
  A: arrayType(INTEGER),
  X: DOUBLE,
};

/** Binds a call such as `TOPK(I, 2)`; `columns` are the names of its column arguments in order. */
function bindCall(sql: string, context: FunctionContext = fixedContext) {
  const call = bindAggregateCall(
    must(parseCall(sql), 'call'),
    {
      resolve: (name) => ({
        kind: 'valueColumn',
        index: Object.keys(COLUMNS).indexOf(name),
        name,
        type: must(COLUMNS[name], name),
      }),
    },
    { functions, types: new Map() },
  );
  const found = functions.find(call.function) as AggregateFunction;
  const types = call.args.map((argument) => must(argument.type, 'type'));
  const aggregate = must(found.overloads[call.overload], 'overload').bind(types, call.constants, context);
  return { aggregate, type: formatType(call.type), argumentCount: types.length };
}

function parseCall(sql: string) {
  const expression = parseExpression(sql);
  return expression.kind === 'call' ? expression : undefined;
}

type Row = readonly SqlValue[];

const addAll = (aggregate: BoundAggregate, rows: readonly Row[]): SqlValue =>
  rows.reduce<SqlValue>((state, row) => aggregate.add(state, row), aggregate.initial());

const resultOf = (aggregate: BoundAggregate, rows: readonly Row[]) => aggregate.result(addAll(aggregate, rows));

const dec = (text: string) => new Decimal(BigInt(text.replace('.', '')), 2);
const one = (...values: readonly SqlValue[]): readonly Row[] => values.map((value) => [value]);

const cases: readonly (readonly [sql: string, rows: readonly Row[], type: string, result: SqlValue])[] = [
  ['COUNT(I)', one(1, null, 1), 'BIGINT', 2],
  ['COUNT(I)', [], 'BIGINT', 0],
  ['SUM(I)', one(2147483647, 1, null), 'INTEGER', -2147483648],
  ['SUM(L)', one(9223372036854775807n, 1), 'BIGINT', -9223372036854775808n],
  ['SUM(D)', one(1.5, null, 2), 'DOUBLE', 3.5],
  ['SUM(C)', one(dec('1.10'), null, dec('-2.50')), 'DECIMAL(4, 2)', dec('-1.40')],
  ['SUM(C)', [], 'DECIMAL(4, 2)', dec('0.00')],
  ['SUM_LIST(A)', one([1, 2], null, [null, 4]), 'INTEGER', 7],
  ['AVG(I)', one(1, 2, null), 'DOUBLE', 1.5],
  ['AVG(I)', one(null), 'DOUBLE', 0],
  ['AVG(L)', one(9223372036854775807n, 1), 'DOUBLE', -4611686018427388000],
  ['MIN(I)', one(3, null, -7), 'INTEGER', -7],
  ['MAX(I)', one(3, null, -7), 'INTEGER', 3],
  ['MAX(I)', one(null), 'INTEGER', null],
  ['MAX(D)', one(NaN, Infinity), 'DOUBLE', NaN],
  ['MIN(D)', one(NaN, 5), 'DOUBLE', 5],
  ['MAX(S)', one('b', 'B', 'é'), 'STRING', 'é'],
  ['MIN(Y)', one(Uint8Array.of(1), Uint8Array.of(255)), 'BYTES', Uint8Array.of(255)],
  ['MAX(C)', one(dec('1.10'), dec('1.11')), 'DECIMAL(4, 2)', dec('1.11')],
  ['STDDEV_SAMPLE(I)', one(0, 10), 'DOUBLE', 7.0710678118654755],
  ['STDDEV_SAMP(I)', one(0, 10), 'DOUBLE', 50],
  ['STDDEV_SAMPLE(D)', one(4), 'DOUBLE', 0],
  [
    'CORRELATION(D, X)',
    [
      [1, 2],
      [2, 4],
      [3, 6],
      [null, 1],
    ],
    'DOUBLE',
    1,
  ],
  ['CORRELATION(D, X)', [[1, 2]], 'DOUBLE', NaN],
  ['COLLECT_LIST(I)', one(3, null, 3), 'ARRAY<INTEGER>', [3, null, 3]],
  ['COLLECT_SET(I)', one(3, null, 3, null, 1), 'ARRAY<INTEGER>', [3, null, 1]],
  ['COLLECT_SET(A)', one([1], [1], [2]), 'ARRAY<ARRAY<INTEGER>>', [[1], [2]]],
  ['COUNT_DISTINCT(S)', one('a', null, 'b', 'a'), 'BIGINT', 2],
  [
    'HISTOGRAM(S)',
    one('a', null, 'a'),
    'MAP<STRING, BIGINT>',
    new Map([
      ['a', 2],
      ['null', 1],
    ]),
  ],
  ['ATTR(S)', one('a', 'a'), 'STRING', 'a'],
  ['ATTR(S)', one('a', null), 'STRING', null],
  ['ATTR(S)', one('a', 'b'), 'STRING', null],
  ['EARLIEST_BY_OFFSET(I)', one(null, 1, 2), 'INTEGER', 1],
  ['EARLIEST_BY_OFFSET(I, false)', one(null, 1, 2), 'INTEGER', null],
  ['EARLIEST_BY_OFFSET(I, 2)', one(null, 1, 2, 3), 'ARRAY<INTEGER>', [1, 2]],
  ['EARLIEST_BY_OFFSET(I, 2, false)', one(null, 1, 2, 3), 'ARRAY<INTEGER>', [null, 1]],
  ['LATEST_BY_OFFSET(I)', one(1, 2, null), 'INTEGER', 2],
  ['LATEST_BY_OFFSET(I, false)', one(1, 2, null), 'INTEGER', null],
  ['LATEST_BY_OFFSET(I, 2)', one(1, 2, 3, null), 'ARRAY<INTEGER>', [2, 3]],
  ['LATEST_BY_OFFSET(I, 2, false)', one(1, 2, 3, null), 'ARRAY<INTEGER>', [3, null]],
  ['TOPK(I, 2)', one(3, null, 5, 3), 'ARRAY<INTEGER>', [5, 3]],
  ['TOPK(S, 5)', one('a', 'b', 'a'), 'ARRAY<STRING>', ['b', 'a', 'a']],
  [
    'TOPK(I, S, 2)',
    [
      [1, 'x'],
      [3, 'first'],
      [3, 'second'],
      [3, 'third'],
    ],
    'ARRAY<STRUCT<`sort_col` INTEGER, `col0` STRING>>',
    [
      [3, 'first'],
      [3, 'second'],
    ],
  ],
  ['TOPKDISTINCT(I, 2)', one(3, 3, null, 1, 5), 'ARRAY<INTEGER>', [5, 3]],
  ['TOPKDISTINCT(C, 3)', one(dec('1.10'), dec('1.10')), 'ARRAY<DECIMAL(4, 2)>', [dec('1.10')]],
];

describe('aggregate functions', () => {
  it.each(cases)('%s of %j', (sql, rows, type, result) => {
    const bound = bindCall(sql);
    expect(bound.type).toBe(type);
    expect(resultOf(bound.aggregate, rows)).toEqual(result);
  });

  it.each([
    'TOPK(I, 0)',
    'TOPKDISTINCT(I, -1)',
    'EARLIEST_BY_OFFSET(I, 0)',
    'LATEST_BY_OFFSET(I, -1)',
    'LATEST_BY_OFFSET(I, I)',
    'SUM(S)',
  ])('refuses %s', (sql) => {
    expect(() => bindCall(sql)).toThrow(KsqlError);
  });

  it('stops the query at a DECIMAL sum that does not fit', () => {
    const { aggregate } = bindCall('SUM(C)');
    expect(() => addAll(aggregate, one(dec('99.99'), dec('0.01')))).toThrow(StreamsError);
  });

  it.each([
    ['COLLECT_LIST(I)', 'ksql.functions.collect_list.limit'],
    ['COLLECT_SET(I)', 'ksql.functions.collect_set.limit'],
  ])('%s keeps as many values as %s says, also where sessions merge', (sql, property) => {
    const limited = { ...fixedContext, property: (name: string) => (name === property ? '3' : undefined) };
    const { aggregate } = bindCall(sql, limited);
    const [a, b] = [addAll(aggregate, one(1, 2)), addAll(aggregate, one(3, 4, 5, 6))];
    expect(aggregate.result(b)).toEqual([3, 4, 5]);
    expect(aggregate.result(aggregate.merge(a, b))).toEqual([1, 2, 3]);
  });

  it('HISTOGRAM counts at most 1000 texts', () => {
    const { aggregate } = bindCall('HISTOGRAM(S)');
    const rows = one(...Array.from({ length: 1005 }, (_, i) => `t${i}`), 't0');
    const result = resultOf(aggregate, rows) as ReadonlyMap<string, number>;
    expect(result.size).toBe(1000);
    expect(result.get('t0')).toBe(2);
  });

  it('LATEST_BY_OFFSET goes by arrival where an older session got its value later', () => {
    const { aggregate } = bindCall('LATEST_BY_OFFSET(I)');
    const newer = aggregate.add(aggregate.initial(), [1]);
    const older = aggregate.add(aggregate.initial(), [2]);
    expect(aggregate.result(aggregate.merge(older, newer))).toBe(2);
  });

  it('never changes a state in place', () => {
    for (const [sql, rows] of cases) {
      const { aggregate } = bindCall(sql);
      const states = [aggregate.initial()];
      for (const row of rows) states.push(aggregate.add(states.at(-1) ?? null, row));
      const copies = states.map((state) => structuredClone(state));
      for (const state of states) {
        const [row] = rows;
        if (row !== undefined) aggregate.undo?.(aggregate.add(state, row), row);
        aggregate.merge(state, state);
      }
      expect(states.map((state) => structuredClone(state))).toEqual(copies);
    }
  });
});

const TABLE_CALLS = [
  'COUNT(I)',
  'SUM(I)',
  'SUM(L)',
  'AVG(I)',
  'SUM_LIST(A)',
  'COLLECT_LIST(I)',
  'HISTOGRAM(S)',
  'ATTR(I)',
];
const STREAM_ONLY = ['MIN(I)', 'MAX(I)', 'TOPK(I, 3)', 'TOPKDISTINCT(I, 3)', 'COLLECT_SET(I)', 'COUNT_DISTINCT(I)'];
const BY_ARRIVAL = [
  'EARLIEST_BY_OFFSET(I)',
  'LATEST_BY_OFFSET(I)',
  'EARLIEST_BY_OFFSET(I, 3)',
  'LATEST_BY_OFFSET(I, 3)',
];

function randomRow(sql: string, random: SeededRandom): Row {
  const small = () => (random.next() < 0.2 ? null : Math.floor(random.next() * 6));
  if (sql.includes('(A')) return [random.next() < 0.2 ? null : [small(), small()]];
  if (sql.includes('(S')) return [random.next() < 0.2 ? null : `t${small()}`];
  return [small()];
}

describe('laws of aggregates', () => {
  it.each(TABLE_CALLS)('%s: undo takes add back', (sql) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const { aggregate } = bindCall(sql);
      const rows = Array.from({ length: 10 }, () => randomRow(sql, random));
      const state = addAll(aggregate, rows);
      const row = randomRow(sql, random);
      const undo = must(aggregate.undo, 'undo');
      expect({ seed, result: aggregate.result(undo(aggregate.add(state, row), row)) }).toEqual({
        seed,
        result: aggregate.result(state),
      });
    }
  });

  it.each([...STREAM_ONLY, ...BY_ARRIVAL])('%s has no undo: tables cannot use it', (sql) => {
    expect(bindCall(sql).aggregate.undo).toBeUndefined();
  });

  it.each([...TABLE_CALLS, ...STREAM_ONLY, ...BY_ARRIVAL])('%s: merging two parts is the whole', (sql) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const { aggregate } = bindCall(sql);
      const rows = Array.from({ length: 10 }, () => randomRow(sql, random));
      const cut = Math.floor(random.next() * 10);
      const merged = aggregate.merge(addAll(aggregate, rows.slice(0, cut)), addAll(aggregate, rows.slice(cut)));
      expect({ seed, result: aggregate.result(merged) }).toEqual({ seed, result: resultOf(aggregate, rows) });
    }
  });
});
