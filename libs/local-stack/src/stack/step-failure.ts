import { StackError } from '../stack-error.js';

/** A step that did not come up, with what a user needs to act. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';

  constructor(
    readonly step: string,
    what: string,
    readonly details: {
      readonly why?: string;
      readonly fix?: string;
      readonly logFile?: string;
      readonly lastLogLines?: readonly string[];
    } = {},
  ) {
    super(what);
  }

  /** Any error of a step as a failure of that step. */
  static from(step: string, error: unknown): StepFailure {
    if (error instanceof StepFailure) return error;
    if (error instanceof StackError) return new StepFailure(step, error.message, error.details);
    return new StepFailure(step, error instanceof Error ? error.message : String(error));
  }
}
