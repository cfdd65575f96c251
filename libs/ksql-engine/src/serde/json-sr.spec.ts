import { describe, expect, it } from '@jest/globals';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { RegisteredSchema, ResolvedReference } from '../ports/schema-registry.js';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import type { Row } from '../types/sql-value.js';
import { jsonSrFormat } from './json-sr.js';
import type { InferenceOptions, RegistryCodec } from './registry-codec.js';

const codec = jsonSrFormat.registry as RegistryCodec;
const info: FormatInfo = { format: 'JSON_SR', properties: {} };
const byName: InferenceOptions = { isKey: false, isById: true, info };
const registered = (schema: unknown, references: readonly ResolvedReference[] = []): RegisteredSchema => ({
  id: 1,
  type: 'JSON',
  text: JSON.stringify(schema),
  references,
});
const columnsOf = (
  schema: unknown,
  options = byName,
  references: readonly ResolvedReference[] = [],
): readonly Column[] => codec.columnsOf(registered(schema, references), options).columns;
const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });
const column = (name: string, type: t.SqlType): Column => ({ name, type });

const serdeOf = (schema: unknown, columns: readonly Column[], isKey = false) =>
  jsonSrFormat.createSerde({ columns, isKey, info: { ...info, schema: registered(schema) } });
const written = (schema: unknown, columns: readonly Column[], row: Row, isKey = false): string =>
  Buffer.from(serdeOf(schema, columns, isKey).serialize(row) ?? [])
    .subarray(5)
    .toString();

describe('columns of a JSON schema', () => {
  it('are its properties by their index, in upper case unless the id was given', () => {
    const schema = object({
      b: { 'connect.index': 1, oneOf: [{ type: 'null' }, { type: 'integer', 'connect.type': 'int32' }] },
      a: { 'connect.index': 0, type: 'integer' },
    });
    expect(columnsOf(schema)).toEqual([column('a', t.BIGINT), column('b', t.INTEGER)]);
    expect(columnsOf(schema, { ...byName, isById: false })).toEqual([column('A', t.BIGINT), column('B', t.INTEGER)]);
    expect(columnsOf(schema, { ...byName, isKey: true })).toEqual([
      column('ROWKEY', t.structType([column('a', t.BIGINT), column('b', t.INTEGER)])),
    ]);
  });

  it('have the SQL type that their values are read as', () => {
    const typeOf = (schema: object): t.SqlType | undefined =>
      columnsOf(object({ a: schema, z: { type: 'boolean' } }))[0]?.type;
    const connect = 'org.apache.kafka.connect.data';
    expect(typeOf({ type: 'number' })).toEqual(t.DOUBLE);
    expect(typeOf({ type: ['string', 'null'] })).toEqual(t.STRING);
    expect(typeOf({ enum: ['a', 'b'] })).toEqual(t.STRING);
    expect(typeOf({ type: 'string', 'connect.type': 'bytes' })).toEqual(t.BYTES);
    expect(typeOf({ type: 'integer', title: `${connect}.Time` })).toEqual(t.TIME);
    expect(typeOf({ type: 'number', title: `${connect}.Decimal`, 'connect.parameters': { scale: '2' } })).toEqual(
      t.decimalType(64, 2),
    );
    expect(typeOf({ type: 'object', additionalProperties: { type: 'integer' } })).toEqual(
      t.mapType(t.STRING, t.BIGINT),
    );
    expect(typeOf({ type: 'array', items: { type: 'string' } })).toEqual(t.arrayType(t.STRING));
    expect(typeOf({ oneOf: [{ type: 'string' }, { type: 'integer' }] })).toEqual(
      t.structType([column('connect_union_field_0', t.STRING), column('connect_union_field_1', t.BIGINT)]),
    );
    expect(typeOf({ allOf: [object({ x: { type: 'string' } }), object({ y: { type: 'boolean' } })] })).toEqual(
      t.structType([column('x', t.STRING), column('y', t.BOOLEAN)]),
    );
    // What has no type is left out.
    expect(typeOf({})).toEqual(t.BOOLEAN);
  });

  it('are what a schema says itself and what others say that it names', () => {
    const [a, b] = [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'integer' } } }];
    const both = [column('a', t.STRING), column('b', t.BIGINT)];
    expect(columnsOf({ type: 'object', ...a, allOf: [b] })).toEqual(both);
    expect(columnsOf({ type: ['object', 'null'], ...a, allOf: [b] })).toEqual(both);
    expect(columnsOf({ allOf: [a, b, { properties: { a: { type: 'boolean' } } }] })).toEqual(both);
    expect(columnsOf({ type: 'object', ...a, oneOf: [{ required: ['a'] }, b] })).toEqual(both);
    const text = [column('v', t.STRING), column('w', t.BIGINT)];
    const oneIs = (schema: object): readonly Column[] => columnsOf(object({ v: schema, w: { type: 'integer' } }));
    expect(oneIs({ type: 'string', allOf: [{ pattern: '^a' }] })).toEqual(text);
    expect(oneIs({ type: 'string', anyOf: [{ format: 'date' }, { format: 'time' }] })).toEqual(text);
    expect(columnsOf(object({ a: { type: 'string' }, z: false }))).toEqual([column('a', t.STRING)]);
    expect(columnsOf(object({ m: object({}, { additionalProperties: { type: 'integer' } }) }))).toEqual([
      column('m', t.mapType(t.STRING, t.BIGINT)),
    ]);
  });

  it('come by the names that texts and their parts give themselves', () => {
    const named = { plain: { $anchor: 'whole', type: 'integer' }, older: { $id: '#text', type: 'string' } };
    const properties = {
      a: { $ref: '#whole' },
      b: { $ref: '#text' },
      c: { $ref: 'http://isobar/all.json#/$defs/older' },
      d: { $ref: 'http://isobar/other.json' },
    };
    const other = { name: 'other.json', text: '{"$id":"http://isobar/other.json","type":"boolean"}' };
    const schema = { $id: 'http://isobar/all.json#', type: 'object', properties, $defs: named };
    expect(columnsOf(schema, byName, [other])).toEqual([
      column('a', t.BIGINT),
      column('b', t.STRING),
      column('c', t.STRING),
      column('d', t.BOOLEAN),
    ]);
    expect(() => columnsOf(object({ a: { $ref: '#nothing' } }))).toThrow(
      'refers to #nothing, which it does not define',
    );
  });

  it('do not double with every level of what must all be met', () => {
    const definitions: Record<string, unknown> = { l0: { properties: { a: { type: 'string' } } } };
    for (let level = 1; level <= 60; level++) {
      const below = { $ref: `#/definitions/l${level - 1}` };
      definitions[`l${level}`] = { allOf: [below, below] };
    }
    expect(columnsOf({ $ref: '#/definitions/l60', definitions })).toEqual([column('a', t.STRING)]);
  });

  it('come by references of the same text and of others', () => {
    const schema = object(
      { own: { $ref: '#/definitions/own' }, other: { $ref: 'other.json#/$defs/a~1b' } },
      { definitions: { own: { type: 'boolean' } } },
    );
    const other = { name: 'other.json', text: '{"$defs":{"a/b":{"type":"string"}}}' };
    expect(columnsOf(schema, byName, [other])).toEqual([column('own', t.BOOLEAN), column('other', t.STRING)]);
    expect(() => columnsOf(schema)).toThrow('other.json#/$defs/a~1b, which is not registered with it');
    expect(() => columnsOf(object({ a: { $ref: '#/gone' } }))).toThrow('#/gone, which it does not define');
  });

  it('are refused where a type contains itself, or is none', () => {
    expect(() => columnsOf(object({ next: { $ref: '#' } }))).toThrow('a type that contains itself');
    expect(() => columnsOf({ $ref: '#' })).toThrow('which refers to itself');
    expect(() => columnsOf({ allOf: [{ $ref: '#' }] })).toThrow('which refers to itself');
    expect(() => columnsOf({ type: 'string' })).toThrow('Set WRAP_SINGLE_VALUE=false');
    expect(() => columnsOf({ type: 'text' })).toThrow('no type "text"');
  });
});

describe('writing with a JSON schema', () => {
  it('spells names as the schema does and fills what no column has', () => {
    const schema = object(
      {
        id: { type: 'integer' },
        note: { type: 'string' },
        unit: { type: 'string', default: 'C' },
        n: { type: ['null', 'string'] },
      },
      { required: ['id'] },
    );
    expect(written(schema, [column('ID', t.INTEGER), column('NOTE', t.STRING)], [1, null])).toBe(
      '{"id":1,"unit":"C","n":null}',
    );
    // A default is for what no column fills; a column that is null is null.
    expect(written(schema, [column('ID', t.INTEGER), column('UNIT', t.STRING)], [1, null])).toBe('{"id":1,"n":null}');
    expect(() => written(schema, [column('NOTE', t.STRING), column('N', t.STRING)], ['x', 'y'])).toThrow(
      "the property 'id' is required by the schema and has no default, but no column fills it, path: $.id",
    );
    expect(() => written(schema, [column('ID', t.INTEGER), column('N', t.STRING)], [null, 'y'])).toThrow('path: $.id');
  });

  it('takes only what the schema allows', () => {
    const schema = object({ a: { type: 'string', enum: ['x'] }, b: { type: 'boolean' } });
    expect(() => written(schema, [column('A', t.STRING), column('B', t.BOOLEAN)], ['y', true])).toThrow(
      "'y' is none of the values that the schema allows, path: $.a",
    );
    expect(() => written(schema, [column('A', t.STRING), column('B', t.STRING)], ['x', 'true'])).toThrow(
      'cannot write STRING as the JSON type boolean',
    );
  });

  it('spells maps as the schema has them, and reads both spellings', () => {
    const columns = [column('M', t.mapType(t.STRING, t.INTEGER)), column('N', t.INTEGER)];
    const row: Row = [new Map([['k', 1]]), 2];
    const own = codec.schemaOf({ columns, isKey: false, info }).text;
    const asObject = object({
      M: { type: 'object', additionalProperties: { type: 'integer' } },
      N: { type: 'integer' },
    });
    expect(written(JSON.parse(own), columns, row)).toBe('{"M":[{"key":"k","value":1}],"N":2}');
    expect(written(asObject, columns, row)).toBe('{"M":{"k":1},"N":2}');
    for (const schema of [JSON.parse(own) as unknown, asObject]) {
      const serde = serdeOf(schema, columns);
      expect(serde.deserialize(serde.serialize(row))).toEqual(row);
    }
  });

  it('has a STRUCT for a value of one of several types, both ways', () => {
    const inner = object({ x: { type: 'boolean' } });
    const of = ['string', 'integer', 'number'].map((type) => ({ type }));
    const schema = object({ u: { oneOf: [{ type: 'null' }, ...of, inner] }, n: { type: 'string' } });
    const columns = columnsOf(schema);
    const serde = serdeOf(schema, columns);
    for (const [text, row] of [
      ['{"u":"a","n":"b"}', [['a', null, null, null], 'b']],
      ['{"u":5,"n":"b"}', [[null, 5, null, null], 'b']],
      ['{"u":5.5,"n":"b"}', [[null, null, 5.5, null], 'b']],
      ['{"u":{"x":true},"n":"b"}', [[null, null, null, [true]], 'b']],
      ['{"u":null,"n":"b"}', [null, 'b']],
    ] as const) {
      expect(serde.deserialize(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from(text)]))).toEqual(row);
      expect(written(schema, columns, row)).toBe(text);
    }
    expect(() => serde.deserialize(Buffer.from('\0\0\0\0\x01{"u":[],"n":"b"}'))).toThrow('path: $.u');
    expect(() => written(schema, columns, [['a', 1, null, null], 'b'])).toThrow(
      'must have one field that is not NULL, but has 2',
    );
  });

  it('writes a single key bare, with the number as it is', () => {
    const columns = [column('K', t.decimalType(4, 2))];
    const { text } = codec.schemaOf({ columns, isKey: true, info });
    expect(written(JSON.parse(text), columns, [new Decimal(1500n, 2)], true)).toBe('15.00');
  });
});
