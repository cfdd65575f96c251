import { HttpException } from '@nestjs/common';

/** Where in the request the trouble is, as a JSON pointer, and what it is. */
export interface ProblemField {
  readonly pointer: string;
  readonly detail: string;
}

/** A problem body as RFC 9457 has it, with the request's id. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly ProblemField[];
  readonly fix?: { readonly text: string; readonly cli?: string };
}

const typeBase = 'https://isobar.example/problems/';

export const problemType = (name: string): string => `${typeBase}${name}`;

/** An error answer written for people: what is wrong, where, and what to try. */
export class Problem extends HttpException {
  constructor(
    status: number,
    readonly problem: {
      /** Last part of the problem's type, such as `not-found`. */
      readonly type: string;
      readonly title: string;
      readonly detail?: string;
      readonly errors?: readonly ProblemField[];
      readonly fix?: ProblemBody['fix'];
    },
  ) {
    super(problem.detail ?? problem.title, status);
  }

  static notFound(title: string, detail?: string): Problem {
    return new Problem(404, { type: 'not-found', title, ...(detail === undefined ? {} : { detail }) });
  }

  /** The request was understood but a field cannot be accepted. */
  static validation(
    errors: readonly ProblemField[],
    title = 'The request has fields that cannot be accepted',
  ): Problem {
    return new Problem(422, {
      type: 'validation',
      title,
      detail: errors.map((error) => `${error.pointer || '/'}: ${error.detail}`).join('; '),
      errors,
    });
  }
}
