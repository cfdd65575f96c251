import type { FunctionContext } from '../functions/function.js';
import type { SqlValue } from '../types/sql-value.js';

/**
 * A short statement can ask for much: a series in a lambda in a lambda, a text that doubles with each element. So what is
 * evaluated together on one record may take so many steps and no more: a step is a call of a lambda, a call in a lambda, an element of an
 * array or map that a function makes, four that it is given or that a lambda reads, 64 characters of a text either way, and what functions
 * say that they work through besides (matches, patterns). So nothing that is done once with a value costs more than was paid for it. What goes beyond fails
 * like any other evaluation: it is logged and gives NULL.
 */

/** The property that sets the limit, for a server as a whole. */
export const STEPS_MAX_PROPERTY = 'ksql.expression.steps.max';

/** Some tens of milliseconds. */
const STEPS_MAX_DEFAULT = 1_000_000;

/** log2 of the characters that count as one step. */
const TEXT_SHIFT = 6;
/** log2 of the elements that count as one step where they are there already. */
const READ_ELEMENT_SHIFT = 2;

export class EvaluationBudget {
  private spent = 0;
  private readonly exceeded: Error;

  constructor(private readonly stepsMax: number) {
    this.exceeded = new Error(
      `the evaluation takes more than ${stepsMax} steps: use smaller arrays and texts, or raise ${STEPS_MAX_PROPERTY} of the server`,
    );
    delete this.exceeded.stack;
  }

  static from(context: FunctionContext): EvaluationBudget {
    const given = Number(context.property(STEPS_MAX_PROPERTY) ?? STEPS_MAX_DEFAULT);
    return new EvaluationBudget(Number.isFinite(given) && given > 0 ? given : STEPS_MAX_DEFAULT);
  }

  /** A record begins. */
  begin(): void {
    this.spent = 0;
  }

  /** @throws Error once the limit is passed */
  spend(steps: number): void {
    if ((this.spent += steps) > this.stepsMax) throw this.exceeded;
  }

  /** Spends what it takes to make a value. */
  pay(value: SqlValue): SqlValue {
    return this.#spendSize(value, 0);
  }

  /** Spends what it takes to look at all of a value. */
  payToRead(value: SqlValue): SqlValue {
    return this.#spendSize(value, READ_ELEMENT_SHIFT);
  }

  #spendSize(value: SqlValue, elementShift: number): SqlValue {
    if (typeof value === 'string') this.spend(value.length >> TEXT_SHIFT);
    else if (Array.isArray(value)) this.spend(value.length >> elementShift);
    else if (value instanceof Map) this.spend(value.size >> elementShift);
    else if (value instanceof Uint8Array) this.spend(value.length >> TEXT_SHIFT);
    return value;
  }
}
