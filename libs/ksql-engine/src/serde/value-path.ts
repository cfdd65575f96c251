/** A failure with the path of the place, which grows from the inside out. */
class ValuePathError extends Error {
  constructor(
    readonly reason: string,
    readonly path: string,
  ) {
    super(`${reason}, path: $${path}`);
  }
}

/** A failure that happened inside a place, such as `.NAME` or `[2]`. */
export function failureAt(place: string, error: unknown): Error {
  if (error instanceof ValuePathError) return new ValuePathError(error.reason, `${place}${error.path}`);
  return new ValuePathError(error instanceof Error ? error.message : String(error), place);
}
