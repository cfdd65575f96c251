import type { Catalog } from '../../catalog/catalog.js';
import { similarSourceHint } from '../../catalog/missing-source.js';
import { isSystemColumn, isWindowBound } from '../../catalog/system-columns.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { FunctionRegistry } from '../../functions/function.js';
import type { ColumnRef, Expression, QualifiedColumnRef } from '../../syntax/ast/expression.js';
import type { Query, Relation, SelectItem, SourceRelation } from '../../syntax/ast/statement.js';
import { formatType, quoteIdentifier } from '../../types/format-type.js';
import { bindExpression } from '../bind-expression.js';
import { locationPrefix } from '../location.js';
import { PreparationError } from '../preparation-error.js';
import { rewriteExpression, visitExpression } from '../rewrite-expression.js';
import type { QualifiedItem, QualifiedJoin, QualifiedQuery, SourceUse } from './qualified-query.js';
import { SelectNames } from './select-names.js';
import { sourceColumn, SourcesScope } from './source-columns.js';

export interface QueryEnvironment {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  readonly property: (name: string) => string | undefined;
}

/** Settles the names of a query: sources, aliases, columns, select items. */
export function qualifyQuery(query: Query, environment: QueryEnvironment): QualifiedQuery {
  const sources: SourceUse[] = [];
  const pending: { join: Extract<Relation, { kind: 'join' }>; right: SourceUse }[] = [];
  collectSources(query.from, environment.catalog, sources, pending);

  const makesWindows = query.window !== undefined;
  const qualify = (expression: Expression): Expression => qualifyExpression(expression, sources, makesWindows);
  for (const { join } of pending) requireAliases(join.on, sources);
  const joins = pending.map(({ join, right }): QualifiedJoin => ({
    type: join.type,
    right,
    on: qualify(join.on),
    within: join.within,
  }));
  const names = new SelectNames(sources);
  const items = query.select.flatMap((item) => qualifyItem(item, sources, names, qualify, environment));
  const qualified = {
    where: query.where === undefined ? undefined : qualify(query.where),
    groupBy: query.groupBy?.map(qualify),
    partitionBy: query.partitionBy?.map(qualify),
    having: query.having === undefined ? undefined : qualify(query.having),
  };
  return {
    sources,
    joins,
    items,
    ...qualified,
    window: query.window,
    emit: query.emit,
    limit: query.limit,
    location: query.location,
    query: {
      ...query,
      ...qualified,
      select: items.map((item): SelectItem =>
        item.kind === 'all' ? item : { kind: 'expression', expression: item.expression, alias: item.name },
      ),
      from: withConditions(query.from, joins),
    },
  };
}

function collectSources(
  relation: Relation,
  catalog: Catalog,
  sources: SourceUse[],
  joins: { join: Extract<Relation, { kind: 'join' }>; right: SourceUse }[],
): void {
  if (relation.kind === 'source') {
    sources.push(useOf(relation, catalog));
    return;
  }
  collectSources(relation.left, catalog, sources, joins);
  const right = useOf(relation.right, catalog);
  sources.push(right);
  joins.push({ join: relation, right });
}

function useOf({ name, alias }: SourceRelation, catalog: Catalog): SourceUse {
  const source = catalog.sources.get(name);
  if (source === undefined) {
    throw new PreparationError(
      `Exception while preparing statement: ${name} does not exist.${similarSourceHint(catalog, name)}`,
    );
  }
  return { alias, source };
}

function withConditions(relation: Relation, joins: readonly QualifiedJoin[]): Relation {
  if (relation.kind === 'source') return relation;
  const join = joins.at(-1);
  return {
    ...relation,
    left: withConditions(relation.left, joins.slice(0, -1)),
    on: join?.on ?? relation.on,
  };
}

function qualifyExpression(root: Expression, sources: readonly SourceUse[], makesWindows: boolean): Expression {
  return rewriteExpression(root, (expression, bound) => {
    if (expression.kind === 'column') {
      return bound.has(expression.name) ? expression : qualifyColumn(expression, sources);
    }
    if (expression.kind === 'qualifiedColumn') {
      requireAlias(expression.source, sources);
      // The bounds of the windows that the query itself makes belong to no source.
      if (makesWindows && isWindowBound(expression.name) && !isColumnOf(expression, sources)) {
        return { kind: 'column', name: expression.name, location: expression.location };
      }
      return expression;
    }
    return undefined;
  });
}

function isColumnOf({ source, name }: QualifiedColumnRef, sources: readonly SourceUse[]): boolean {
  return sources.some((use) => use.alias === source && sourceColumn(use.source, name) !== undefined);
}

function requireAliases(root: Expression, sources: readonly SourceUse[]): void {
  visitExpression(root, (expression) => {
    if (expression.kind === 'qualifiedColumn') requireAlias(expression.source, sources);
  });
}

function qualifyColumn(reference: ColumnRef, sources: readonly SourceUse[]): Expression {
  const { name, location } = reference;
  const owners = sources.filter(({ source }) => sourceColumn(source, name) !== undefined);
  if (owners.length > 1) {
    throw new PreparationError(
      `Exception while preparing statement: ${locationPrefix(location)}Column '${name}' is ambiguous. Could be ${owners
        .map(({ alias }) => `${alias}.${name}`)
        .join(' or ')}.`,
    );
  }
  const owner = owners[0];
  return owner === undefined ? reference : { kind: 'qualifiedColumn', source: owner.alias, name, location };
}

function requireAlias(alias: string, sources: readonly SourceUse[]): void {
  if (!sources.some((use) => use.alias === alias)) {
    throw new PreparationError(`Failed to prepare statement: '${alias}' is not a valid stream/table name or alias.`);
  }
}

function qualifyItem(
  item: SelectItem,
  sources: readonly SourceUse[],
  names: SelectNames,
  qualify: (expression: Expression) => Expression,
  environment: QueryEnvironment,
): readonly QualifiedItem[] {
  if (item.kind === 'all') {
    if (item.source !== undefined) requireAlias(item.source, sources);
    return [{ kind: 'all', source: item.source }];
  }
  const expression = qualify(item.expression);
  if (expression.kind === 'structAll') {
    const { type } = bindExpression(expression.base, new SourcesScope(sources), {
      functions: environment.functions,
      types: environment.catalog.types,
    });
    if (type?.kind !== 'STRUCT') {
      throw new KsqlError(`Expected STRUCT type, got: ${type === null ? 'NULL' : formatType(type)}`);
    }
    return type.fields.map((field) => {
      const dereference: Expression = { kind: 'dereference', base: expression.base, field: field.name };
      return { kind: 'expression', expression: dereference, name: names.nameOf(dereference) };
    });
  }
  if (item.alias !== undefined && isSystemColumn(item.alias) && !isColumnNamed(expression, item.alias)) {
    throw new PreparationError(
      `Failed to prepare statement: ${locationPrefix(item.location)}${quoteIdentifier(item.alias)} is a reserved column name. You cannot use it as an alias for a column.`,
    );
  }
  return [{ kind: 'expression', expression, name: item.alias ?? names.nameOf(expression) }];
}

function isColumnNamed(expression: Expression, name: string): boolean {
  return (expression.kind === 'column' || expression.kind === 'qualifiedColumn') && expression.name === name;
}
