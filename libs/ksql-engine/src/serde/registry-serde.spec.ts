import { describe, expect, it } from '@jest/globals';
import type { RegisteredSchema, SchemaType } from '../ports/schema-registry.js';
import { INTEGER } from '../types/sql-type.js';
import type { RegistryCodec } from './registry-codec.js';
import { registryFormat } from './registry-serde.js';
import { GrowingSchemaTable } from './schema-table.js';

const schema = (id: number, type: SchemaType = 'AVRO', text = `schema ${id}`): RegisteredSchema => ({
  id,
  type,
  text,
  references: [],
});

/** A payload is one byte; a schema of the text `schema N` reads it as N times a hundred and the byte. */
function countingCodec() {
  const compiled: number[] = [];
  const refuse = (): never => {
    throw new Error('not asked for here');
  };
  const codec: RegistryCodec = {
    schemaType: 'AVRO',
    columnsOf: refuse,
    schemaOf: refuse,
    reader: ({ id, text }) => {
      compiled.push(id);
      if (text === 'broken') throw new Error('the text is broken');
      return {
        read(bytes, start, end, vectors, at) {
          if (start === end) return 'ends too soon';
          if (bytes[start] === 0xff) return false;
          const [vector] = vectors;
          if (vector) vector[at] = id * 100 + (bytes[start] as number);
          return true;
        },
      };
    },
    writer: () => ({
      write(vectors, at, writer) {
        writer.byte(Number(vectors[0]?.[at]));
        return true;
      },
    }),
  };
  return { codec, compiled };
}

function serdeOf(schemas: GrowingSchemaTable, written?: RegisteredSchema) {
  const { codec, compiled } = countingCodec();
  const format = registryFormat('AVRO', codec, () => undefined);
  const serde = format.createSerde({
    columns: [{ name: 'A', type: INTEGER }],
    isKey: false,
    info: { format: 'AVRO', properties: {}, schema: written },
    schemas,
  });
  return { serde, compiled };
}

const tableOf = (...schemas: readonly RegisteredSchema[]): GrowingSchemaTable => {
  const table = new GrowingSchemaTable();
  for (const each of schemas) table.add(each.id, each);
  return table;
};

const record = (id: number, ...payload: number[]): Buffer => {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, Buffer.from(payload)]);
};

describe('records that bear the id of a schema', () => {
  it('are read by their own schema each, which is compiled once', () => {
    const { serde, compiled } = serdeOf(tableOf(schema(1), schema(70_000)));
    const read = [record(1, 5), record(70_000, 6), record(1, 7), record(70_000, 8)].map((bytes) =>
      serde.deserialize(bytes),
    );
    expect(read).toEqual([[105], [7_000_006], [107], [7_000_008]]);
    expect(compiled).toEqual([1, 70_000]);
  });

  it('are written behind magic byte and id', () => {
    const { serde } = serdeOf(new GrowingSchemaTable(), schema(258));
    expect([...(serde.serialize([9]) ?? [])]).toEqual([0, 0, 0, 1, 2, 9]);
  });

  it('are read by the schema that is written, whatever the table holds', () => {
    const { serde } = serdeOf(new GrowingSchemaTable(), schema(3));
    expect(serde.deserialize(record(3, 1))).toEqual([301]);
  });

  it('may be a null row', () => {
    expect(serdeOf(tableOf(schema(1))).serde.deserialize(record(1, 0xff))).toBeNull();
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'too short for a record with a schema id: 0 bytes'],
    ['four bytes', Buffer.alloc(4), 'too short'],
    ['text', Buffer.from('{"A":1}'), 'unknown magic byte 123'],
    ['a schema by GUID', Buffer.concat([Buffer.of(1), Buffer.alloc(17)]), 'schemas by GUID are not supported'],
    ['an unknown id', record(8, 1), 'The registry has no schema with id 8'],
    ['an id that nobody asked for', record(9, 1), 'the schema with id 9 was not asked for'],
    ['a schema of another type', record(2, 1), 'the schema with id 2 is of the type PROTOBUF, not AVRO'],
    ['a schema that is none', record(4, 1), 'cannot be read by the schema with id 4: the text is broken'],
    ['a payload cut off', record(1), 'ends too soon'],
  ])('are told why they are none: %s', (_what, bytes, reason) => {
    const table = tableOf(schema(1), schema(2, 'PROTOBUF'), schema(4, 'AVRO', 'broken'));
    table.add(8, 'The registry has no schema with id 8');
    const { serde } = serdeOf(table);
    expect(() => serde.deserialize(bytes)).toThrow(reason);
  });

  it('are read once their id is there, though it was missed before', () => {
    const table = new GrowingSchemaTable();
    const { serde } = serdeOf(table);
    expect(() => serde.deserialize(record(1, 5))).toThrow('was not asked for');
    table.add(1, schema(1));
    expect(serde.deserialize(record(1, 5))).toEqual([105]);
  });

  it('cannot be written where no schema is registered', () => {
    expect(() => serdeOf(new GrowingSchemaTable()).serde.serialize([1])).toThrow('No schema is registered');
  });
});
