import type { SqlFunction } from '../functions/function.js';

/**
 * Names are case-insensitive and kept in upper case; messages about a function spell it as ksqlDB registers it, since people
 * and tools match on those texts.
 */
const UPPER_CASE: ReadonlySet<string> = new Set([
  ...['ARRAY_CONTAINS', 'ARRAY_JOIN', 'ARRAY_LENGTH', 'AS_MAP', 'COALESCE', 'ENTRIES', 'GENERATE_SERIES', 'IFNULL'],
  ...['IS_JSON_STRING', 'JSON_CONCAT', 'NULLIF', 'UUID'],
]);
const LOWER_CASE_AGGREGATES: ReadonlySet<string> = new Set(['AVG', 'CORRELATION', 'HISTOGRAM', 'SUM_LIST']);
const MIXED_CASE: Readonly<Record<string, string>> = {
  ABS: 'Abs',
  CEIL: 'Ceil',
  CHR: 'Chr',
  FLOOR: 'Floor',
  LPAD: 'LPad',
  ROUND: 'Round',
  RPAD: 'RPad',
};

/** As it stands in `Function '…' does not accept parameters`. */
export function spellFunction({ name, kind }: SqlFunction): string {
  const isUpper = kind === 'aggregate' ? !LOWER_CASE_AGGREGATES.has(name) : UPPER_CASE.has(name);
  return MIXED_CASE[name] ?? (isUpper ? name : name.toLowerCase());
}

/** As it stands in the list of signatures below that message. */
export function spellInSignature(found: SqlFunction): string {
  return found.kind === 'scalar' ? found.name : spellFunction(found);
}
