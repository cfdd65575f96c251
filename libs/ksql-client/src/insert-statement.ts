/** A value that INSERT INTO … VALUES can carry. A plain object becomes a STRUCT, a Map a MAP. */
export type InsertValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | readonly InsertValue[]
  | ReadonlyMap<string, InsertValue>
  | { readonly [name: string]: InsertValue };

/** Renders one row as a statement; names are upper-cased as ksqlDB does with unquoted names, unless back-quoted. */
export function insertStatement(target: string, row: Readonly<Record<string, InsertValue>>): string {
  const columns = Object.keys(row).map(identifier).join(', ');
  const values = Object.values(row).map(literal).join(', ');
  return `INSERT INTO ${identifier(target)} (${columns}) VALUES (${values});`;
}

/** Quotes a name, so that reserved words and odd characters are safe. */
export function identifier(name: string): string {
  if (/^`(?:[^`]|``)+`$/.test(name)) return name;
  return `\`${name.toUpperCase().replaceAll('`', '``')}\``;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function literal(value: InsertValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return text(value);
  if (value instanceof Date) return text(value.toISOString().slice(0, -1));
  if (value instanceof Map) {
    const entries = [...value].map(([key, element]: [string, InsertValue]) => `${text(key)} := ${literal(element)}`);
    return `MAP(${entries.join(', ')})`;
  }
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([name, field]) => `${identifier(name)} := ${literal(field)}`);
    return `STRUCT(${fields.join(', ')})`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`SQL has no literal for ${value}; leave the column out or send NULL.`);
  }
  return String(value);
}
