import type { BoundExpression } from '../analyze/bound-expression.js';
import type { Column } from '../catalog/schema.js';
import { isSystemColumn, isWindowBound } from '../catalog/system-columns.js';
import { KsqlError } from '../errors/sql-error.js';
import { formatType, quoteIdentifier } from '../types/format-type.js';
import type { SqlType } from '../types/sql-type.js';
import { NodeScope } from './node-scope.js';
import type { ProjectNode } from './nodes.js';
import type { QueryContext } from './query-context.js';
import type { SelectedItem } from './select-items.js';
import type { Stage } from './stage.js';

/** A column of a transient answer: its name, and where the projection put it. */
export interface ProjectedColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly place: ProjectedPlace;
}
export type ProjectedPlace =
  { readonly part: 'key' | 'value'; readonly index: number } | { readonly part: 'windowStart' | 'windowEnd' };

export interface Projected {
  readonly node: ProjectNode;
  /** The select list in its order; only transient queries need it. */
  readonly columns: readonly ProjectedColumn[];
  /** Names of the select items that are key columns, for transient queries: deletions show them. */
  readonly keyItems: readonly string[];
}

const plural = (word: string, count: number): string => (count === 1 ? word : `${word}s`);

/** The select list of a persistent query: plain references to key columns become the key, all else the value. */
export function buildSinkProjection(context: QueryContext, stage: Stage, items: readonly SelectedItem[]): Projected {
  const scope = new NodeScope(stage.node.schema, stage.window !== undefined);
  const kept = items.filter(({ expression, name, isFromStar }) => {
    if (!isSystemColumn(name) || isFromStar) return true;
    // The bounds of the window that the query itself makes live in the key of its result already.
    const isOwnBound = expression.kind === 'column' && expression.name === name && isWindowBound(name);
    if (isOwnBound && context.query.window !== undefined) return false;
    throw new KsqlError(`Reserved column name in select: ${quoteIdentifier(name)}. Please remove or alias the column.`);
  });
  const bound = kept.map((item) => ({ ...item, bound: context.binder.typed(item.expression, scope) }));
  requireDistinctNames(bound.map(({ name, bound: { type } }) => ({ name, type })));

  const { keyItems, missing } = matchKeys(stage, kept);
  if (missing.length > 0 && !mayDropKey(context, stage)) requireKeys(context, stage, missing);
  requireSingleUse(stage, kept);

  const key: Column[] = [];
  const keyColumns: number[] = [];
  keyItems.forEach((item, index) => {
    const column = stage.node.schema.key[index];
    if (item === undefined || column === undefined || missing.length > 0) return;
    key.push({ name: item.name, type: column.type });
    keyColumns.push(index);
  });
  const values = bound.filter((item) => !key.some(({ name }) => name === item.name));
  if (values.length === 0) throw new KsqlError('The projection contains no value columns.');
  return {
    columns: [],
    keyItems: [],
    node: {
      kind: 'project',
      id: stage.keyOrigin === 'grouping' ? 'Aggregate-Project' : 'Project',
      schema: { key, value: values.map(({ name, bound: { type } }) => ({ name, type })) },
      input: stage.node,
      isTable: stage.isTable,
      keyColumns,
      values: values.map((item) => item.bound),
    },
  };
}

/**
 * The select list of a push query: every item is a value, the key stays as it is for the order of changes. Items that only name a
 * part of the key are read from there, since a deletion has nothing else.
 */
export function buildTransientProjection(
  context: QueryContext,
  stage: Stage,
  items: readonly SelectedItem[],
): Projected {
  const scope = new NodeScope(stage.node.schema, stage.window !== undefined);
  const values: BoundExpression[] = [];
  const columns: Column[] = [];
  const { keyItems } = matchKeys(stage, items);
  const isKeyShown = stage.isTable || (stage.keyOrigin !== 'join' && stage.keyOrigin !== 'syntheticJoin');
  const projected = items.map((item): ProjectedColumn => {
    const { name } = item;
    const bound = context.binder.typed(item.expression, scope);
    values.push(bound);
    columns.push({ name, type: bound.type });
    const common = { name, type: bound.type };
    const keyIndex = isKeyShown ? keyItems.indexOf(item) : -1;
    if (keyIndex >= 0) return { ...common, place: { part: 'key', index: keyIndex } };
    if (bound.kind === 'pseudoColumn' && isWindowBound(bound.name)) {
      return { ...common, place: { part: bound.name === 'WINDOWSTART' ? 'windowStart' : 'windowEnd' } };
    }
    return { ...common, place: { part: 'value', index: values.length - 1 } };
  });
  requireDistinctNames(columns);
  return {
    columns: projected,
    keyItems: keyItems.flatMap((item) => (item === undefined ? [] : [item.name])),
    node: {
      kind: 'project',
      id: stage.keyOrigin === 'grouping' ? 'Aggregate-Project' : 'Project',
      schema: { key: stage.node.schema.key, value: columns },
      input: stage.node,
      isTable: stage.isTable,
      keyColumns: stage.node.schema.key.map((_, index) => index),
      values,
    },
  };
}

function requireDistinctNames(columns: readonly Column[]): void {
  const seen = new Set<string>();
  for (const { name, type } of columns) {
    if (seen.has(name)) {
      throw new KsqlError(`Duplicate value columns found in schema: ${quoteIdentifier(name)} ${formatType(type)}`);
    }
    seen.add(name);
  }
}

/** The experimental planner makes a stream without a key of a projection without the key. */
const mayDropKey = (context: QueryContext, stage: Stage): boolean =>
  !stage.isTable && context.property('ksql.new.query.planner.enabled')?.toLowerCase() === 'true';

const isReference = ({ expression }: SelectedItem, name: string): boolean =>
  expression.kind === 'column' && expression.name === name;

/** For each key column the select item that is it: the first candidate that the list has. */
function matchKeys(
  stage: Stage,
  items: readonly SelectedItem[],
): { readonly keyItems: readonly (SelectedItem | undefined)[]; readonly missing: readonly number[] } {
  const keyItems = stage.keys.map(({ candidates }) => {
    for (const candidate of candidates) {
      const item = items.find((other) => isReference(other, candidate));
      if (item !== undefined) return item;
    }
    return undefined;
  });
  return { keyItems, missing: keyItems.flatMap((item, index) => (item === undefined ? [index] : [])) };
}

function requireKeys(context: QueryContext, stage: Stage, missing: readonly number[]): void {
  if (missing.length === 0) return;
  const sink = quoteIdentifier(context.sinkName ?? '');
  const must = (what: string, names: string, example: string): string =>
    `The query used to build ${sink} must include the ${what} ${names} in its projection (eg, SELECT ${example}...).`;
  const { keyOrigin, keys } = stage;
  if (keyOrigin === 'foreignKeyJoin') {
    const [left] = context.query.sources;
    const columns = missing.map((index) => quoteIdentifier(left?.source.schema.key[index]?.name ?? ''));
    throw new KsqlError(
      `Primary key column missing in projection. For foreign-key table-table joins, the projection must include all primary key columns from the left input table (${quoteIdentifier(left?.alias ?? '')}). Missing ${plural('column', columns.length)}: ${columns.join(', ')}.`,
    );
  }
  if (keyOrigin === 'join' || keyOrigin === 'syntheticJoin') {
    const names = keys[0]?.display ?? [];
    const text = must(plural('join expression', names.length), listed(names, 'or'), names[0] ?? '');
    throw new KsqlError(
      keyOrigin === 'join'
        ? `Key missing from projection (ie, SELECT). \n${text}`
        : `Key missing from projection (ie, SELECT). See https://cnfl.io/2LV7ouS.\n${text}\n${names[0]} was added as a synthetic key column because the join criteria did not match any source column. This expression must be included in the projection and may be aliased. `,
    );
  }
  // The key of a source is told whole, of a grouping or another key what is missing.
  const told = keyOrigin === 'source' ? keys : missing.flatMap((index) => keys[index] ?? []);
  const names = told.map(({ display }) => display[0] ?? '');
  const what = { source: 'key column', partitioning: 'partitioning expression', grouping: 'grouping expression' }[
    keyOrigin
  ];
  throw new KsqlError(
    `Key missing from projection (ie, SELECT). \n${must(plural(what, names.length), listed(names, 'and'), names.join(', '))}`,
  );
}

/** Each key column once; a copy into the value needs AS_VALUE. */
function requireSingleUse(stage: Stage, items: readonly SelectedItem[]): void {
  for (const { candidates } of stage.keys) {
    const name = candidates.find((candidate) => items.some((item) => isReference(item, candidate)));
    if (name === undefined) continue;
    const uses = items.filter((item) => isReference(item, name)).map((item) => item.name);
    if (uses.length < 2) continue;
    const advice =
      'Each key column must only be in the projection once. If you intended to copy the key into the value, then consider using the `AS_VALUE` function to indicate which key reference should be copied.';
    throw new KsqlError(
      stage.keyOrigin === 'grouping'
        ? `The projection contains a key column more than once: ${listed(uses.map(quoteIdentifier), 'and')}.\n${advice}`
        : `The projection contains a key column (${quoteIdentifier(name)}) more than once, aliased as: ${listed([...uses].sort(), 'and')}.\n${advice}`,
    );
  }
}

function listed(names: readonly string[], word: 'and' | 'or'): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}
