import { Problem, type ProblemField } from '@isobar/service-kit';
import { QueryFailedError } from 'typeorm';

/** What the refusal of a constraint means to who sent the request. */
export interface ConstraintProblem {
  readonly status: 409 | 422;
  readonly title: string;
  readonly field: ProblemField;
}

/**
 * Every named constraint of our tables, so that no refusal of the database comes out as an error of the service. A spec compares
 * this with what the migrations make.
 */
export const constraintProblems: Readonly<Record<string, ConstraintProblem>> = {
  users_pkey: {
    status: 409,
    title: 'This id is taken',
    field: { pointer: '', detail: 'a person with this id was made by somebody else at the same time; send it again' },
  },
  users_username_unique: {
    status: 409,
    title: 'This username is taken',
    field: { pointer: '/username', detail: 'another person has it' },
  },
  places_name_unique: {
    status: 409,
    title: 'This person has a place of this name',
    field: { pointer: '/name', detail: 'another place of the person has it' },
  },
  users_temperatures_ordered: {
    status: 422,
    title: 'The request has fields that cannot be accepted',
    field: { pointer: '/tempLowF', detail: 'must be below tempHighF' },
  },
};

/** Classes of refusal that belong to the values of a request, whatever the constraint (PostgreSQL, appendix A). */
const valueRefusals: Readonly<Record<string, string>> = {
  '22001': 'a text is too long',
  '22003': 'a number is out of range',
  '22021': 'a text holds a character that cannot be stored (such as NUL)',
  '22P02': 'a value has the wrong form',
  '22P05': 'a text holds a character that cannot be stored',
  '23502': 'a value that must be given is missing',
};

/** A change that met another one; the same statement may succeed when it runs again. */
const conflictCodes = new Set(['40001', '40P01', '55P03']);

export interface DatabaseRefusal {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly column?: unknown;
}

/** What PostgreSQL said of a statement, or undefined when it was another kind of trouble. */
export const refusalOf = (error: unknown): DatabaseRefusal | undefined =>
  error instanceof QueryFailedError ? (error.driverError as DatabaseRefusal) : undefined;

/** Whether the same work may be tried again at once: two changes met. */
export const isConflict = (error: unknown): boolean => conflictCodes.has(String(refusalOf(error)?.code));

/** The problem that a refusal of the database is, or undefined when it is none of a request's. */
export function toConstraintProblem(error: unknown): Problem | undefined {
  const refusal = refusalOf(error);
  if (refusal === undefined) return undefined;
  const known = constraintProblems[String(refusal.constraint)];
  if (known !== undefined) {
    const { status, title, field } = known;
    return status === 422
      ? Problem.validation([field], title)
      : new Problem(status, { type: 'already-exists', title, detail: field.detail, errors: [field] });
  }
  const detail = valueRefusals[String(refusal.code)];
  if (detail !== undefined)
    return Problem.validation([{ pointer: refusal.column === undefined ? '' : `/${String(refusal.column)}`, detail }]);
  if (isConflict(error))
    return new Problem(409, {
      type: 'conflict',
      title: 'Another change of the same person is under way',
      detail: 'Nothing was changed; send the request again.',
    });
  return undefined;
}
