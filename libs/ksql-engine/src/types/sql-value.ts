import type { Decimal } from './decimal.js';

/**
 * How SQL values live in memory, by type:
 *
 * | SQL type | JavaScript |
 * |---|---|
 * | BOOLEAN | boolean |
 * | INTEGER | number, an int32 |
 * | BIGINT | **normalised**: number while it is a safe integer, bigint outside (`normalizeBigint`). `===`, `<` and Map keys work on it |
 * | DOUBLE | number |
 * | DECIMAL | `Decimal` (types/decimal.ts): unscaled bigint and scale |
 * | STRING | string |
 * | BYTES | Uint8Array |
 * | DATE | number, days since 1970-01-01 |
 * | TIME | number, milliseconds of the day |
 * | TIMESTAMP | number, milliseconds since 1970-01-01T00:00Z |
 * | ARRAY | array of values |
 * | MAP | Map (insertion order carries no meaning) |
 * | STRUCT | array of field values in declared order |
 * | NULL | null (never undefined) |
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array | Decimal | SqlArray | SqlMap;
export type SqlArray = readonly SqlValue[];
export type SqlMap = ReadonlyMap<SqlValue, SqlValue>;

/** Column values in schema order. */
export type Row = readonly SqlValue[];

/** Wraps to 64 bits as BIGINT arithmetic does, and normalises. */
export function normalizeBigint(value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= -9007199254740991n && wrapped <= 9007199254740991n ? Number(wrapped) : wrapped;
}
