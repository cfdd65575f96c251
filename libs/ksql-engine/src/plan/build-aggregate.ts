import type { BoundAggregateCall } from '../analyze/bound-expression.js';
import { expressionKey, rewriteExpression, visitExpression } from '../analyze/rewrite-expression.js';
import type { TopicInfo } from '../catalog/data-source.js';
import type { Column, Schema } from '../catalog/schema.js';
import { isWindowBound } from '../catalog/system-columns.js';
import { ExpressionTypeError } from '../analyze/invalid-expression.js';
import { KsqlError } from '../errors/sql-error.js';
import type { FunctionContext } from '../functions/function.js';
import { formatOf } from '../serde/formats.js';
import type { Expression, FunctionCall } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import type { SqlType } from '../types/sql-type.js';
import { callsOf, isCallOf, requireKnownFunctions } from './function-calls.js';
import { sanitizeKeyFormat } from './internal-formats.js';
import { keyExpressionNames, requireDistinct } from './key-expression.js';
import { NodeScope } from './node-scope.js';
import type { GroupByNode, InternalTopic, PlanNode, WindowSpec } from './nodes.js';
import { toNodeNames, type QueryContext } from './query-context.js';
import type { SelectedItem } from './select-items.js';
import { keyReferences, valueReferences, type Stage } from './stage.js';
import { windowSpec } from './window-spec.js';

export interface AggregatedStage {
  readonly stage: Stage;
  readonly items: readonly SelectedItem[];
  readonly windowSpec: WindowSpec | undefined;
}

/** GROUP BY, aggregates, windows and HAVING: everything between the input and the projection. */
export function buildAggregate(
  context: QueryContext,
  input: Stage,
  selected: readonly SelectedItem[],
): AggregatedStage {
  const having = context.query.having === undefined ? undefined : toNodeNames(context.query, context.query.having);
  const arguments_ = [...selected.map(({ expression }) => expression), having]
    .flatMap((expression) => callsOf('aggregate', expression, context.binder.functions))
    .flatMap((call) => call.args);
  return new AggregateBuilder(context, withKeysAsValues(input, arguments_), selected).build();
}

/** Grouping takes the old key away: key columns that aggregates read are copied into the value before. */
function withKeysAsValues(input: Stage, expressions: readonly Expression[]): Stage {
  const { node } = input;
  const read = new Set<string>();
  for (const expression of expressions) {
    visitExpression(expression, (part) => {
      if (part.kind === 'column') read.add(part.name);
    });
  }
  const inValue = new Set(node.schema.value.map(({ name }) => name));
  const moved = keyReferences(node).filter(
    (key) => key.kind === 'keyColumn' && read.has(key.name) && !inValue.has(key.name),
  );
  if (moved.length === 0) return input;
  const columns = node.schema.key.filter(({ name }) => read.has(name) && !inValue.has(name));
  return {
    ...input,
    node: {
      kind: 'project',
      id: 'Aggregate-Prepare',
      schema: { key: node.schema.key, value: [...node.schema.value, ...columns] },
      input: node,
      isTable: input.isTable,
      keyColumns: node.schema.key.map((_, index) => index),
      values: [...valueReferences(node), ...moved],
    },
  };
}

/** Binding an aggregate to see what it can do needs no facts about the world. */
const NO_CONTEXT: FunctionContext = { nowMs: () => 0, random: () => 0, property: () => undefined };

class AggregateBuilder {
  private readonly grouping: readonly Expression[];
  private readonly isImplicitGroup: boolean;
  private readonly having: Expression | undefined;
  private readonly inputScope: NodeScope;
  private readonly calls = new Map<
    string,
    { readonly call: FunctionCall; readonly bound: BoundAggregateCall; readonly name: string }
  >();

  constructor(
    private readonly context: QueryContext,
    private readonly input: Stage,
    private readonly selected: readonly SelectedItem[],
  ) {
    const { query } = context;
    this.isImplicitGroup = query.groupBy === undefined;
    this.grouping = query.groupBy?.map((e) => toNodeNames(query, e)) ?? [{ kind: 'integer', value: 1 }];
    this.having = query.having === undefined ? undefined : toNodeNames(query, query.having);
    this.inputScope = new NodeScope(input.node.schema, input.window !== undefined);
  }

  build(): AggregatedStage {
    const { context, input } = this;
    this.requireWellFormed();
    const spec =
      context.query.window === undefined ? undefined : windowSpec(context.query.window, context.query.emit === 'FINAL');
    const keys = this.grouping.map((expression) => context.binder.typed(expression, this.inputScope, 'GROUP BY'));
    const names = keyExpressionNames(context.query, this.grouping);
    const key = keys.map(({ type }, index): Column => ({ name: names[index] as string, type }));
    const keyFormat = sanitizeKeyFormat(input.keyFormat, key, context.property);
    const needsRepartition = input.isTable || !this.isCurrentKey();
    const repartition: InternalTopic | undefined = needsRepartition
      ? {
          suffix: 'Aggregate-GroupBy-repartition',
          info: this.internalInfo('Aggregate-GroupBy-repartition', keyFormat, undefined),
        }
      : undefined;
    const groupBy: GroupByNode = {
      kind: 'groupBy',
      id: 'Aggregate-GroupBy',
      schema: { key, value: input.node.schema.value },
      input: input.node,
      isTable: input.isTable,
      keys,
      repartition,
    };

    const replace = (expression: Expression): Expression => this.overResult(expression, key);
    const items = this.selected.map((item) => ({ ...item, expression: replace(item.expression) }));
    const having = this.having === undefined ? undefined : replace(this.having);
    const calls = [...this.calls.values()];
    if (input.isTable) this.requireUndo(calls.map(({ bound }) => bound));
    const window = spec === undefined ? input.window : windowInfo(spec);
    const schema: Schema = { key, value: calls.map(({ name, bound }) => ({ name, type: bound.type })) };
    const stateSchema: Schema = { key, value: calls.map(({ name, bound }) => ({ name, type: bound.stateType })) };
    this.requireStorableStates(stateSchema);
    const storeTopic = 'Aggregate-Aggregate-Materialize-changelog';
    const storeInfo = this.internalInfo(storeTopic, keyFormat, spec);
    const common = {
      id: 'Aggregate-Aggregate',
      schema,
      input: groupBy,
      carried: [],
      calls: calls.map(({ bound }) => bound),
      materialized: { storeName: 'Aggregate-Aggregate-Materialize', info: storeInfo, schema: stateSchema },
      inputColumns: this.inputColumns(),
      functionTexts: calls.map(({ call }) => this.callText(call)),
    };
    const emitFinal = context.query.emit === 'FINAL';
    let node: PlanNode =
      spec !== undefined
        ? { kind: 'windowedAggregate', ...common, window: spec, emitFinal }
        : { kind: input.isTable ? 'tableAggregate' : 'streamAggregate', ...common };
    if (having !== undefined) {
      node = {
        kind: 'filter',
        id: 'Aggregate-HavingFilter',
        schema,
        input: node,
        isTable: true,
        predicate: this.bindHaving(having, new NodeScope(schema, window !== undefined)),
        clause: 'HAVING',
      };
    }
    return {
      items,
      windowSpec: spec,
      stage: {
        node,
        isTable: true,
        window,
        keys: key.map(({ name }, index) => ({
          candidates: [name],
          display: [printExpression(this.grouping[index] as Expression)],
        })),
        keyOrigin: 'grouping',
        keyFormat,
        valueFormat: input.valueFormat,
        internalTopics: [
          ...input.internalTopics,
          ...(repartition === undefined ? [] : [repartition]),
          { suffix: storeTopic, info: storeInfo },
        ],
        streamsNodes: input.streamsNodes,
      },
    };
  }

  private requireWellFormed(): void {
    const { query, binder } = this.context;
    const { functions } = binder;
    for (const expression of this.grouping) {
      const call = callsOf('aggregate', expression, functions)[0];
      if (call !== undefined) {
        throw new KsqlError(`GROUP BY does not support aggregate functions: ${call.name} is an aggregate function.`);
      }
      requireNoWindowBounds(expression);
    }
    requireDistinct('GROUP BY', this.grouping);
    if (this.selected.some(({ expression }) => callsOf('table', expression, functions).length > 0)) {
      throw new KsqlError('Table functions cannot be used with aggregations.');
    }
    const expressions = [...this.selected.map(({ expression }) => expression), this.having];
    for (const expression of expressions) requireKnownFunctions(expression, functions);
    if (this.having !== undefined) requireNoWindowBounds(this.having);
    const calls = expressions.flatMap((expression) => callsOf('aggregate', expression, functions));
    if (calls.length === 0) {
      throw new KsqlError('GROUP BY requires aggregate functions in either the SELECT or HAVING clause.');
    }
    for (const call of calls) {
      if (call.args.some((argument) => callsOf('aggregate', argument, functions).length > 0)) {
        throw new KsqlError(`Aggregate functions can not be nested: ${printExpression(call)}`);
      }
      call.args.forEach(requireNoWindowBounds);
    }
    this.requireGroupedExpressions();
    const kafka = query.sources.filter(({ source }) => source.topic.valueFormat.format === 'KAFKA');
    if (kafka.length > 0) {
      throw new KsqlError(
        `Source(s) ${kafka.map(({ source }) => source.name).join(', ')} are using the 'KAFKA' value format. This format does not yet support GROUP BY.`,
      );
    }
    if (query.window !== undefined && this.input.isTable) {
      throw new KsqlError('Windowing not supported for table aggregations.');
    }
  }

  /** Outside aggregates only what GROUP BY names may stand. */
  private requireGroupedExpressions(): void {
    const isGrouped = (expression: Expression): boolean => {
      let grouped = true;
      const groups = this.groupKeys();
      visitExpression(expression, (node, bound) => {
        if (groups.has(expressionKey(node)) || isCallOf('aggregate', node, this.context.binder.functions)) return false;
        if (node.kind === 'column' && !bound.has(node.name) && !this.isOwnWindowBound(node.name)) grouped = false;
        return undefined;
      });
      return grouped;
    };
    const loose = this.selected.filter(({ expression }) => !isGrouped(expression));
    if (loose.length > 0) {
      throw new KsqlError(
        `Non-aggregate SELECT expression(s) not part of GROUP BY: ${loose.map(({ expression }) => printExpression(expression)).join(', ')}\nEither add the column(s) to the GROUP BY or remove them from the SELECT.`,
      );
    }
    if (this.having !== undefined && !isGrouped(this.having)) {
      throw new KsqlError(
        `Non-aggregate HAVING expression not part of GROUP BY: ${this.looseColumns(this.having).join(', ')}\nConsider switching the HAVING clause to a WHERE clause before the GROUP BY.`,
      );
    }
  }

  private looseColumns(expression: Expression): readonly string[] {
    const groups = this.groupKeys();
    const names: string[] = [];
    visitExpression(expression, (node) => {
      if (groups.has(expressionKey(node)) || isCallOf('aggregate', node, this.context.binder.functions)) return false;
      if (node.kind === 'column') names.push(node.name);
      return undefined;
    });
    return names;
  }

  private groupKeys(): ReadonlySet<string> {
    return new Set(this.isImplicitGroup ? [] : this.grouping.map(expressionKey));
  }

  private isOwnWindowBound(name: string): boolean {
    return isWindowBound(name) && (this.context.query.window !== undefined || this.input.window !== undefined);
  }

  private isCurrentKey(): boolean {
    return (
      this.input.keys.length === this.grouping.length &&
      this.input.keys.every((key, index) => {
        const expression = this.grouping[index];
        return expression?.kind === 'column' && key.candidates.includes(expression.name);
      })
    );
  }

  /** An expression over the result of the aggregation: grouped parts become key columns, aggregates their columns. */
  private overResult(expression: Expression, key: readonly Column[]): Expression {
    const groups = this.isImplicitGroup ? [] : this.grouping.map(expressionKey);
    return rewriteExpression(expression, (node) => {
      const index = groups.indexOf(expressionKey(node));
      const group = key[index];
      if (group !== undefined) return { kind: 'column', name: group.name };
      if (isCallOf('aggregate', node, this.context.binder.functions)) {
        return { kind: 'column', name: this.aggregateColumn(node) };
      }
      return undefined;
    });
  }

  private aggregateColumn(call: FunctionCall): string {
    const key = expressionKey(call);
    const known = this.calls.get(key);
    if (known !== undefined) return known.name;
    const bound = this.context.binder.aggregate(call, this.inputScope);
    const name = `KSQL_AGG_VARIABLE_${this.calls.size}`;
    this.calls.set(key, { call, bound, name });
    return name;
  }

  /** All functions that cannot take back what a changed row had added, at once. */
  private requireUndo(calls: readonly BoundAggregateCall[]): void {
    const names = [...new Set(calls.filter((call) => !this.hasUndo(call)).map((call) => call.function))];
    if (names.length > 0) {
      throw new KsqlError(
        `The aggregation function${names.length === 1 ? '' : 's'} ${names.join(', ')} cannot be applied to a table source, only to a stream source.`,
      );
    }
  }

  private hasUndo({ function: name, overload: index, args, constants }: BoundAggregateCall): boolean {
    const definition = this.context.binder.functions.find(name);
    const overload = definition?.kind === 'aggregate' ? definition.overloads[index] : undefined;
    return (
      overload?.bind(
        args.map(({ type }) => type as SqlType),
        constants,
        NO_CONTEXT,
      ).undo !== undefined
    );
  }

  private bindHaving(having: Expression, scope: NodeScope) {
    try {
      return this.context.binder.predicate(having, scope, 'HAVING');
    } catch (error) {
      if (!(error instanceof ExpressionTypeError)) throw error;
      throw new ExpressionTypeError(this.asWritten(error.message), this.asWritten(error.expression), { cause: error });
    }
  }

  /** A text with the calls themselves in place of the columns that hold their results. */
  private asWritten(text: string): string {
    return text.replaceAll(/KSQL_AGG_VARIABLE_\d+/g, (name) => {
      const found = [...this.calls.values()].find((candidate) => candidate.name === name);
      return found === undefined ? name : printExpression(found.call);
    });
  }

  private requireStorableStates({ value }: Schema): void {
    const info = this.input.valueFormat;
    try {
      if (value.length > 1 && info.format === 'KAFKA') return;
      formatOf(info).validate({ columns: value, isKey: false, info });
    } catch (error) {
      if (!(error instanceof KsqlError)) throw error;
      throw new KsqlError(
        'One of the functions used in the statement has an intermediate type that the value format can not handle. Please remove the function or change the format.',
        { cause: error },
      );
    }
  }

  private internalInfo(topic: string, keyFormat: Stage['keyFormat'], spec: WindowSpec | undefined): TopicInfo {
    const window = spec === undefined ? this.input.window : windowInfo(spec);
    return { topic, keyFormat, valueFormat: this.input.valueFormat, ...(window === undefined ? {} : { window }) };
  }

  private callText(call: FunctionCall): string {
    return call.args.length === 0 ? `${call.name}(ROWTIME)` : printExpression(call);
  }

  /** Names of the columns that feed the aggregation, in the order of their use: what an upgrade may not change. */
  private inputColumns(): readonly string[] {
    const names = new Set<string>();
    const scan = (expression: Expression): void => {
      visitExpression(expression, (node) => {
        if (node.kind === 'column' && !isWindowBound(node.name)) names.add(node.name);
        if (isCallOf('aggregate', node, this.context.binder.functions) && node.args.length === 0) names.add('ROWTIME');
      });
    };
    this.grouping.forEach(scan);
    for (const { expression } of this.selected) scan(expression);
    if (this.having !== undefined) scan(this.having);
    if (this.context.query.where !== undefined) scan(toNodeNames(this.context.query, this.context.query.where));
    return [...names];
  }
}

function requireNoWindowBounds(expression: Expression): void {
  visitExpression(expression, (node) => {
    if (node.kind === 'column' && isWindowBound(node.name)) {
      throw new KsqlError(
        `Window bounds column ${node.name} can only be used in the SELECT clause of windowed aggregations and can not be passed to aggregate functions. See https://github.com/confluentinc/ksql/issues/4397`,
      );
    }
  });
}

export const windowInfo = ({ type, sizeMs }: WindowSpec): NonNullable<TopicInfo['window']> =>
  type === 'SESSION' ? { type } : { type, sizeMs };
