/** The value, or a bug report when it is missing. For invariants of the engine, not for user input. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`missing: ${what}`);
  return value;
}
