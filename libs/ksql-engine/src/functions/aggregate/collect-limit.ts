import { KsqlError } from '../../errors/sql-error.js';
import type { FunctionContext } from '../function.js';

/** How many values a COLLECT aggregate keeps: a query property; unlimited when it is absent or negative. */
export function collectLimit(context: FunctionContext, property: string): number {
  const text = context.property(property);
  if (text === undefined) return Infinity;
  const limit = Number(text);
  if (!Number.isInteger(limit)) throw new KsqlError(`${property} must be an integer, got '${text}'`);
  return limit < 0 ? Infinity : limit;
}
