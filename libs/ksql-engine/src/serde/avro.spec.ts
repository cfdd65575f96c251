import { describe, expect, it } from '@jest/globals';
import avsc from 'avsc';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import * as t from '../types/sql-type.js';
import { avroFormat } from './avro.js';
import type { InferenceOptions, RegistryCodec } from './registry-codec.js';
import { GrowingSchemaTable } from './schema-table.js';

const codec = avroFormat.registry as RegistryCodec;
const info: FormatInfo = { format: 'AVRO', properties: {} };
const value: InferenceOptions = { isKey: false, isById: false, info };
const columnsOf = (schema: unknown, options: InferenceOptions = value): readonly Column[] =>
  codec.columnsOf({ id: 1, type: 'AVRO', text: JSON.stringify(schema), references: [] }, options).columns;
const record = (name: string, ...fields: readonly (readonly [string, unknown])[]): unknown => ({
  type: 'record',
  name,
  fields: fields.map(([field, type]) => ({ name: field, type })),
});

describe('columns of an Avro schema', () => {
  it('are the fields of the value in upper case, or as they are spelled where the id was given', () => {
    const schema = record('R', ['c1', 'int'], ['inner', record('I', ['f1', 'float'])]);
    const upper = [
      { name: 'C1', type: t.INTEGER },
      { name: 'INNER', type: t.structType([{ name: 'F1', type: t.DOUBLE }]) },
    ];
    expect(columnsOf(schema)).toEqual(upper);
    expect(columnsOf(schema, { ...value, isById: true })).toEqual([
      { name: 'c1', type: t.INTEGER },
      { name: 'inner', type: t.structType([{ name: 'f1', type: t.DOUBLE }]) },
    ]);
  });

  it('are one, whatever it is, of a key and of a value that is not wrapped', () => {
    const schema = record('R', ['a', 'string']);
    const struct = t.structType([{ name: 'A', type: t.STRING }]);
    expect(columnsOf(schema, { ...value, isKey: true })).toEqual([{ name: 'ROWKEY', type: struct }]);
    expect(columnsOf('long', { ...value, isKey: true })).toEqual([{ name: 'ROWKEY', type: t.BIGINT }]);
    const bare: InferenceOptions = { ...value, info: { ...info, wrapping: 'UNWRAP_SINGLES' } };
    expect(columnsOf(schema, bare)).toEqual([{ name: 'ROWVAL', type: struct }]);
    expect(() => columnsOf('long')).toThrow('Set WRAP_SINGLE_VALUE=false');
    expect(() => columnsOf('null', bare)).toThrow('a type that no column can have');
  });

  it('have the SQL type that their values are read as', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal' };
    const entry = {
      ...(record('E', ['key', 'string'], ['value', 'int']) as object),
      'connect.internal.type': 'MapEntry',
    };
    const types = (type: unknown): t.SqlType | undefined => columnsOf(record('R', ['a', type], ['b', 'int']))[0]?.type;
    expect(types({ ...decimal, precision: 4, scale: 2 })).toEqual(t.decimalType(4, 2));
    expect(types({ ...decimal, scale: 2 })).toEqual(t.decimalType(64, 2));
    expect(types({ ...decimal, precision: 2, scale: 4 })).toEqual(t.BYTES);
    expect(types({ type: 'long', 'connect.name': 'org.apache.kafka.connect.data.Timestamp' })).toEqual(t.TIMESTAMP);
    expect(types({ type: 'long', logicalType: 'timestamp-micros' })).toEqual(t.BIGINT);
    expect(types({ type: 'int', logicalType: 'timestamp-millis' })).toEqual(t.INTEGER);
    expect(types({ type: 'array', items: ['null', entry] })).toEqual(
      t.arrayType(
        t.structType([
          { name: 'KEY', type: t.STRING },
          { name: 'VALUE', type: t.INTEGER },
        ]),
      ),
    );
    expect(types({ type: 'array', items: entry })).toEqual(t.mapType(t.STRING, t.INTEGER));
    expect(types(['null', 'int', { type: 'enum', name: 'com.Suit', symbols: ['A'] }])).toEqual(
      t.structType([
        { name: 'INT', type: t.INTEGER },
        { name: 'SUIT', type: t.STRING },
      ]),
    );
    // What has no type is left out.
    expect(types('null')).toEqual(t.INTEGER);
  });

  it('are refused where a record contains itself, or has more parts than memory', () => {
    expect(() => columnsOf(record('R', ['next', ['null', 'R']]))).toThrow('The Avro record R contains itself');
    let type: unknown = record('R0', ['a', 'int'], ['b', 'int']);
    for (let i = 1; i < 30; i++) type = record(`R${i}`, ['a', type], ['b', `R${i - 1}`]);
    expect(() => columnsOf(type)).toThrow('more than 10000 fields');
  });
});

describe('the Avro schema of columns', () => {
  const schemaOf = (columns: readonly Column[], isKey = false, properties = {}): unknown =>
    JSON.parse(codec.schemaOf({ columns, isKey, info: { ...info, properties } }).text);

  it('is a record whose fields may be null, with the names that ksqlDB gives', () => {
    const struct = t.structType([{ name: 'F1', type: t.structType([{ name: 'F2', type: t.DATE }]) }]);
    const fullSchemaName = 'io.confluent.ksql.avro_schemas.OutputKey';
    expect(schemaOf([{ name: 'K', type: struct }], true, { fullSchemaName })).toEqual({
      type: 'record',
      name: 'OutputKey',
      namespace: 'io.confluent.ksql.avro_schemas',
      fields: [
        {
          name: 'F1',
          type: [
            'null',
            {
              type: 'record',
              name: 'OutputKey_F1',
              fields: [
                {
                  name: 'F2',
                  type: [
                    'null',
                    {
                      type: 'int',
                      'connect.version': 1,
                      'connect.name': 'org.apache.kafka.connect.data.Date',
                      logicalType: 'date',
                    },
                  ],
                  default: null,
                },
              ],
              'connect.name': `${fullSchemaName}_F1`,
            },
          ],
          default: null,
        },
      ],
      'connect.name': fullSchemaName,
    });
    expect(schemaOf([{ name: 'A', type: t.INTEGER }])).toMatchObject({
      name: 'KsqlDataSourceSchema',
      fields: [{ name: 'A', type: ['null', 'int'], default: null }],
    });
  });

  it('has no name twice, whatever the columns are called', () => {
    const struct = (name: string, type: t.SqlType): t.SqlType => t.structType([{ name, type }]);
    const columns = [
      { name: 'A', type: struct('B', struct('C', t.INTEGER)) },
      { name: 'A_B', type: struct('C', t.STRING) },
      { name: 'A_B_2', type: t.mapType(t.STRING, t.STRING) },
    ];
    const schema = { ...codec.schemaOf({ columns, isKey: false, info }), id: 1, references: [] };
    expect(codec.columnsOf(schema, value).columns).toEqual(columns);
  });

  it('is the bare type of a single key column', () => {
    expect(schemaOf([{ name: 'K', type: t.arrayType(t.DOUBLE) }], true)).toEqual({
      type: 'array',
      items: ['null', 'double'],
    });
  });

  it('is refused for names and types that Avro has not', () => {
    const validate = (name: string, type: t.SqlType, properties = {}) =>
      avroFormat.validate({ columns: [{ name, type }], isKey: false, info: { ...info, properties } });
    expect(() => validate('a-b', t.STRING)).toThrow('Illegal character in: a-b');
    expect(() => validate('A', t.arrayType(t.structType([{ name: 'ä', type: t.STRING }])))).toThrow('ä');
    expect(() => validate('A', t.mapType(t.INTEGER, t.STRING))).toThrow('Avro only supports MAPs with STRING keys');
    expect(() => validate('A', t.STRING, { fullSchemaName: '1.b' })).toThrow("'1.b' is no name");
  });
});

describe('records of several versions of a schema', () => {
  const versions = [
    record('R', ['city', 'string'], ['temp', 'int']),
    record('R', ['temp', ['null', 'double']], ['unit', 'string'], ['city', 'string']),
    record('R', ['city', ['null', 'string']]),
  ];
  const schemas = new GrowingSchemaTable();
  versions.forEach((schema, i) =>
    schemas.add(i + 1, { id: i + 1, type: 'AVRO', text: JSON.stringify(schema), references: [] }),
  );
  const columns = [
    { name: 'TEMP', type: t.DOUBLE },
    { name: 'CITY', type: t.STRING },
  ];
  const serde = avroFormat.createSerde({ columns, isKey: false, info, schemas });
  const read = (id: number, value: unknown) =>
    serde.deserialize(
      Buffer.concat([
        Buffer.from([0, 0, 0, 0, id]),
        avsc.Type.forSchema(versions[id - 1] as avsc.Schema).toBuffer(value),
      ]),
    );

  it('are each read by their own, in any order, into the same columns', () => {
    for (let round = 0; round < 2; round++) {
      expect(read(1, { city: 'Oslo', temp: 4 })).toEqual([4, 'Oslo']);
      expect(read(3, { city: null })).toEqual([null, null]);
      expect(read(2, { temp: 4.5, unit: 'C', city: 'Bergen' })).toEqual([4.5, 'Bergen']);
    }
  });
});
