import type { BoundExpression } from '../analyze/bound-expression.js';
import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import type { Expression } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import { sanitizeKeyFormat } from './internal-formats.js';
import { keyExpressionNames, requireDistinct } from './key-expression.js';
import { NodeScope } from './node-scope.js';
import { toNodeNames, type QueryContext } from './query-context.js';
import type { Stage } from './stage.js';

/** PARTITION BY: another key; old key columns become values, columns that become keys leave the value. */
export function buildPartitionBy(context: QueryContext, stage: Stage, qualified: readonly Expression[]): Stage {
  if (qualified.length === 0) throw new KsqlError('PARTITION BY requires at least one expression');
  const expressions = qualified.map((expression) => toNodeNames(context.query, expression));
  if (stage.isTable) {
    const keyColumn = stage.node.schema.key.map(({ name }) => name).join(', ');
    throw new KsqlError(
      `Cannot repartition a TABLE source. If this is a join, make sure that the criteria uses the TABLE's key column ${keyColumn} instead of [${expressions.map((e) => printExpression(e)).join(', ')}]`,
    );
  }
  requireDistinct('PARTITION BY', expressions);
  const isNull = expressions.map(({ kind }) => kind === 'null');
  if (isNull.includes(true) && expressions.length > 1) {
    throw new KsqlError('Cannot PARTITION BY multiple columns including NULL');
  }
  if (isCurrentKey(stage, expressions)) return stage;
  if (stage.window !== undefined) {
    throw new KsqlError(
      'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.',
    );
  }
  const keyless = isNull[0] === true;
  const scope = new NodeScope(stage.node.schema, false);
  const bound = keyless ? [] : expressions.map((expression) => context.binder.typed(expression, scope, 'PARTITION BY'));
  const names = keyless ? [] : keyExpressionNames(context.query, expressions);
  const key = bound.map(({ type }, index): Column => ({ name: names[index] as string, type }));
  const becameKey = new Set(
    expressions.flatMap((expression) => (expression.kind === 'column' ? [expression.name] : [])),
  );
  const value: Column[] = [];
  const values: BoundExpression[] = [];
  const { schema } = stage.node;
  const keep = (column: Column, kind: 'keyColumn' | 'valueColumn', index: number): void => {
    const { name, type } = column;
    if (becameKey.has(name) || value.some((other) => other.name === name)) return;
    value.push({ name, type });
    values.push({ kind, index, name, type });
  };
  schema.value.forEach((column, index) => keep(column, 'valueColumn', index));
  // The records of a join carry their key among the values under each side's name already.
  if (context.query.joins.length === 0) schema.key.forEach((column, index) => keep(column, 'keyColumn', index));

  return {
    ...stage,
    node: {
      kind: 'selectKey',
      id: 'PartitionBy',
      schema: { key, value },
      input: stage.node,
      keys: bound,
      values,
      repartition: undefined,
    },
    keys: key.map(({ name }, index) => ({
      candidates: [name],
      display: [printExpression(qualified[index] as Expression)],
    })),
    keyOrigin: 'partitioning',
    keyFormat: sanitizeKeyFormat(stage.keyFormat, key, context.property),
  };
}

/** The expressions are the present key columns in their order: nothing to do. */
function isCurrentKey(stage: Stage, expressions: readonly Expression[]): boolean {
  return (
    stage.keys.length === expressions.length &&
    stage.keys.every((key, index) => {
      const expression = expressions[index];
      return expression?.kind === 'column' && key.candidates.includes(expression.name);
    })
  );
}
