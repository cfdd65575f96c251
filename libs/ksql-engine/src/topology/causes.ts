const CAUSES_MAX = 10;

/** The messages of an error and of what caused it, outermost first. */
export function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (let next = error; next !== undefined && causes.length < CAUSES_MAX;) {
    causes.push(next instanceof Error ? next.message : String(next));
    next = next instanceof Error ? next.cause : undefined;
  }
  return causes;
}
