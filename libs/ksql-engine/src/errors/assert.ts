/** Marks a branch that the types rule out; reaching it is a bug of the engine, never of its user. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** The value, or a bug report when it is missing. For invariants of the engine, not for user input. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`missing: ${what}`);
  return value;
}
