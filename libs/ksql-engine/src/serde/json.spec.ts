import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { jsonFormat } from './json.js';

const info = { format: 'JSON' as const, properties: {} };
const serdeOf = (fields: Readonly<Record<string, t.SqlType>>, needed?: readonly boolean[]) =>
  jsonFormat.createSerde({
    columns: Object.entries(fields).map(([name, type]) => ({ name, type })),
    isKey: false,
    info,
    needed,
  });
const read = (type: t.SqlType, json: string): SqlValue =>
  serdeOf({ A: type }).deserialize(Buffer.from(`{"A":${json}}`))![0]!;
const write = (type: t.SqlType, value: SqlValue): string =>
  Buffer.from(serdeOf({ A: type }).serialize([value])!).toString();

describe('JSON reads', () => {
  it('names in any case, the exact one before others wherever it stands', () => {
    const serde = serdeOf({ A: t.INTEGER, B: t.INTEGER });
    expect(serde.deserialize(Buffer.from('{"a":1,"b":2}'))).toEqual([1, 2]);
    expect(serde.deserialize(Buffer.from('{"A":1,"a":3,"B":2}'))).toEqual([1, 2]);
    expect(serde.deserialize(Buffer.from('{"a":3,"A":1,"B":2}'))).toEqual([1, 2]);
    expect(serde.deserialize(Buffer.from('{"b":2}'))).toEqual([null, 2]);
  });

  it('columns that differ in case only, each from its own field', () => {
    const serde = serdeOf({ foo: t.INTEGER, FOO: t.INTEGER });
    expect(serde.deserialize(Buffer.from('{"FOO":1,"foo":2}'))).toEqual([2, 1]);
    expect(serde.deserialize(Buffer.from('{"Foo":3}'))).toEqual([null, 3]);
  });

  it('fields in any order, unknown ones skipped, whatever came before', () => {
    const serde = serdeOf({ A: t.INTEGER, B: t.STRING });
    for (const json of ['{"A":1,"B":"x"}', '{"B":"x","A":1}', ' { "C" : [1,{"D":"}"}] , "B":"x", "A" : 1 } ']) {
      expect(serde.deserialize(Buffer.from(json))).toEqual([1, 'x']);
    }
  });

  it('only the columns that are needed, and still checks the others', () => {
    const serde = serdeOf({ A: t.INTEGER, B: t.INTEGER }, [false, true]);
    expect(serde.deserialize(Buffer.from('{"A":"no number","B":2}'))).toEqual([null, 2]);
    expect(() => serde.deserialize(Buffer.from('{"A":[1,"B":2}'))).toThrow();
  });

  it('bytes that are no JSON without an exception, tells why once, and reads what comes next', () => {
    const list = t.arrayType(t.structType([{ name: 'X', type: t.INTEGER }]));
    const serde = serdeOf({ A: t.INTEGER, B: list, C: t.STRING });
    const decode = (json: string) => {
      const bytes = Buffer.from(`__${json}"}__`);
      const vectors = [[null], [null], [null]];
      return [serde.decode(bytes, 2, bytes.length - 4, vectors, 0), serde.takeFailure(), serde.takeFailure()];
    };
    const failures = {
      '{"A":1,"B': 'JSON ends inside a text',
      '{"A":1,"C":"tex': 'JSON ends inside a text, path: $.C',
      '{"A":1,"C":"t\\': "JSON has an unexpected '\\' at byte 13, path: $.C",
      '{"A":1,"C"': 'JSON ends too early',
      '{"A":1,"C":': 'JSON ends too early',
      '{"A":': 'JSON ends too early',
      '{"A":-': 'JSON ends too early, path: $.A',
      '{"A":012}': "JSON has an unexpected '1' at byte 6, path: $.A",
      '{"A":{}}': "Can't convert type. sourceType: object, requiredType: INTEGER, path: $.A",
      '{"A":1 "C":1}': `JSON has an unexpected '"' at byte 7`,
      '{"B":[{"X":1},{"X":[]}]}': "Can't convert type. sourceType: array, requiredType: INTEGER, path: $.B[1].X",
      '{"B":[{"X":1},': 'JSON ends too early, path: $.B',
      '{"B":[,]}': "JSON has an unexpected ',' at byte 6, path: $.B",
      '{"C":{"D":[1,{': 'JSON ends too early, path: $.C',
      '{"D":{"E":[tru': 'JSON ends too early',
      '{"A":"12x"}': undefined,
      '[]': 'A record must be a JSON object, but got a array, path: $',
      nul: 'JSON ends too early',
      '': 'JSON ends too early',
      '\u0000': undefined,
    };
    for (const [json, failure] of Object.entries(failures)) {
      const [isRow, told, again] = decode(json);
      expect({ json, isRow, told, again }).toEqual({
        json,
        isRow: false,
        told: failure ?? expect.any(String),
        again: undefined,
      });
      expect(decode('{"A":1,"B":[],"C":"x"}')).toEqual([true, undefined, undefined]);
    }
    expect(decode('null')).toEqual([false, undefined, undefined]);
    const bare = jsonFormat.createSerde({ columns: [{ name: 'A', type: t.INTEGER }], isKey: true, info });
    expect([bare.decode(Buffer.from('tru'), 0, 3, [[null]], 0), bare.takeFailure()]).toEqual([
      false,
      "Can't convert type. sourceType: true, requiredType: INTEGER, path: $",
    ]);
    expect([bare.decode(Buffer.from('nul'), 0, 3, [[null]], 0), bare.takeFailure()]).toEqual([
      false,
      'JSON ends too early',
    ]);
  });

  it('numbers from text and fractions, wrapped to the width of the type', () => {
    expect(read(t.INTEGER, '"12"')).toBe(12);
    expect(read(t.INTEGER, '12.9')).toBe(12);
    expect(read(t.INTEGER, '-12.9')).toBe(-12);
    expect(read(t.INTEGER, '1.2e1')).toBe(12);
    expect(read(t.BIGINT, '9007199254740993')).toBe(9007199254740993n);
    expect(read(t.BIGINT, '"-9223372036854775808"')).toBe(-9223372036854775808n);
    expect(read(t.DOUBLE, '"1.5"')).toBe(1.5);
    expect(read(t.DOUBLE, '1')).toBe(1);
    expect(() => read(t.INTEGER, '"1.5"')).toThrow('path: $.A');
  });

  it('every number as exactly as its text', () => {
    const texts = ['0', '-0', '-0.0', '0.1', '123456.789', '-1.005', '99999999999999.9', '0.000000000000001'];
    texts.push(
      '123456789012345',
      '1234567890123456',
      '0.30000000000000004',
      '1.7976931348623157e308',
      '1E-7',
      '5e-324',
    );
    for (const text of texts) expect(read(t.DOUBLE, text)).toBe(Number(text) + 0);
    expect(read(t.INTEGER, '99999999999999.9')).toBe(Math.trunc(99999999999999.9) | 0);
    expect(read(t.BIGINT, '-0')).toBe(0);
    for (const text of ['-', '1.', '.5', '01', '-01', '1e', '1.e5']) expect(() => read(t.DOUBLE, text)).toThrow();
  });

  it('no number that is absurdly long or large', () => {
    const long = '9'.repeat(100_000);
    for (const type of [t.INTEGER, t.BIGINT, t.decimalType(38, 0)]) {
      expect(() => read(type, long)).toThrow('longer');
      expect(() => read(type, `"${long}"`)).toThrow('longer');
      expect(() => read(type, '1e999999999')).toThrow('exponent');
    }
  });

  it('decimals only when they fit exactly', () => {
    expect(read(t.decimalType(4, 2), '1.1')).toEqual(new Decimal(110n, 2));
    expect(read(t.decimalType(4, 2), '"1.10"')).toEqual(new Decimal(110n, 2));
    expect(() => read(t.decimalType(4, 2), '1.111')).toThrow('path: $.A');
    expect(() => read(t.decimalType(4, 2), '111.1')).toThrow('path: $.A');
  });

  it('any JSON as STRING', () => {
    expect(read(t.STRING, '"a\\u00e4\\n\\"\\/"')).toBe('aä\n"/');
    expect(read(t.STRING, '12')).toBe('12');
    expect(read(t.STRING, '1.10')).toBe('1.10');
    expect(read(t.STRING, '1e5')).toBe('1E+5');
    expect(read(t.STRING, '0.0000001')).toBe('1E-7');
    expect(read(t.STRING, 'true')).toBe('true');
    expect(read(t.STRING, '{ "b" : [ 1, null, "x\\ty" ] }')).toBe('{"b":[1,null,"x\\ty"]}');
  });

  it('nothing but true and false as BOOLEAN', () => {
    expect(read(t.BOOLEAN, 'true')).toBe(true);
    expect(() => read(t.BOOLEAN, '"true"')).toThrow('path: $.A');
    expect(() => read(t.BOOLEAN, '1')).toThrow('path: $.A');
  });

  it('null anywhere, and as a whole row', () => {
    expect(read(t.structType([{ name: 'X', type: t.arrayType(t.INTEGER) }]), '{"X":[null]}')).toEqual([[null]]);
    expect(serdeOf({ A: t.INTEGER }).deserialize(Buffer.from('null'))).toBeNull();
  });

  it('the object at the start of a record, whatever stands behind it', () => {
    expect(serdeOf({ A: t.INTEGER }).deserialize(Buffer.from('{"A":1} trailing'))).toEqual([1]);
  });

  it('nothing else, and says where', () => {
    const nested = t.structType([{ name: 'B', type: t.arrayType(t.INTEGER) }]);
    expect(() => read(nested, '{"B":[1,"x"]}')).toThrow('path: $.A.B[1]');
    expect(() => serdeOf({ A: t.INTEGER }).deserialize(Buffer.from('[1]'))).toThrow('path: $');
    expect(() => serdeOf({ A: t.INTEGER }).deserialize(Buffer.from([0, 0, 0, 0, 1]))).toThrow('JSON_SR');
    expect(() => serdeOf({ A: t.STRING }).deserialize(Buffer.from(`{"A":${'['.repeat(5000)}`))).toThrow('deeper');
    expect(() => serdeOf({ A: t.INTEGER }).deserialize(Buffer.from('{"B":01}'))).toThrow();
  });
});

describe('JSON writes', () => {
  it('every column in order, nulls explicit', () => {
    const serde = serdeOf({ A: t.INTEGER, B: t.STRING });
    expect(Buffer.from(serde.serialize([null, 'x'])!).toString()).toBe('{"A":null,"B":"x"}');
  });

  it('numbers as Java spells them', () => {
    expect(write(t.DOUBLE, 1)).toBe('{"A":1.0}');
    expect(write(t.DOUBLE, 1e10)).toBe('{"A":1.0E10}');
    expect(write(t.DOUBLE, NaN)).toBe('{"A":"NaN"}');
    expect(write(t.decimalType(5, 3), new Decimal(1100n, 3))).toBe('{"A":1.100}');
    expect(write(t.BIGINT, 9223372036854775807n)).toBe('{"A":9223372036854775807}');
  });

  it('a single unwrapped column bare', () => {
    const serde = jsonFormat.createSerde({
      columns: [{ name: 'A', type: t.STRING }],
      isKey: false,
      info: { ...info, wrapping: 'UNWRAP_SINGLES' },
    });
    expect(Buffer.from(serde.serialize(['x'])!).toString()).toBe('"x"');
    expect(serde.serialize([null])).toBeNull();
    expect(serde.deserialize(Buffer.from('"x"'))).toEqual(['x']);
  });

  it('no map whose keys are not texts', () => {
    const columns = [{ name: 'A', type: t.arrayType(t.mapType(t.INTEGER, t.STRING)) }];
    expect(() => jsonFormat.validate({ columns, isKey: false, info })).toThrow("'A'");
  });
});
