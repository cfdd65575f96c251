import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { PseudoColumn } from '../../catalog/schema.js';
import type { SqlType } from '../../types/sql-type.js';
import type { EvaluationRecord } from '../evaluator.js';
import { GROWING } from '../operations/call.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

/** A lambda runs many times, so what it reads is paid for each time. */
function paidInLambda(read: Closure, type: SqlType | null, { isInLambda, budget }: Closing): Closure {
  return isInLambda && GROWING.has(type?.kind) ? (record) => budget.payToRead(read(record)) : read;
}

export const closeLiteral = ({ value, type }: Node<'literal'>, closing: Closing): Closure =>
  paidInLambda(() => value, type, closing);

export const closeKeyColumn = ({ index, type }: Node<'keyColumn'>, closing: Closing): Closure =>
  paidInLambda((record) => record.key?.[index] ?? null, type, closing);

export const closeValueColumn = ({ index, type }: Node<'valueColumn'>, closing: Closing): Closure =>
  paidInLambda((record) => record.value?.[index] ?? null, type, closing);

const PSEUDO: Readonly<Record<PseudoColumn, (record: EvaluationRecord) => number | null>> = {
  ROWTIME: (record) => record.timestamp,
  ROWPARTITION: (record) => record.partition,
  ROWOFFSET: (record) => record.offset,
  WINDOWSTART: (record) => (record.windowStart < 0 ? null : record.windowStart),
  WINDOWEND: (record) => (record.windowEnd < 0 ? null : record.windowEnd),
};

export const closePseudoColumn = ({ name }: Node<'pseudoColumn'>): Closure => PSEUDO[name];

export const closeLambdaVariable = ({ name, type }: Node<'lambdaVariable'>, closing: Closing): Closure => {
  const cell = closing.cell(name);
  return paidInLambda(() => cell.value, type, closing);
};
