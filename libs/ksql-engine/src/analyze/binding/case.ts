import { KsqlError } from '../../errors/sql-error.js';
import type { SearchedCase, SimpleCase } from '../../syntax/ast/expression.js';
import { formatType } from '../../types/format-type.js';
import { sameType, type SqlType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import type { Binder } from './binder.js';

/** All branches must have the very same type; NULL takes the type of the others. */
export function bindSearchedCase(expression: SearchedCase, binder: Binder): BoundExpression {
  const whens = expression.whens.map((when) => ({
    condition: binder.bind(when.condition),
    result: binder.bind(when.result),
  }));
  const otherwise = expression.otherwise && binder.bind(expression.otherwise);
  for (const { condition } of whens) {
    if (condition.type?.kind === 'BOOLEAN') continue;
    throw new KsqlError(
      `WHEN operand type should be boolean.\nType for '${formatBound(condition)}' is ${nameOf(condition.type)}`,
    );
  }
  let type: SqlType | null = null;
  for (const { condition, result } of whens) {
    if (result.type === null) continue;
    if (type !== null && !sameType(type, result.type)) {
      throw new KsqlError(
        "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n" +
          `THEN expression 'WHEN ${formatBound(condition)} THEN ${formatBound(result)}' has type: ${formatType(result.type)}.\n` +
          `Previous THEN expression(s) type: ${formatType(type)}.`,
      );
    }
    type = result.type;
  }
  const last = otherwise?.type ?? null;
  if (type !== null && last !== null && !sameType(type, last)) {
    throw new KsqlError(
      "Invalid Case expression. Type for the default clause should be the same as for 'THEN' clauses.\n" +
        `THEN type: ${formatType(type)}.\nDEFAULT type: ${formatType(last)}.`,
    );
  }
  type ??= last;
  if (type === null) throw new KsqlError('Invalid Case expression. All case branches have NULL type');
  return { kind: 'case', whens, otherwise, type };
}

const nameOf = (type: SqlType | null): string => (type === null ? 'NULL' : formatType(type));

export function bindSimpleCase(expression: SimpleCase, binder: Binder): BoundExpression {
  const operand = formatBound(binder.bind(expression.operand));
  throw new KsqlError(`CASE ${operand} WHEN … is not yet implemented: use CASE WHEN ${operand} = … THEN …`);
}
