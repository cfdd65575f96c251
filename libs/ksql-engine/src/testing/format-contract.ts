import { describe, expect, it } from '@jest/globals';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { Format, Serde } from '../serde/format.js';
import type { RegistryCodec } from '../serde/registry-codec.js';
import { SeededRandom } from './seeded-random.js';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import type { Row, SqlValue } from '../types/sql-value.js';

/** Values at the edges of each scalar type. */
const SCALARS: readonly { readonly type: t.SqlType; readonly values: readonly SqlValue[] }[] = [
  { type: t.BOOLEAN, values: [true, false] },
  { type: t.INTEGER, values: [0, -1, 2147483647, -2147483648] },
  {
    type: t.BIGINT,
    values: [0, -1, 9007199254740991, 9007199254740993n, 9223372036854775807n, -9223372036854775808n],
  },
  { type: t.DOUBLE, values: [0, 1.5, 1e-5, 1e10, 1.7976931348623157e308, 5e-324, NaN, Infinity, -Infinity] },
  { type: t.decimalType(20, 3), values: [new Decimal(1100n, 3), new Decimal(-12345678901234567890n, 3)] },
  { type: t.STRING, values: ['a', 'ä €😀', 'with "quotes", commas\nand\tlines', '\\', '\u0000\u001f', ' '] },
  { type: t.BYTES, values: [new Uint8Array([0, 255, 1]), new Uint8Array([65])] },
  { type: t.DATE, values: [0, 19000, -1] },
  { type: t.TIME, values: [0, 86399999] },
  { type: t.TIMESTAMP, values: [0, 1700000000123] },
];

const column = (name: string, type: t.SqlType): Column => ({ name, type });

/** The schema that a registry would hold for these columns, where the format has one; its id is 1. */
function withSchema(format: Format, columns: readonly Column[], isKey: boolean, info: FormatInfo): FormatInfo {
  const definition = format.registry?.schemaOf({ columns, isKey, info });
  return definition === undefined ? info : { ...info, schema: { ...definition, id: 1, references: [] } };
}

/** Magic byte and id of a record that was written by it. */
const HEADER = Buffer.from([0, 0, 0, 0, 1]);

/** How a format differs from the others where it cannot tell NULL from another value. */
export interface FormatLosses {
  /** What a NULL scalar beside another column is read as. Absent: NULL. */
  readonly nullScalar?: (type: t.SqlType) => SqlValue;
  /** NULL inside an ARRAY or MAP is refused; a NULL ARRAY is read as an empty one. */
  readonly hasNoNullItems?: boolean;
}

/** What every format promises, on whatever part of the types it can carry. */
export function formatContract(
  format: Format,
  properties: Readonly<Record<string, string>> = {},
  losses: FormatLosses = {},
): void {
  const info: FormatInfo = { format: format.name, properties };
  const nullOf = losses.nullScalar ?? (() => null);
  const carries = (columns: readonly Column[]): boolean => {
    try {
      format.validate({ columns, isKey: false, info });
      return true;
    } catch {
      return false;
    }
  };
  const serdeOf = (columns: readonly Column[], isKey = false): Serde =>
    format.createSerde({ columns, isKey, info: withSchema(format, columns, isKey, info) });
  const roundTrip = (columns: readonly Column[], row: Row | null, isKey = false): Row | null => {
    const serde = serdeOf(columns, isKey);
    return serde.deserialize(serde.serialize(row));
  };

  describe(`${format.name} keeps the format contract`, () => {
    for (const { type, values } of SCALARS) {
      const columns = [column('A', type)];
      if (!carries(columns)) continue;
      it(`gives every ${type.kind} back as it was`, () => {
        for (const value of values) {
          expect(roundTrip(columns, [value])).toEqual([value]);
          expect(roundTrip(columns, [value], true)).toEqual([value]);
        }
      });
      if (!carries([...columns, column('B', type)])) continue;
      it(`gives two columns of ${type.kind} back, nulls too`, () => {
        const pair = [column('A', type), column('B', type)];
        for (const value of values) {
          expect(roundTrip(pair, [null, value])).toEqual([nullOf(type), value]);
          expect(roundTrip(pair, [value, null], true)).toEqual([value, nullOf(type)]);
        }
      });
    }

    it('writes no row as no bytes, and reads them so', () => {
      const type = SCALARS.find((scalar) => carries([column('A', scalar.type)]))?.type ?? t.STRING;
      const serde = serdeOf([column('A', type)]);
      expect(serde.serialize(null)).toBeNull();
      expect(serde.deserialize(null)).toBeNull();
    });

    it('writes a key whose only column is null as no bytes', () => {
      const serde = serdeOf([column('A', t.STRING)], true);
      expect(serde.serialize([null])).toBeNull();
    });

    const nested = t.structType([
      { name: 'X', type: t.arrayType(t.BIGINT) },
      { name: 'Y', type: t.mapType(t.STRING, t.decimalType(4, 2)) },
    ]);
    if (carries([column('A', nested), column('B', t.STRING)])) {
      it('gives nested values back', () => {
        const columns = [column('A', nested), column('B', t.STRING)];
        const decimals = new Map([['k', new Decimal(150n, 2)]]);
        const value: SqlValue = [[1, 9007199254740993n], decimals];
        expect(roundTrip(columns, [value, 'b'])).toEqual([value, 'b']);
        const absent: SqlValue = losses.hasNoNullItems ? [[], new Map()] : [null, null];
        expect(roundTrip(columns, [[null, null], null])).toEqual([absent, nullOf(t.STRING)]);
        expect(roundTrip(columns, [null, 'b'])).toEqual([null, 'b']);
        const withNull: Row = [[[1, null], decimals], 'b'];
        if (losses.hasNoNullItems) expect(() => roundTrip(columns, withNull)).toThrow('path: $.A.X[1]');
        else expect(roundTrip(columns, withNull)).toEqual(withNull);
      });
    }

    if (format.registry) registryContract(format.registry, serdeOf, info);

    it('refuses damaged bytes with an error, never with a wrong row', () => {
      const serde = serdeOf([column('A', t.BIGINT)]);
      for (const bytes of ['{', '"', 'x', '{"A":', 'tru', '1e'].map((text) => Buffer.from(text))) {
        expect(() => serde.deserialize(bytes)).toThrow(Error);
        if (format.registry) expect(() => serde.deserialize(Buffer.concat([HEADER, bytes]))).toThrow(Error);
      }
    });
  });
}

/** What a format promises whose schemas live in a registry. */
function registryContract(
  codec: RegistryCodec,
  serdeOf: (columns: readonly Column[], isKey?: boolean) => Serde,
  info: FormatInfo,
): void {
  const columns = [
    column('A', t.INTEGER),
    column('B', t.decimalType(6, 2)),
    column('C', t.structType([{ name: 'D', type: t.arrayType(t.TIMESTAMP) }])),
    column('M', t.mapType(t.STRING, t.STRING)),
    column('X', t.DOUBLE),
  ];

  it('gives the columns back that it made a schema of, always by the same text', () => {
    const definition = codec.schemaOf({ columns, isKey: false, info });
    expect(codec.schemaOf({ columns, isKey: false, info })).toEqual(definition);
    const schema = { ...definition, id: 1, references: [] };
    for (const isById of [true, false]) {
      expect(codec.columnsOf(schema, { isKey: false, isById, info }).columns).toEqual(columns);
    }
  });

  it('says of bytes that bear no id what is wrong with them', () => {
    const serde = serdeOf(columns);
    expect(() => serde.deserialize(Buffer.from([0, 0, 0, 1]))).toThrow('too short');
    expect(() => serde.deserialize(Buffer.from([7, 0, 0, 0, 1, 0]))).toThrow('magic byte 7');
    expect(() => serde.deserialize(Buffer.from([0, 0, 0, 0, 9, 0]))).toThrow('9');
  });

  it('ends soon on bytes that claim much', () => {
    const serde = serdeOf(columns);
    for (const byte of [0x00, 0x01, 0x0a, 0x5b, 0x7b, 0x7f, 0x80, 0xff]) {
      expectRowOrReason(serde, Buffer.concat([HEADER, Buffer.alloc(100_000, byte)]));
    }
  });

  it('gives a row or a reason for bytes that were changed or cut', () => {
    const serde = serdeOf(columns);
    const random = new SeededRandom(7);
    const row: Row = [
      5,
      new Decimal(150n, 2),
      [[1, 1_700_000_000_123]],
      new Map([['key', 'a longer text than most']]),
      0.1,
    ];
    const bytes = Buffer.from(serde.serialize(row) ?? []);
    for (let n = 0; n < 2000; n++) {
      const changed = Buffer.from(bytes.subarray(0, random.pick([bytes.length, random.below(bytes.length)])));
      for (let i = random.below(3); i >= 0; i--) {
        const at = HEADER.length + random.below(bytes.length - HEADER.length);
        if (at < changed.length) changed[at] = random.below(256);
      }
      expectRowOrReason(serde, changed);
    }
  });
}

/** Whatever the bytes are, reading them ends, and not by a mistake of the reader. */
function expectRowOrReason(serde: Serde, bytes: Buffer): void {
  try {
    serde.deserialize(bytes);
  } catch (error) {
    const isMistake = [RangeError, TypeError, ReferenceError].some((mistake) => error instanceof mistake);
    if (isMistake || !(error instanceof Error)) throw error;
  }
}
