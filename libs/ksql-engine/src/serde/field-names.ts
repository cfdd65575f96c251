/**
 * Finds the field of a schema for the name of a column or struct field: the one that is spelled so, else the first that differs in
 * case only.
 */
export function fieldIndex(names: readonly string[], name: string): number {
  const exact = names.indexOf(name);
  if (exact >= 0) return exact;
  const upper = name.toUpperCase();
  return names.findIndex((other) => other.toUpperCase() === upper);
}
