import { describe, expect, it } from '@jest/globals';
import type { FunctionRegistry, SqlFunction } from '../../functions/function.js';
import { createFunctionRegistry } from '../../functions/registry.js';
import { KsqlTestDriver } from '../../testing/topology-driver.js';
import { Decimal } from '../../types/decimal.js';
import { arrayType, decimalType, mapType, structType, BIGINT, BYTES, DOUBLE, STRING } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { dataSource } from './catalog-codec.js';
import { signatureOf } from './expression-codec.js';
import { planCodec } from './plan-codec.js';
import { sqlType, sqlValue } from './sql-codec.js';

const functions = createFunctionRegistry();
const codec = planCodec(functions);

/** The stored plan of a query over a stream of readings. */
function stored(select: string): string {
  const driver = new KsqlTestDriver();
  driver.execute(`CREATE STREAM s (k STRING KEY, a INT, b BIGINT, l ARRAY<INT>) WITH (kafka_topic='s', value_format='JSON');
    CREATE TABLE t AS ${select};`);
  const plan = driver.queries[0]?.plan;
  if (plan === undefined) throw new Error('no query');
  return JSON.stringify(codec.encode(plan));
}
const COUNTED = stored('SELECT k, COUNT(ABS(a)) AS n FROM s GROUP BY k');

const withList = (change: (list: readonly SqlFunction[]) => readonly SqlFunction[]): FunctionRegistry => {
  const list = change(functions.list());
  return { list: () => list, find: (name) => list.find((each) => each.name === name) };
};

describe('values in a stored plan', () => {
  it.each<[string, SqlValue]>([
    ['NULL', null],
    ['a number', 0.1],
    ['the smallest number', 5e-324],
    ['minus zero', -0],
    ['infinity', Infinity],
    ['minus infinity', -Infinity],
    ['no number', NaN],
    ['a BIGINT beyond the safe integers', 9_223_372_036_854_775_807n],
    ['a DECIMAL that ends in zeros', new Decimal(-12_300n, 4)],
    ['bytes', Uint8Array.of(0, 255, 128)],
    ['half of a surrogate pair', '\ud83d'],
    ['a list', [1, null, [2n ** 60n]]],
    [
      'a map',
      new Map<SqlValue, SqlValue>([
        ['bigint', 1],
        [null, Uint8Array.of(1)],
      ]),
    ],
  ])('%s comes back', (_, value) => {
    const text = JSON.stringify(sqlValue.encode(value));
    const back = sqlValue.decode(JSON.parse(text));
    expect(back).toEqual(value);
    expect(Object.is(back, -0)).toBe(Object.is(value, -0));
    expect(JSON.stringify(sqlValue.encode(back))).toBe(text);
  });

  it('types come back', () => {
    const type = structType([
      { name: 'A', type: mapType(STRING, arrayType(decimalType(5, 2))) },
      { name: 'DECIMAL', type: structType([{ name: 'B', type: BYTES }]) },
    ]);
    for (const each of [type, BIGINT, DOUBLE]) expect(sqlType.decode(sqlType.encode(each))).toEqual(each);
    expect(sqlType.decode('BIGINT')).toBe(BIGINT);
  });

  it.each<[string, unknown]>([
    ['an unknown tag', { moment: 1 }],
    ['digits that are none', { bigint: '1e3' }],
    ['an unknown double', { double: '1' }],
    ['nothing', undefined],
  ])('%s is refused', (_, json) => {
    expect(() => sqlValue.decode(json)).toThrow(/^not |: not /);
  });
  it.each<[string, unknown]>([
    ['an unknown primitive', 'TEXT'],
    ['an unknown composite', { SET: 'INTEGER' }],
    ['a DECIMAL without a scale', { DECIMAL: [5] }],
  ])('%s is no type', (_, json) => {
    expect(() => sqlType.decode(json)).toThrow(/^not |: not /);
  });
});

describe('functions in a stored plan', () => {
  it('are told apart by what they take', () => {
    for (const found of functions.list()) {
      const signatures = found.overloads.map((_, overload) => signatureOf(found, overload));
      expect({ [found.name]: new Set(signatures).size }).toEqual({ [found.name]: signatures.length });
    }
  });

  it('are found wherever they stand in the list of a later version', () => {
    const turned = withList((list) =>
      list.map((found) => ({ ...found, overloads: [...found.overloads].reverse() }) as SqlFunction),
    );
    const later = planCodec(turned);
    expect(JSON.stringify(later.encode(later.decode(JSON.parse(COUNTED))))).toBe(COUNTED);
  });

  it.each(['ABS', 'COUNT'])('%s that is gone is named', (name) => {
    const without = planCodec(withList((list) => list.filter((found) => found.name !== name)));
    expect(() => without.decode(JSON.parse(COUNTED))).toThrow(`there is no function ${name}(`);
  });

  it('that has become one of another kind is not taken for it', () => {
    const others = withList((list) =>
      list.map((found) => (found.name === 'ABS' ? ({ ...found, kind: 'table' } as unknown as SqlFunction) : found)),
    );
    expect(() => planCodec(others).decode(JSON.parse(COUNTED))).toThrow('there is no function ABS(');
  });
});

describe('a stored plan', () => {
  it('of another version is refused', () => {
    const plan = { ...(JSON.parse(COUNTED) as object), version: 99 };
    expect(() => codec.decode(plan)).toThrow('version: not one of 1: 99');
  });

  it('says where it cannot be read', () => {
    const broken = COUNTED.replace('"kind":"groupBy"', '"kind":"groupOn"');
    expect(() => codec.decode(JSON.parse(broken))).toThrow(
      /^root\.project\.input\..*unknown kind of plan node: "groupOn"$/,
    );
    const short = COUNTED.replace('"leftValueCount"', '"other"').replace('"carried"', '"others"');
    expect(() => codec.decode(JSON.parse(short))).toThrow(/carried is missing$/);
  });

  it('has the same text however its objects were put together', () => {
    const turn = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turn);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, each]) => [name, turn(each)]),
      );
    };
    expect(JSON.stringify(codec.encode(codec.decode(turn(JSON.parse(COUNTED)))))).toBe(COUNTED);
  });
});

describe('a stored source', () => {
  it('comes back with all that its statement says', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`CREATE STREAM s (k STRING KEY, v STRUCT<d DECIMAL(5, 2)>, at1 STRING, h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS)
        WITH (kafka_topic='s', value_format='JSON', timestamp='at1', timestamp_format='yyyy', window_type='TUMBLING', window_size='1 SECONDS');
      CREATE STREAM x (h1 BYTES HEADER('x'), a INT) WITH (kafka_topic='x', value_format='JSON', wrap_single_value=false);
      CREATE SOURCE TABLE t (k STRING PRIMARY KEY, v INT) WITH (kafka_topic='t', value_format='DELIMITED', value_delimiter='|', key_format='JSON');`);
    expect(driver.sources).toHaveLength(3);
    for (const source of driver.sources) {
      const text = JSON.stringify(dataSource.encode(source));
      expect(dataSource.decode(JSON.parse(text))).toEqual(source);
    }
  });
});
