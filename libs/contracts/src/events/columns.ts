import { z } from 'zod';

/** The SQL types our events use, as ksqlDB names them. */
export type SqlType = 'VARCHAR' | 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'BOOLEAN';

/** What a column is in SQL; everything else is in its zod schema. */
const columnTypes = z.registry<{ readonly sql: SqlType; readonly readAs?: SqlType }>();

export const varchar = (description: string) =>
  z.string().describe(description).register(columnTypes, { sql: 'VARCHAR' });

export const boolean = (description: string) =>
  z.boolean().describe(description).register(columnTypes, { sql: 'BOOLEAN' });

/** A finite number; give its unit: `double<FahrenheitDegrees>('…')`. */
export const double = <Unit extends number>(description: string) =>
  z.number().describe(description).register(columnTypes, { sql: 'DOUBLE' }) as unknown as z.ZodType<Unit, Unit>;

/** A whole number of 32 bits. */
export const integer = <Unit extends number = number>(description: string) =>
  z.int32().describe(description).register(columnTypes, { sql: 'INTEGER' }) as unknown as z.ZodType<Unit, Unit>;

/**
 * A whole number of 32 bits, read as DOUBLE. Of a number too large for INTEGER ksqlDB keeps the lowest bits, so 4294967340 passes for 44;
 * what others may write is therefore read wide, judged, and cast.
 */
export const integerReadWide = <Unit extends number = number>(description: string) =>
  z.int32().describe(description).register(columnTypes, { sql: 'INTEGER', readAs: 'DOUBLE' }) as unknown as z.ZodType<
    Unit,
    Unit
  >;

/** A whole number that JSON can carry exactly (53 bits). */
export const bigint = <Unit extends number = number>(description: string) =>
  z.int().describe(description).register(columnTypes, { sql: 'BIGINT' }) as unknown as z.ZodType<Unit, Unit>;

/** @throws Error when the field was not made by one of the builders above. */
export function columnOf(schema: unknown): {
  /** What it is written as. */
  readonly sql: SqlType;
  /** What the SQL source declares. */
  readonly readAs: SqlType;
  readonly isNullable: boolean;
} {
  if (schema instanceof z.ZodNullable) return { ...columnOf(schema.unwrap()), isNullable: true };
  const type = schema instanceof z.ZodType ? columnTypes.get(schema) : undefined;
  if (type === undefined) throw new Error('An event field must be declared with varchar(), double() and their like.');
  return { readAs: type.sql, ...type, isNullable: false };
}
