import type { BoundExpression } from '../analyze/bound-expression.js';
import type { QualifiedJoin, SourceUse } from '../analyze/query/qualified-query.js';
import { requireNoMapKeys } from '../analyze/rules/map-keys.js';
import type { FormatInfo, TopicInfo } from '../catalog/data-source.js';
import { KsqlError } from '../errors/sql-error.js';
import type { Expression } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import { formatType, quoteIdentifier } from '../types/format-type.js';
import { sameType, type SqlType } from '../types/sql-type.js';
import { buildJoinSource } from './build-source.js';
import { readJoinCondition, type JoinCondition } from './join-condition.js';
import { neededColumns } from './needed-columns.js';
import { NodeScope } from './node-scope.js';
import type { InternalTopic, PlanNode, SelectKeyNode } from './nodes.js';
import { toNodeNames, type QueryContext } from './query-context.js';
import { formatOf } from '../serde/formats.js';
import { sanitizeKeyFormat } from './internal-formats.js';
import { valueReferences, type Stage, type StageKey } from './stage.js';
import { syntheticKeyName } from './synthetic-key.js';

/** All joins of a query, left to right. */
export function buildJoins(context: QueryContext): Stage {
  const { query } = context;
  requireDistinctSources(query.sources);
  const needed = neededColumns(query);
  const count = query.joins.length;
  const first = query.sources[0] as SourceUse;
  let left = buildJoinSource(first, needed.get(first.alias) ?? new Set(), 'L_'.repeat(count - 1), 'Left');
  query.joins.forEach((join, index) => {
    const leftSources = query.sources.slice(0, index + 1);
    left = new JoinBuilder(context, join, leftSources, 'L_'.repeat(count - 1 - index)).build(
      left,
      needed.get(join.right.alias) ?? new Set(),
    );
  });
  return left;
}

function requireDistinctSources(sources: readonly SourceUse[]): void {
  const seen = new Set<string>();
  for (const { source } of sources) {
    if (seen.has(source.name)) {
      throw new KsqlError(
        sources.length === 2
          ? `Can not join '${source.name}' to '${source.name}': self joins are not yet supported.`
          : `N-way joins do not support multiple occurrences of the same source. Source: '${source.name}'.`,
      );
    }
    seen.add(source.name);
  }
}

const KIND_TEXT = {
  INNER: '[INNER] JOIN',
  LEFT: 'LEFT [OUTER] JOIN',
  RIGHT: 'RIGHT [OUTER] JOIN',
  FULL: '[FULL] OUTER JOIN',
} as const;

/** Nodes of Kafka Streams: another key through a topic (select, filter, sink, source); the windows of a join; all of a join. */
const REKEY_NODES = 4;
/** The same of a table: its changes go through the topic and make a table again. */
const TABLE_REKEY_NODES = 6;
const WINDOW_NODES = 2;
const JOIN_NODES = 5;

/** Both sides of the condition, and what was equal to the key of the left side before. */
const keyExpressions = (left: Side, right: Side): readonly string[] => [
  ...(left.needsRekey ? [] : (left.stage.keyExpressions ?? [])),
  ...[left, right].map(({ expression }) => printExpression(expression)),
];

interface Side {
  readonly stage: Stage;
  readonly expression: Expression;
  readonly bound: BoundExpression;
  readonly type: SqlType;
  /** The name in the plan when the expression is a plain column. */
  readonly column: string | undefined;
  /** The records must get another key before the join. */
  readonly needsRekey: boolean;
}

class JoinBuilder {
  private readonly condition: JoinCondition;
  private readonly leftUse: SourceUse;

  constructor(
    private readonly context: QueryContext,
    private readonly join: QualifiedJoin,
    private readonly leftSources: readonly SourceUse[],
    private readonly prefix: string,
  ) {
    this.condition = readJoinCondition(join, leftSources);
    this.leftUse = leftSources.find(({ alias }) => alias === this.condition.leftAlias) as SourceUse;
  }

  build(left: Stage, needed: ReadonlySet<string>): Stage {
    const right = buildJoinSource(this.join.right, needed, this.prefix, 'Right');
    this.requireValueFormats();
    this.requireOrder(left, right);
    const sides = { left: this.side(left, this.condition.left), right: this.side(right, this.condition.right) };
    if (left.isTable && right.isTable) {
      this.requireNoWithin('Table-Table');
      if (sides.right.needsRekey)
        this.failOnCondition('table-table joins require to join on the primary key of the right input table');
      this.requireSameTypes(sides.left, sides.right);
      if (sides.left.needsRekey) return this.foreignKey(sides.left, sides.right);
    } else if (right.isTable) {
      this.requireNoWithin('Stream-Table');
      if (this.join.type === 'FULL') {
        throw new KsqlError(
          `Invalid join type: full-outer join not supported for stream-table join. Got ${this.describe()}.`,
        );
      }
      if (this.join.type === 'RIGHT') {
        throw new KsqlError(`Invalid join type encountered: ${KIND_TEXT.RIGHT}`);
      }
      if (sides.right.needsRekey) this.failOnCondition("stream-table joins require to join on the table's primary key");
    } else if (this.join.within === undefined) {
      throw new KsqlError(
        'Stream-Stream joins must have a WITHIN clause specified. None was provided. To learn about how to specify a WITHIN clause with a stream-stream join, please visit: https://docs.confluent.io/current/ksql/docs/syntax-reference.html#create-stream-as-select',
      );
    }
    if (!sameType(sides.left.type, sides.right.type)) {
      throw new KsqlError(
        `Invalid join. Key types differ: ${formatType(sides.left.type)} vs ${formatType(sides.right.type)}`,
      );
    }
    this.requireWindows(sides.left, sides.right);
    this.requireCoPartitioning();
    return this.primaryKey(sides.left, sides.right);
  }

  private describe(): string {
    return `${this.leftUse.source.name} ${KIND_TEXT[this.join.type]} ${this.join.right.source.name}`;
  }

  private failOnCondition(reason: string): never {
    throw new KsqlError(`Invalid join condition: ${reason}. Got ${this.condition.text()}.`);
  }

  private requireValueFormats(): void {
    const kafka = this.context.query.sources.filter(({ source }) => source.topic.valueFormat.format === 'KAFKA');
    if (kafka.length > 0) {
      throw new KsqlError(
        `Source(s) ${kafka.map(({ source }) => source.name).join(', ')} are using the 'KAFKA' value format. This format does not yet support JOIN.`,
      );
    }
  }

  private requireOrder(left: Stage, right: Stage): void {
    if (left.isTable && !right.isTable) {
      throw new KsqlError(
        `Invalid join order: table-stream joins are not supported; only stream-table joins. Got ${this.describe()}.`,
      );
    }
  }

  private requireNoWithin(kind: string): void {
    if (this.join.within !== undefined) {
      throw new KsqlError(
        `A window definition was provided for a ${kind} join. These joins are not windowed. Please drop the window definition (ie. the WITHIN clause) and try to execute your join again.`,
      );
    }
  }

  private requireSameTypes(left: Side, right: Side): void {
    if (sameType(left.type, right.type)) return;
    const typeOf = (side: Expression): SqlType => (side === this.condition.left ? left.type : right.type);
    throw new KsqlError(
      `Invalid join condition: types don't match. Got ${this.condition.text((side) => `{${formatType(typeOf(side))}}`)}.`,
    );
  }

  private requireWindows(
    { stage: left, needsRekey: leftRekey }: Side,
    { stage: right, needsRekey: rightRekey }: Side,
  ): void {
    const text = (use: SourceUse): string =>
      `${quoteIdentifier(use.source.name)} is ${use.source.topic.window === undefined ? 'not' : use.source.topic.window.type} windowed`;
    if ((left.window === undefined) !== (right.window === undefined)) {
      throw new KsqlError(
        `Can not join windowed source to non-windowed source.\n${text(this.leftUse)}\n${text(this.join.right)}`,
      );
    }
    if (left.window === undefined || right.window === undefined) return;
    if ((left.window.type === 'SESSION') !== (right.window.type === 'SESSION')) {
      throw new KsqlError(
        'Incompatible windowed sources.\n' +
          `Left source: ${left.window.type}\n` +
          `Right source: ${right.window.type}\n` +
          'Session windowed sources can only be joined to other session windowed sources, and may still not result in expected behaviour as session bounds must be an exact match for the join to work\n' +
          'Hopping and tumbling windowed sources can only be joined to other hopping and tumbling windowed sources',
      );
    }
    if (leftRekey || rightRekey || left.window.sizeMs !== right.window.sizeMs) {
      throw new KsqlError(
        'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.',
      );
    }
  }

  private requireCoPartitioning(): void {
    const first = this.leftSources[0] as SourceUse;
    const left = this.context.partitionsOf(first.source.topic.topic);
    const right = this.context.partitionsOf(this.join.right.source.topic.topic);
    if (left === undefined || right === undefined || left === right) return;
    const [a, b] = [first.source.name, this.join.right.source.name].map(quoteIdentifier);
    throw new KsqlError(
      `Can't join ${a} with ${b} since the number of partitions don't match. ${a} partitions = ${left}; ${b} partitions = ${right}. Please repartition either one so that the number of partitions match.`,
    );
  }

  private side(stage: Stage, expression: Expression): Side {
    const named = toNodeNames(this.context.query, expression);
    const bound = this.context.binder.typed(named, new NodeScope(stage.node.schema, stage.window !== undefined));
    const column = named.kind === 'column' ? named.name : undefined;
    const key = stage.keys.length === 1 ? stage.keys[0] : undefined;
    const isKey =
      (column !== undefined && key !== undefined && key.candidates.includes(column)) ||
      stage.keyExpressions?.includes(printExpression(expression)) === true;
    return { stage, expression, bound, type: bound.type, column, needsRekey: !isKey };
  }

  private foreignKey(left: Side, right: Side): Stage {
    if (this.join.type === 'RIGHT' || this.join.type === 'FULL') {
      const kind = this.join.type === 'RIGHT' ? 'RIGHT OUTER JOIN' : 'FULL OUTER JOIN';
      throw new KsqlError(`Invalid join type: ${kind} on a foreign key is not supported. Got ${this.describe()}.`);
    }
    if (this.leftSources.length > 1) {
      this.failOnCondition('foreign-key table-table joins are not supported as part of n-way joins');
    }
    if (left.stage.window !== undefined || right.stage.window !== undefined) {
      throw new KsqlError('Foreign-key table-table joins are not supported on windowed tables.');
    }
    const { node } = left.stage;
    return {
      ...left.stage,
      node: {
        kind: 'foreignKeyJoin',
        id: `${this.prefix}Join`,
        schema: { key: node.schema.key, value: [...node.schema.value, ...right.stage.node.schema.value] },
        left: node,
        right: right.stage.node,
        leftValueCount: node.schema.value.length,
        rightValueCount: right.stage.node.schema.value.length,
        type: this.join.type,
        foreignKey: left.bound,
      },
      keyOrigin: 'foreignKeyJoin',
      internalTopics: [...left.stage.internalTopics, ...right.stage.internalTopics, ...this.rekeyedRight(left, right)],
    };
  }

  /** The other table's keys are looked up by bytes, which with an id of another subject are others. */
  private rekeyedRight({ stage: left }: Side, { stage: right }: Side): readonly InternalTopic[] {
    if (!bearsSchemaIds(right)) return [];
    return [internalTopic(`${this.prefix}RightSourceKeyed-SelectKey-repartition`, left.keyFormat, right)];
  }

  private primaryKey(left: Side, right: Side): Stage {
    const keyFormat = this.joinKeyFormat(left, right);
    const l = this.prepare(left, right, keyFormat, 'left');
    const r = this.prepare(right, left, keyFormat, 'right');
    const isSynthetic = this.join.type === 'FULL';
    const viable = isSynthetic ? undefined : this.viableKey(left, right);
    const name = viable?.candidates[0] ?? syntheticKeyName(this.context.query);
    const common = {
      id: `${this.prefix}Join`,
      schema: {
        key: [{ name, type: left.type }],
        value: [...l.node.schema.value, ...r.node.schema.value],
      },
      left: l.node,
      right: r.node,
      leftValueCount: l.node.schema.value.length,
      rightValueCount: r.node.schema.value.length,
    };
    requireNoMapKeys(common.schema.key);
    const nodesBefore = left.stage.streamsNodes + right.stage.streamsNodes + l.nodes + r.nodes;
    const isTable = left.stage.isTable;
    return {
      node: this.joinNode(common, left.stage, right.stage, keyFormat),
      isTable,
      window: left.stage.window,
      keys: [viable ?? { candidates: [name], display: [name] }],
      keyOrigin: viable === undefined ? 'syntheticJoin' : 'join',
      keyExpressions: isSynthetic ? [] : keyExpressions(left, right),
      keyFormat,
      valueFormat: left.stage.valueFormat,
      internalTopics: [
        ...(right.stage.isTable && !isTable
          ? left.stage.internalTopics.map((topic) => renumbered(topic, right.stage.streamsNodes + r.nodes))
          : left.stage.internalTopics),
        ...right.stage.internalTopics,
        ...l.topics,
        ...r.topics,
        ...this.joinStores(nodesBefore, keyFormat, left.stage, right.stage),
      ],
      streamsNodes: nodesBefore + JOIN_NODES,
    };
  }

  private joinNode(
    common: Pick<PlanNode, 'id' | 'schema'> & {
      readonly left: PlanNode;
      readonly right: PlanNode;
      readonly leftValueCount: number;
      readonly rightValueCount: number;
    },
    left: Stage,
    right: Stage,
    keyFormat: FormatInfo,
  ): PlanNode {
    const { type, within } = this.join;
    if (left.isTable) return { kind: 'tableTableJoin', ...common, type };
    if (right.isTable) return { kind: 'streamTableJoin', ...common, type: type === 'LEFT' ? 'LEFT' : 'INNER' };
    return {
      kind: 'streamStreamJoin',
      ...common,
      type,
      beforeMs: within?.beforeMs ?? 0,
      afterMs: within?.afterMs ?? 0,
      graceMs: within?.graceMs,
      leftInfo: internalTopic('', keyFormat, left).info,
      rightInfo: internalTopic('', keyFormat, right).info,
    };
  }

  /** The two windowed stores of a stream-stream join, with the numbers that Kafka Streams would give them. */
  private joinStores(nodesBefore: number, keyFormat: FormatInfo, left: Stage, right: Stage): readonly InternalTopic[] {
    if (left.isTable || right.isTable) return [];
    const number = (offset: number): string => String(nodesBefore + WINDOW_NODES + offset).padStart(10, '0');
    const [kept, other] = [
      this.join.type === 'FULL' ? 'OUTERTHIS' : 'JOINTHIS',
      this.join.type === 'INNER' ? 'JOINOTHER' : 'OUTEROTHER',
    ];
    return [
      internalTopic(`KSTREAM-${kept}-${number(0)}-store-changelog`, keyFormat, left),
      internalTopic(`KSTREAM-${other}-${number(1)}-store-changelog`, keyFormat, right),
    ];
  }

  /** Every column that is known to equal the join key: each may stand for it in the select list. */
  private viableKey(left: Side, right: Side): StageKey | undefined {
    const of = ({ stage, column, needsRekey, expression }: Side): StageKey => {
      const key = stage.keys[0];
      if (!needsRekey && key !== undefined) return key;
      if (column === undefined || expression.kind !== 'qualifiedColumn') return { candidates: [], display: [] };
      return { candidates: [column], display: [`${expression.source}.${expression.name}`] };
    };
    const isLeftSynthetic = left.stage.keyOrigin === 'syntheticJoin' && !left.needsRekey;
    const [a, b] = [isLeftSynthetic ? { candidates: [], display: [] } : of(left), of(right)];
    const candidates = [...a.candidates, ...b.candidates];
    return candidates.length === 0 ? undefined : { candidates, display: [...a.display, ...b.display] };
  }

  /** The common key format: that of a side which keeps its key, the left one first. */
  private joinKeyFormat(left: Side, right: Side): FormatInfo {
    const chosen = !left.needsRekey
      ? left.stage.keyFormat
      : !right.needsRekey
        ? right.stage.keyFormat
        : left.stage.keyFormat;
    return sanitizeKeyFormat(chosen, [{ name: 'KEY', type: left.type }], this.context.property);
  }

  /** Gives a side the join key, and names the internal topics that a distributed runtime would move it through. */
  private prepare(
    side: Side,
    other: Side,
    keyFormat: FormatInfo,
    position: 'left' | 'right',
  ): { readonly node: PlanNode; readonly topics: readonly InternalTopic[]; readonly nodes: number } {
    const { stage } = side;
    const hasOtherFormat = !sameFormat(stage.keyFormat, keyFormat);
    if (!side.needsRekey && !hasOtherFormat && !bearsSchemaIds(stage)) {
      return { node: stage.node, topics: this.tableTopics(side, position), nodes: 0 };
    }
    const source = position === 'left' ? 'LeftSourceKeyed' : 'RightSourceKeyed';
    if (stage.isTable) {
      return {
        node: stage.node,
        topics: [
          internalTopic(`${this.prefix}${source}-SelectKey-repartition`, keyFormat, stage),
          internalTopic(`${this.prefix}${source}-Materialize-changelog`, keyFormat, stage),
        ],
        nodes: TABLE_REKEY_NODES,
      };
    }
    const suffix = other.stage.isTable ? 'Join-repartition' : `Join-${position}-repartition`;
    const repartition = internalTopic(`${this.prefix}${suffix}`, keyFormat, stage);
    if (!side.needsRekey) return { node: stage.node, topics: [repartition], nodes: REKEY_NODES };
    const node: SelectKeyNode = {
      kind: 'selectKey',
      id: `${this.prefix}${source}`,
      schema: { key: [{ name: side.column ?? 'KEY', type: side.type }], value: stage.node.schema.value },
      input: stage.node,
      keys: [side.bound],
      values: valueReferences(stage.node),
      repartition,
    };
    return { node, topics: [repartition], nodes: REKEY_NODES };
  }

  private tableTopics({ stage }: Side, position: 'left' | 'right'): readonly InternalTopic[] {
    const isSource = stage.node.kind === 'project' && stage.node.input.kind === 'tableSource';
    if (!isSource) return [];
    const suffix = `${this.prefix}KafkaTopic_${position === 'left' ? 'Left' : 'Right'}-Reduce-changelog`;
    return [internalTopic(suffix, stage.keyFormat, stage)];
  }
}

/** Kafka Streams numbers the nodes of a stream-table join from the table on. */
function renumbered({ suffix, info }: InternalTopic, nodesBefore: number): InternalTopic {
  const name = suffix.replace(/(?<=^KSTREAM-[A-Z]+-)\d{10}/, (number) =>
    String(Number(number) + nodesBefore).padStart(10, '0'),
  );
  return { suffix: name, info: { ...info, topic: name } };
}

function internalTopic(suffix: string, keyFormat: FormatInfo, stage: Stage): InternalTopic {
  const info: TopicInfo = {
    topic: suffix,
    keyFormat,
    valueFormat: stage.valueFormat,
    ...(stage.window === undefined ? {} : { window: stage.window }),
  };
  return { suffix, info };
}

/**
 * Whether equal keys of two such stages may differ in their bytes, and so lie in partitions of other numbers: keys of a topic that bear the
 * id of a schema bear that of its own subject.
 */
function bearsSchemaIds({ node, keyFormat }: Stage): boolean {
  const isSource = node.kind === 'project' && (node.input.kind === 'streamSource' || node.input.kind === 'tableSource');
  return isSource && formatOf(keyFormat).registry !== undefined;
}

const sameFormat = (a: FormatInfo, b: FormatInfo): boolean =>
  a.format === b.format && JSON.stringify(a.properties) === JSON.stringify(b.properties);
