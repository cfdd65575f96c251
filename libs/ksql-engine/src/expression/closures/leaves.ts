import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { PseudoColumn } from '../../catalog/schema.js';
import type { EvaluationRecord } from '../evaluator.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

export const closeLiteral = ({ value }: Node<'literal'>): Closure => {
  return () => value;
};

export const closeKeyColumn = ({ index }: Node<'keyColumn'>): Closure => {
  return (record) => record.key?.[index] ?? null;
};

export const closeValueColumn = ({ index }: Node<'valueColumn'>): Closure => {
  return (record) => record.value?.[index] ?? null;
};

const PSEUDO: Readonly<Record<PseudoColumn, (record: EvaluationRecord) => number | null>> = {
  ROWTIME: (record) => record.timestamp,
  ROWPARTITION: (record) => record.partition,
  ROWOFFSET: (record) => record.offset,
  WINDOWSTART: (record) => (record.windowStart < 0 ? null : record.windowStart),
  WINDOWEND: (record) => (record.windowEnd < 0 ? null : record.windowEnd),
};

export const closePseudoColumn = ({ name }: Node<'pseudoColumn'>): Closure => PSEUDO[name];

export const closeLambdaVariable = ({ name }: Node<'lambdaVariable'>, closing: Closing): Closure => {
  const cell = closing.cell(name);
  return () => cell.value;
};
