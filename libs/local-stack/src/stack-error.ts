/** A failure that a user can act on: what is wrong, why, and what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';

  constructor(
    message: string,
    readonly details: {
      /** What is behind it. */
      readonly why?: string;
      /** What to do about it. */
      readonly fix?: string;
      /** Where more is written. */
      readonly logFile?: string;
    } = {},
  ) {
    super(message);
  }
}
