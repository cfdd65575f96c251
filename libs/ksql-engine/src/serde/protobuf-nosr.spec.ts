import { describe, expect, it } from '@jest/globals';
import { ProtobufPeer } from '../testing/protobuf-peer.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import { normalizeBigint, type Row, type SqlValue } from '../types/sql-value.js';
import type { Serde } from './format.js';
import { protobufNosrFormat } from './protobuf-nosr.js';

const REPRESENTATIONS = ['NONE', 'OPTIONAL', 'WRAPPER'] as const;
type Representation = (typeof REPRESENTATIONS)[number];

const columnsOf = (...types: readonly t.SqlType[]) => types.map((type, i) => ({ name: `C${i + 1}`, type }));

function serdeOf(types: readonly t.SqlType[], nullable: Representation = 'NONE', needed?: readonly boolean[]): Serde {
  const properties: Record<string, string> =
    nullable === 'NONE' ? {} : { nullableRepresentation: nullable.toLowerCase() };
  const info = { format: 'PROTOBUF_NOSR' as const, properties };
  return protobufNosrFormat.createSerde({ columns: columnsOf(...types), isKey: false, info, needed });
}
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const read = (hex: string, ...types: readonly t.SqlType[]): Row | null => serdeOf(types).deserialize(bytes(hex));
const write = (row: Row, ...types: readonly t.SqlType[]): string =>
  Buffer.from(serdeOf(types).serialize(row)!).toString('hex');

describe('PROTOBUF_NOSR', () => {
  it('writes the bytes that protobuf defines', () => {
    expect(write([150], t.INTEGER)).toBe('089601');
    expect(write([-1], t.INTEGER)).toBe('08ffffffffffffffffff01');
    expect(write([null, 'testing'], t.INTEGER, t.STRING)).toBe('120774657374696e67');
    expect(write([[3, 270, 86942]], t.arrayType(t.INTEGER))).toBe('0a06038e029ea705');
    expect(write([['a', '']], t.arrayType(t.STRING))).toBe('0a01610a00');
    expect(write([new Map([['a', 1]])], t.mapType(t.STRING, t.INTEGER))).toBe('0a050a01611001');
    expect(write([[150]], t.structType([{ name: 'A', type: t.INTEGER }]), t.STRING)).toBe('0a03089601');
    expect(write([new Decimal(-129n, 2)], t.decimalType(5, 2))).toBe('0a080a02ff7f10051802');
    expect(write([19000], t.DATE)).toBe('0a0708e60f10011808');
    expect(write([3_723_004], t.TIME)).toBe('0a0b080110021803208092f401');
    expect(write([-1], t.TIMESTAMP)).toBe('0a1108ffffffffffffffffff0110c08faedc03');
  });

  it('leaves out what proto3 leaves out, and reads it back as its default', () => {
    const types = [t.BOOLEAN, t.INTEGER, t.BIGINT, t.DOUBLE, t.STRING, t.BYTES, t.arrayType(t.INTEGER), t.DATE];
    const zeros = [false, 0, 0, 0, '', new Uint8Array(0), [], null];
    expect(write(zeros, ...types)).toBe('');
    expect(
      write(
        types.map(() => null),
        ...types,
      ),
    ).toBe('');
    expect(read('', ...types)).toEqual(zeros);
    expect(write([-0], t.DOUBLE)).toBe('090000000000000080');
  });

  it('tells NULL from defaults where it is asked to, with the peer in both directions', () => {
    const types = [t.INTEGER, t.BIGINT, t.DOUBLE, t.BOOLEAN, t.STRING, t.BYTES];
    const rows: readonly Row[] = [types.map(() => null), [0, 0, 0, false, '', new Uint8Array(0)]];
    for (const nullable of ['OPTIONAL', 'WRAPPER'] as const) {
      const serde = serdeOf(types, nullable);
      const peer = new ProtobufPeer(columnsOf(...types), nullable);
      for (const row of rows) {
        expect(serde.deserialize(serde.serialize(row))).toEqual(row);
        expect(peer.decode(serde.serialize(row)!)).toEqual(row);
        expect(serde.deserialize(peer.encode(row))).toEqual(row);
      }
    }
  });

  it('skips fields that no column has, groups and other wire types too', () => {
    expect(read('089601 1207 74657374696e67 1d 01020304 21 0102030405060708 2b 0801 2c f8ff01 05', t.INTEGER)).toEqual([
      150,
    ]);
    // Field 1 as a text is somebody else's field.
    expect(read('0a0161 0805', t.INTEGER)).toEqual([5]);
    expect(read('0805', t.STRING)).toEqual(['']);
  });

  it('reads lists packed and one by one, in pieces, and the last of a scalar given twice', () => {
    expect(read('0801 0802 0a020304', t.arrayType(t.INTEGER))).toEqual([[1, 2, 3, 4]]);
    expect(read('0801 0802', t.INTEGER)).toEqual([2]);
    expect(write([[]], t.arrayType(t.INTEGER))).toBe('');
  });

  it('merges the pieces of a STRUCT', () => {
    const type = t.structType([
      { name: 'A', type: t.INTEGER },
      { name: 'B', type: t.arrayType(t.STRING) },
    ]);
    expect(read('0a050801120161 0a03120162', type, t.STRING)).toEqual([[1, ['a', 'b']], '']);
  });

  it('fills map entries that lack a key or value', () => {
    expect(read('0a00 0a030a0161', t.mapType(t.STRING, t.INTEGER))).toEqual([
      new Map([
        ['', 0],
        ['a', 0],
      ]),
    ]);
    const struct = t.structType([{ name: 'A', type: t.INTEGER }]);
    expect(read('0a030a0161', t.mapType(t.STRING, struct))).toEqual([new Map([['a', [0]]])]);
    expect(read('0a030a0161', t.mapType(t.STRING, t.arrayType(t.INTEGER)))).toEqual([new Map([['a', []]])]);
  });

  it('keeps the low bits of numbers that are too long for the column, as protobuf does', () => {
    expect(read('08ffffffff1f', t.INTEGER)).toEqual([-1]);
    expect(read('08ffffffff1f', t.BIGINT)).toEqual([2 ** 33 - 1]);
    expect(read('0880808080808080808001', t.BIGINT)).toEqual([-9223372036854775808n]);
    expect(read('0880808080808080808001', t.BOOLEAN)).toEqual([true]);
  });

  it('reads only the needed columns', () => {
    const serde = serdeOf([t.STRING, t.INTEGER], 'NONE', [false, true]);
    expect(serde.deserialize(bytes('0a0161 1005'))).toEqual([null, 5]);
    expect(serde.serialize(['a', 5])).toEqual(bytes('0a0161 1005'));
  });

  it('writes a bare STRUCT as the message itself, and other bare values as its only field', () => {
    const struct = t.structType([{ name: 'A', type: t.INTEGER }]);
    const bare = (type: t.SqlType) =>
      protobufNosrFormat.createSerde({
        columns: columnsOf(type),
        isKey: false,
        info: { format: 'PROTOBUF_NOSR', properties: {}, wrapping: 'UNWRAP_SINGLES' },
      });
    expect(bare(struct).serialize([[5]])).toEqual(bytes('0805'));
    expect(bare(struct).deserialize(bytes('0805'))).toEqual([[5]]);
    expect(bare(t.INTEGER).serialize([5])).toEqual(bytes('0805'));
    expect(bare(t.INTEGER).deserialize(bytes(''))).toEqual([0]);
    expect(bare(t.INTEGER).serialize([null])).toBeNull();
    expect(bare(t.DATE).deserialize(bytes(''))).toBeNull();
  });

  it.each([
    ['a length beyond the end', '0a05 61', t.STRING, 'ends too early, at byte 3, path: $.C1'],
    ['a length of 4 GiB', '0affffffff0f', t.STRING, 'ends too early, at byte 6, path: $.C1'],
    ['a negative length', '0affffffffffffffffff01', t.STRING, 'ends too early'],
    ['a number without an end', `08${'ff'.repeat(10)}`, t.INTEGER, 'more than 10 bytes'],
    ['field number 0', '0001', t.INTEGER, 'no field number at byte 0, path: $'],
    ['a tag of six bytes', '888080808000 01', t.INTEGER, 'no field number at byte 0'],
    ['wire type 6', '0e', t.INTEGER, 'wire type 6'],
    ['an end of no group', '0c', t.INTEGER, 'wire type 4'],
    ['an open group', '2b', t.INTEGER, 'ends too early'],
    ['deep groups', '2b'.repeat(200), t.INTEGER, 'groups deeper than 100'],
    ['text that is not UTF-8', '0a02c328', t.STRING, 'not UTF-8 between the bytes 2 and 4, path: $.C1'],
    ['a day cut off', '0a06 08e60f 100d', t.DATE, 'ends too early'],
    ['month 13', '0a07 08e60f 100d 1801', t.DATE, 'Not a day: year 2022, month 13, day 1, path: $.C1'],
    ['hour 24', '0a02 0818', t.TIME, 'Not a time of day'],
    ['a year beyond all', '0a0a08ffffffffffffffff7f', t.TIMESTAMP, 'Not a timestamp'],
    ['too many digits', '0a06 0a027fff 1800', t.decimalType(3, 0), 'Rounding necessary, path: $.C1'],
    ['a scale of a billion', '0a09 0a0101 1880a8d6b907', t.decimalType(3, 0), 'out of range, path: $.C1'],
    ['a packed number cut off', '0a02 0180', t.arrayType(t.INTEGER), 'path: $.C1[1]'],
    ['a bad entry', '0a06 0a0161 120961', t.mapType(t.STRING, t.STRING), 'path: $.C1.a'],
  ] as const)('refuses %s', (_what, hex, type, message) => {
    expect(() => read(hex, type, t.STRING)).toThrow(message);
  });

  it('refuses NULL in lists and maps, with the place', () => {
    expect(() => write([[1, null]], t.arrayType(t.INTEGER))).toThrow('NULL in an ARRAY, path: $.C1[1]');
    expect(() => write([new Map([['a', null]])], t.mapType(t.STRING, t.INTEGER))).toThrow(
      'NULL in a MAP, path: $.C1.a',
    );
    // What was begun is forgotten.
    const serde = serdeOf([t.arrayType(t.INTEGER)]);
    expect(() => serde.serialize([[1, null]])).toThrow();
    expect(serde.serialize([[1]])).toEqual(bytes('0a0101'));
  });

  it('names types that it has no spelling for', () => {
    const validate = (type: t.SqlType) => () =>
      protobufNosrFormat.validate({
        columns: columnsOf(type),
        isKey: false,
        info: { format: 'PROTOBUF_NOSR', properties: {} },
      });
    expect(validate(t.arrayType(t.arrayType(t.INTEGER)))).toThrow('ARRAY<ARRAY<INTEGER>>. Try a STRUCT');
    expect(validate(t.structType([{ name: 'A', type: t.mapType(t.DOUBLE, t.INTEGER) }]))).toThrow("column 'C1'");
    expect(validate(t.mapType(t.BIGINT, t.arrayType(t.STRING)))).not.toThrow();
  });

  it('agrees with another implementation of protobuf on random rows of random columns', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new SeededRandom(seed);
      const nullable = random.pick(REPRESENTATIONS);
      const types = Array.from({ length: 1 + random.below(20) }, () => randomType(random, 2));
      const serde = serdeOf(types, nullable);
      const peer = new ProtobufPeer(columnsOf(...types), nullable);
      for (let i = 0; i < 5; i++) {
        const row = types.map((type) => (random.below(4) === 0 ? null : randomValue(random, type)));
        const written = serde.serialize(row)!;
        const reread = serde.deserialize(written);
        expect({ seed, row: peer.decode(written) }).toEqual({ seed, row: reread });
        expect({ seed, row: serde.deserialize(peer.encode(row)) }).toEqual({ seed, row: reread });
      }
    }
  });

  it('answers any damaged bytes with a row or an error, soon', () => {
    let refused = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = new SeededRandom(seed);
      const types = Array.from({ length: 1 + random.below(8) }, () => randomType(random, 2));
      const serde = serdeOf(types, random.pick(REPRESENTATIONS));
      const written = serde.serialize(types.map((type) => randomValue(random, type)))!;
      for (let i = 0; i < 100; i++) {
        try {
          const row = serde.deserialize(damaged(random, written));
          expect(row).toHaveLength(types.length);
          serde.serialize(row);
        } catch (error) {
          expect(String(error)).toMatch(/path: \$/);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

const SCALARS: readonly t.SqlType[] = [
  ...[t.BOOLEAN, t.INTEGER, t.BIGINT, t.DOUBLE, t.STRING, t.BYTES, t.DATE, t.TIME, t.TIMESTAMP],
  t.decimalType(38, 10),
];

function randomType(random: SeededRandom, depth: number): t.SqlType {
  const kind = depth === 0 ? 9 : random.below(10);
  if (kind === 0) {
    const element = randomType(random, depth - 1);
    return element.kind === 'ARRAY' || element.kind === 'MAP' ? element : t.arrayType(element);
  }
  if (kind === 1) {
    return t.mapType(random.pick([t.STRING, t.STRING, t.INTEGER, t.BIGINT, t.BOOLEAN]), randomType(random, depth - 1));
  }
  if (kind > 2) return random.pick(SCALARS);
  const fields = Array.from({ length: 1 + random.below(3) }, () => randomType(random, depth - 1));
  return t.structType(fields.map((type, i) => ({ name: `F${i}`, type })));
}

function randomValue(random: SeededRandom, type: t.SqlType): SqlValue {
  const int64 = (): bigint =>
    (BigInt(Math.floor(random.next() * 2 ** 32)) << 32n) | BigInt(Math.floor(random.next() * 2 ** 32));
  switch (type.kind) {
    case 'BOOLEAN':
      return random.below(2) === 0;
    case 'INTEGER':
      return random.pick([0, random.below(300), Number(BigInt.asIntN(32, int64()))]);
    case 'BIGINT':
      return normalizeBigint(
        random.pick([0n, BigInt(random.below(300)), int64() >> BigInt(random.below(64)), int64()]),
      );
    case 'DOUBLE':
      return random.pick([0, random.next() * 1e6, -1.5, 5e-324, Infinity]);
    case 'DECIMAL':
      return new Decimal(BigInt.asIntN(64, int64()) * random.pick([0n, 1n, 1n, 1_000_000_007n]), type.scale);
    case 'STRING':
      return random.pick(['', 'a', 'ä €😀', 'x'.repeat(random.below(300)), '\u0000', 'ﬁ'.repeat(random.below(60))]);
    case 'BYTES':
      return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    case 'DATE':
      return random.below(2_000_000) - 700_000;
    case 'TIME':
      return random.below(86_400_000);
    case 'TIMESTAMP':
      return random.below(4e12) - 2e12;
    case 'ARRAY':
      return Array.from({ length: random.below(80) }, () => randomValue(random, type.element));
    case 'MAP':
      return new Map(
        Array.from({ length: random.below(4) }, () => [randomValue(random, type.key), randomValue(random, type.value)]),
      );
    case 'STRUCT':
      return type.fields.map((field) => (random.below(5) === 0 ? null : randomValue(random, field.type)));
  }
}

/** A few bytes changed, cut off, doubled or put in. */
function damaged(random: SeededRandom, whole: Uint8Array): Buffer {
  let result = Buffer.from(whole);
  for (let n = random.below(3); n >= 0; n--) {
    const at = random.below(result.length + 1);
    const rest = result.subarray(at);
    const kind = random.below(4);
    if (kind === 0) result = Buffer.from(result.subarray(0, at));
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at), Buffer.from([random.below(256)]), rest]);
    else if (kind === 2) result = Buffer.concat([result, rest]);
    else if (rest.length > 0) rest[0] = random.below(256);
  }
  return result;
}
