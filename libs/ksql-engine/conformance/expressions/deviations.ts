/** A case that this engine knowingly answers otherwise. */
export interface Deviation {
  readonly file: string;
  readonly sql: string;
  /** Our answer: `TYPE value`, or `refused`. */
  readonly ours: string;
  /** Why the server's answer, which stands in the case, is an accident. */
  readonly reason: string;
}

export const deviations: readonly Deviation[] = [];
