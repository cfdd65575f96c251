import { StackError } from '@isobar/local-stack';

/** What was given names nothing, or means nothing: exit code 64, as of what the command line itself refuses. */
export class WrongArgumentError extends StackError {
  readonly code = 'WRONG_ARGUMENT';
}
