import { describe, expect, it } from '@jest/globals';
import protobuf from 'protobufjs';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { RegisteredSchema, ResolvedReference } from '../ports/schema-registry.js';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import { normalizeBigint, type Row, type SqlValue } from '../types/sql-value.js';
import { protobufFormat } from './protobuf.js';
import type { InferenceOptions, RegistryCodec } from './registry-codec.js';

const codec = protobufFormat.registry as RegistryCodec;
const info: FormatInfo = { format: 'PROTOBUF', properties: {} };
const byId: InferenceOptions = { isKey: false, isById: true, info };
const column = (name: string, type: t.SqlType): Column => ({ name, type });
const proto3 = (body: string): string => `syntax = "proto3";\n${body}`;
const registered = (text: string, references: readonly ResolvedReference[] = []): RegisteredSchema => ({
  id: 1,
  type: 'PROTOBUF',
  text,
  references,
});
const columnsOf = (text: string, options = byId, references: readonly ResolvedReference[] = []): readonly Column[] =>
  codec.columnsOf(registered(text, references), options).columns;

const HEADER = [0, 0, 0, 0, 1];
function serdeOf(text: string, columns: readonly Column[], properties: Readonly<Record<string, string>> = {}) {
  const serde = protobufFormat.createSerde({
    columns,
    isKey: false,
    info: { ...info, properties, schema: registered(text) },
  });
  return {
    /** Of the bytes behind the id. */
    read: (...bytes: readonly number[]) => serde.deserialize(Buffer.from([...HEADER, ...bytes])),
    write: (row: Row): number[] => [...(serde.serialize(row) ?? [])].slice(HEADER.length),
  };
}

/** 64 bits as protobufjs has them. */
const long = (value: bigint, isUnsigned: boolean): unknown =>
  new protobuf.util.Long(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), isUnsigned);
const WHOLE_32 = [0, 1, -1, 127, 128, 2147483647, -2147483648];
const UNSIGNED_32 = [0, 1, 128, 2147483648, 4294967295];
const WHOLE_64 = [0n, 1n, -1n, 1n << 33n, -(1n << 33n), (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n)];
const SCALARS: readonly (readonly [
  name: string,
  type: t.SqlType,
  values: readonly (number | bigint | string | boolean)[],
])[] = [
  ['bool', t.BOOLEAN, [true, false]],
  ['string', t.STRING, ['', 'grün €😀', 'x'.repeat(300)]],
  ['double', t.DOUBLE, [0, -0.5, 5e-324, Infinity]],
  ['float', t.DOUBLE, [0, -0.5, 1024.25]],
  ...(['int32', 'sint32', 'sfixed32'] as const).map((name) => [name, t.INTEGER, WHOLE_32] as const),
  ...(['uint32', 'fixed32'] as const).map((name) => [name, t.BIGINT, UNSIGNED_32] as const),
  ...(['int64', 'sint64', 'sfixed64', 'uint64', 'fixed64'] as const).map((name) => [name, t.BIGINT, WHOLE_64] as const),
];

describe('the PROTOBUF codec beside protobufjs', () => {
  it.each(SCALARS)('reads and writes %s, alone, in lists and in maps', (name, type, values) => {
    const text = proto3(
      `message M { ${name} a = 1; repeated ${name} b = 200; repeated ${name} c = 3 [packed = false]; map<string, ${name}> d = 5000; optional ${name} e = 7; }`,
    );
    const peer = protobuf.parse(text, { keepCase: true }).root.lookupType('M');
    const columns = ['A', 'B', 'C', 'D', 'E'].map((field, i) =>
      column(field, [type, t.arrayType(type), t.arrayType(type), t.mapType(t.STRING, type), type][i] as t.SqlType),
    );
    const { read, write } = serdeOf(text, columns);
    const isUnsigned = name.startsWith('u') || name === 'fixed64';
    const theirs = (value: unknown): unknown => (typeof value === 'bigint' ? long(value, isUnsigned) : value);
    const ours = (value: number | bigint | string | boolean): SqlValue =>
      typeof value === 'bigint' ? normalizeBigint(value) : value;
    for (const value of values) {
      const message = { a: theirs(value), b: values.map(theirs), c: values.map(theirs), d: { k: theirs(value) } };
      const row = [ours(value), values.map(ours), values.map(ours), new Map([['k', ours(value)]]), null];
      expect(read(0, ...peer.encode(message).finish())).toEqual(row);
      expect(peer.toObject(peer.decode(Buffer.from(write(row).slice(1))))).toEqual(
        peer.toObject(peer.decode(peer.encode(message).finish())),
      );
    }
  });
});

describe('which message a record is', () => {
  const text = proto3(
    'message A { int32 a = 1; message In { int32 b = 1; } } enum E { X = 0; } message B { int32 c = 9; }',
  );
  const columns = [column('A', t.INTEGER), column('B', t.INTEGER), column('C', t.INTEGER)];

  it('is told by indexes, of which a single 0 is the first', () => {
    const { read } = serdeOf(text, columns);
    expect(read(0, 8, 5)).toEqual([5, null, null]);
    expect(read(2, 0, 8, 5)).toEqual([5, null, null]);
    expect(read(2, 2, 72, 5)).toEqual([null, null, 5]);
    expect(read(4, 0, 0, 8, 5)).toEqual([null, 5, null]);
  });

  it('is no crash where there is none', () => {
    const { read } = serdeOf(text, columns);
    expect(() => read(2, 4, 8, 5)).toThrow('no message at the indexes 2');
    expect(() => read(2, 1, 8, 5)).toThrow('no message at the indexes -1');
    expect(() => read(0xfe, 0xff, 0xff, 0xff, 0xf, 1)).toThrow('by 2147483647 indexes');
    expect(() => read(2)).toThrow('ends too early');
    expect(() => read()).toThrow('ends too early');
  });

  it('is the one whose full name was given, for columns and for writing', () => {
    const properties = { fullSchemaName: 'A.In' };
    expect(columnsOf(text, { ...byId, info: { ...info, properties } })).toEqual([column('b', t.INTEGER)]);
    expect(serdeOf(text, [column('B', t.INTEGER)], properties).write([5])).toEqual([4, 0, 0, 8, 5]);
    const missing = { ...byId, info: { ...info, properties: { fullSchemaName: 'E' } } };
    expect(() => columnsOf(text, missing)).toThrow('no message E, only A, A.In, B');
  });
});

describe('columns of a message', () => {
  it('are its fields, in upper case unless the id was given', () => {
    const text = proto3(
      'message M { Suit suit = 1; enum Suit { HEARTS = 0; } In inner = 2; message In { float f = 1; } }',
    );
    expect(columnsOf(text)).toEqual([column('suit', t.STRING), column('inner', t.structType([column('f', t.DOUBLE)]))]);
    expect(columnsOf(text, { ...byId, isById: false, isKey: true })).toEqual([
      column('SUIT', t.STRING),
      column('INNER', t.structType([column('F', t.DOUBLE)])),
    ]);
  });

  it('know the messages that stand for values', () => {
    const text = proto3(`
      import "google/protobuf/timestamp.proto"; import "google/type/date.proto"; import public "confluent/type/decimal.proto";
      message M {
        google.protobuf.Timestamp at = 1;
        google.type.Date day = 2;
        google.type.TimeOfDay time = 3;
        confluent.type.Decimal price = 4 [(confluent.field_meta) = { params: [ { key: "precision", value: "6" }, { key: "scale" value: "2" } ] }];
        .google.protobuf.StringValue note = 5;
        repeated google.protobuf.Int64Value counts = 6;
        google.protobuf.Any any = 7;
        map<int32, string> numbered = 8;
        map<string, double> named = 9;
      }`);
    expect(columnsOf(text)).toEqual([
      column('at', t.TIMESTAMP),
      column('day', t.DATE),
      column('time', t.TIME),
      column('price', t.decimalType(6, 2)),
      column('note', t.STRING),
      column('counts', t.arrayType(t.BIGINT)),
      column('named', t.mapType(t.STRING, t.DOUBLE)),
    ]);
    expect(codec.columnsOf(registered(text), byId).properties).toEqual({ unwrapPrimitives: 'true' });
  });

  it('find types from the inside out, and in what is imported', () => {
    const event = {
      name: 'event.proto',
      text: proto3('package acme; message Event { int64 at = 1; } message In { string wrong = 1; }'),
    };
    const text = proto3(
      'package acme.inner; import "event.proto"; message M { In a = 1; acme.Event b = 2; Event c = 3; message In { bool right = 1; } }',
    );
    const at = t.structType([column('at', t.BIGINT)]);
    expect(columnsOf(text, byId, [event])).toEqual([
      column('a', t.structType([column('right', t.BOOLEAN)])),
      column('b', at),
      column('c', at),
    ]);
  });

  it('have a STRUCT for fields of which one is there at most', () => {
    const text = proto3(
      'message M { int32 id = 1; oneof place { string city = 2; Point point = 3; } message Point { double lat = 1; } }',
    );
    const place = t.structType([column('city', t.STRING), column('point', t.structType([column('lat', t.DOUBLE)]))]);
    const columns = columnsOf(text);
    expect(columns).toEqual([column('place_0', place), column('id', t.INTEGER)]);
    const { read, write } = serdeOf(text, columns);
    for (const row of [
      [['', null], 1],
      [[null, [0.5]], 2],
      [null, 3],
    ]) {
      expect(read(...write(row))).toEqual(row);
    }
    expect(() => write([['a', [1]], 1])).toThrow('more than one field that is not NULL, path: $.place_0');
    // A column of the name of one of them reads it alone.
    expect(serdeOf(text, [column('CITY', t.STRING)]).read(0, 18, 1, 0x61)).toEqual(['a']);
  });

  it('are refused where a message contains itself, or there is none', () => {
    expect(() => columnsOf(proto3('message M { M next = 1; }'))).toThrow('The message M contains itself');
    expect(() => columnsOf(proto3('enum E { A = 0; }'))).toThrow('has no message');
  });
});

describe('reading and writing by names', () => {
  const text = proto3('message M { int32 temp = 3; Suit suit = 4; enum Suit { HEARTS = 0; SPADES = 2; } }');

  it('finds fields in any case, wherever they stand, and leaves others alone', () => {
    expect(serdeOf(text, [column('GONE', t.STRING), column('TEMP', t.BIGINT)]).read(0, 24, 5, 32, 2)).toEqual([
      null,
      5,
    ]);
  });

  it('converts to wider types and to text, and nothing else', () => {
    expect(serdeOf(text, [column('TEMP', t.DOUBLE)]).read(0, 24, 5)).toEqual([5]);
    expect(serdeOf(text, [column('TEMP', t.STRING)]).read(0, 24, 5)).toEqual(['5']);
    expect(serdeOf(text, [column('TEMP', t.decimalType(4, 2))]).read(0, 24, 5)).toEqual([new Decimal(500n, 2)]);
    const wrong = serdeOf(text, [column('TEMP', t.BOOLEAN)]);
    expect(() => wrong.read(0, 24, 5)).toThrow('Cannot convert the protobuf type int32 to BOOLEAN, path: $.TEMP');
    expect(wrong.read(0)).toEqual([null]);
    expect(() => serdeOf(text, [column('TEMP', t.STRING)]).write(['5'])).toThrow(
      "cannot write STRING as the field 'temp' of the type int32",
    );
    expect(() => serdeOf(text, [column('TEMP', t.BIGINT)]).write([2147483648])).toThrow(
      '2147483648 does not fit the type int32',
    );
  });

  it('has names of enums in SQL and numbers in bytes', () => {
    const { read, write } = serdeOf(text, [column('SUIT', t.STRING)]);
    expect(write(['SPADES'])).toEqual([0, 32, 2]);
    expect(read(0, 32, 2)).toEqual(['SPADES']);
    expect(read(0)).toEqual(['HEARTS']);
    expect(read(0, 32, 7)).toEqual(['UNKNOWN_ENUM_VALUE_M.Suit_7']);
    expect(() => write(['CLUBS'])).toThrow("'CLUBS' is no name of the enum M.Suit, path: $.SUIT");
  });

  it('writes a key of one column as a message, and one that is NULL as nothing', () => {
    const columns = [column('K', t.INTEGER)];
    const schema = { ...codec.schemaOf({ columns, isKey: true, info }), id: 1, references: [] };
    const serde = protobufFormat.createSerde({ columns, isKey: true, info: { ...info, schema } });
    expect([...(serde.serialize([5]) ?? [])]).toEqual([...HEADER, 0, 8, 5]);
    expect(serde.serialize([null])).toBeNull();
  });
});

describe('the .proto text of columns', () => {
  const textOf = (columns: readonly Column[], properties: Readonly<Record<string, string>> = {}): string =>
    codec.schemaOf({ columns, isKey: false, info: { ...info, properties } }).text;

  it('names messages and numbers fields as ksqlDB does', () => {
    const struct = t.structType([column('B', t.arrayType(t.STRING))]);
    expect(textOf([column('A', struct), column('M', t.mapType(t.STRING, t.BIGINT))])).toBe(
      proto3(
        '\nmessage ConnectDefault1 {\n  ConnectDefault2 A = 1;\n  map<string, int64> M = 2;\n\n  message ConnectDefault2 {\n    repeated string B = 1;\n  }\n}\n',
      ),
    );
    expect(textOf([column('A', t.INTEGER)], { fullSchemaName: 'com.acme.Event' })).toBe(
      proto3('\npackage com.acme;\n\nmessage Event {\n  int32 A = 1;\n}\n'),
    );
  });

  it('tells which scalars may be NULL', () => {
    expect(textOf([column('A', t.INTEGER)], { nullableRepresentation: 'optional' })).toContain('optional int32 A = 1;');
    const wrapped = textOf([column('A', t.INTEGER)], { nullableRepresentation: 'wrapper' });
    expect(wrapped).toContain('import "google/protobuf/wrappers.proto";');
    expect(wrapped).toContain('google.protobuf.Int32Value A = 1;');
  });

  it('reads back what it wrote of names that protobuf has not, and of lists in maps', () => {
    const columns = [
      column('a b', t.STRING),
      column('M', t.mapType(t.STRING, t.arrayType(t.decimalType(4, 2)))),
      column('1', t.INTEGER),
    ];
    const { read, write } = serdeOf(textOf(columns), columns);
    const row = ['x', new Map([['k', [new Decimal(150n, 2)]]]), 3];
    expect(read(...write(row))).toEqual(row);
  });
});

describe('.proto texts', () => {
  it('may have all that the language has', () => {
    const text = `
      // a comment
      syntax = 'proto2'; package a.b; /* another
      one */ option java_package = "x"; option (my.opt).deep = { a: [1, -2] b { c: inf } "d" "e": 1 };
      ;`.replace('"d" "e": 1', 'd: "e" "f"');
    const body = `
      message M {
        option deprecated = true; reserved 2, 4 to 6; reserved "old"; extensions 100 to max [verification = UNVERIFIED];
        required int32 message = 1 [default = 5, json_name = "x"];
        optional group Inner = 3 { optional string s = 1; }
        repeated sint32 optional = 7 [packed = true];
        extend Other { optional int32 e = 101; }
        oneof enum { string reserved_ = 8; }
      }
      enum E { option allow_alias = true; A = 0; B = -0x1 [deprecated = true]; C = 0; reserved 5; }
      service S { rpc Get (M) returns (stream M) { option idempotency_level = IDEMPOTENT; } }
      extend M { optional int32 x = 100; }`;
    expect(columnsOf(text + body).map(({ name }) => name)).toEqual(['enum_0', 'message', 'optional']);
    // What is absent is told from what is 0 there.
    expect(serdeOf(text + body, [column('MESSAGE', t.INTEGER)]).read(0)).toEqual([null]);
  });

  it.each([
    ['message M { int32 a = 1; string b = 1; }', 'field number 1 twice'],
    ['message M { int32 a = 0; }', 'has the number 0'],
    ['message M { int32 a; }', "';' in line 2 where '=' is expected"],
    ['message M {', 'ends where'],
    ['mesage M {}', "'mesage' in line 2 where a definition is expected"],
    ['message M { int32 a = "x"; }', 'where a number is expected'],
    ['message M { ` }', 'unexpected sign in line 2'],
    ['message M {'.repeat(300), 'more than 100 deep'],
    [`option a = ${'{ a: '.repeat(300)}`, 'more than 100 deep'],
  ])('are refused with the place: %#', (body, reason) => {
    expect(() => columnsOf(proto3(body))).toThrow(reason);
  });
});
