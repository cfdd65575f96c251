/** A mistake in a file of the pipeline: where it is, and the engine's or our own words about it. */
export class SqlFileError extends Error {
  override readonly name = 'SqlFileError';

  constructor(
    readonly file: string,
    /** Both counted from 1; undefined when the whole file is meant. */
    readonly place: { readonly line: number; readonly column: number } | undefined,
    readonly reason: string,
    /** What to write instead, where that can be said in general. */
    readonly instead?: string,
  ) {
    super(`${file}${place ? `:${place.line}:${place.column}` : ''}: ${reason}`);
  }

  /** Place and reason, for where the file is named beside it. */
  get detail(): string {
    return this.place === undefined
      ? this.reason
      : `line ${this.place.line}, column ${this.place.column}: ${this.reason}`;
  }
}
