import type { QualifiedJoin, SourceUse } from '../analyze/query/qualified-query.js';
import { visitExpression } from '../analyze/rewrite-expression.js';
import { KsqlError } from '../errors/sql-error.js';
import type { Expression } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import { quoteIdentifier } from '../types/format-type.js';

/** ON, with the side of the joined source on the right. */
export interface JoinCondition {
  readonly left: Expression;
  readonly right: Expression;
  /** The source that the left side refers to. */
  readonly leftAlias: string;
  /** As the user wrote it, for messages: `L.A = R.A`, with something behind each side. */
  text(suffix?: (side: Expression) => string): string;
}

function sourcesOf(expression: Expression): ReadonlySet<string> {
  const aliases = new Set<string>();
  visitExpression(expression, (node) => {
    if (node.kind === 'qualifiedColumn') aliases.add(node.source);
  });
  return aliases;
}

/** ON must be one equality with one source on each side, one of them the source that is being joined. */
export function readJoinCondition({ on, right }: QualifiedJoin, left: readonly SourceUse[]): JoinCondition {
  if (on.kind === 'logical') {
    throw new KsqlError(
      `Invalid join condition: joins on multiple conditions are not yet supported. Got ${printExpression(on)}.`,
    );
  }
  if (on.kind !== 'comparison' || on.operator !== '=') {
    throw new KsqlError('Only equality join criteria is supported.');
  }
  const single = (side: Expression): string => {
    const [alias, ...others] = sourcesOf(side);
    if (alias === undefined || others.length > 0) {
      throw new KsqlError(
        `Invalid comparison expression '${printExpression(side)}' in join '${printExpression(on)}'. Each side of the join comparision must contain references from exactly one source.`,
      );
    }
    return alias;
  };
  const [first, second] = [single(on.left), single(on.right)];
  if (first === second) {
    throw new KsqlError(
      `Each side of the join must reference exactly one source and not the same source. Left side references ${quoteIdentifier(first)} and right references ${quoteIdentifier(second)}`,
    );
  }
  if (first !== right.alias && second !== right.alias) {
    throw new KsqlError(
      `A join criteria is expected to reference the source (${quoteIdentifier(right.alias)}) in the FROM clause, instead the right source references ${quoteIdentifier(second)} and the left source references ${quoteIdentifier(first)}`,
    );
  }
  const isFlipped = first === right.alias;
  const leftAlias = isFlipped ? second : first;
  if (!left.some(({ alias }) => alias === leftAlias)) {
    throw new KsqlError(
      `The join of ${quoteIdentifier(right.alias)} refers to ${quoteIdentifier(leftAlias)}, which is joined later.`,
    );
  }
  return {
    left: isFlipped ? on.right : on.left,
    right: isFlipped ? on.left : on.right,
    leftAlias,
    text: (suffix = () => '') =>
      `${printExpression(on.left)}${suffix(on.left)} = ${printExpression(on.right)}${suffix(on.right)}`,
  };
}
