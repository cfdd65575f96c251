import type { BoundAggregateCall, BoundExpression, BoundTableCall } from '../analyze/bound-expression.js';
import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import { KsqlError, StreamsError } from '../errors/sql-error.js';
import { compileExpression, compilePredicate, compileProjection, compileSelection } from '../expression/compile.js';
import {
  placeOf,
  type EvaluationErrors,
  type Evaluator,
  type Predicate,
  type Projection,
  type RecordPlace,
  type Selection,
} from '../expression/evaluator.js';
import type { SqlFunction } from '../functions/function.js';
import { Aggregation, type AggregateCall } from '../operators/aggregate/aggregation.js';
import type { TableCall } from '../operators/flat-map.js';
import type { RecordBatch } from '../operators/record-batch.js';
import type { SkipLog } from '../operators/skip-log.js';
import type { QueryPlan } from '../plan/nodes.js';
import type { ProcessingLogType, RecordFault } from '../ports/ports.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import type { Serde } from '../serde/format.js';
import { createLocalSerde, createSerde } from '../serde/formats.js';
import type { SerdeOptions } from '../serde/serde-options.js';
import type { JoinBuffer, KeyValueStore, TrackedStore } from '../state/store.js';
import { memoryStores, type StoreFactory } from '../state/store-factory.js';
import { STRING } from '../types/sql-type.js';
import type { Row } from '../types/sql-value.js';
import type { TopologyDependencies } from './build-topology.js';
import { causesOf } from './causes.js';
import { EventTimeBound } from './event-time-bound.js';
import { QueryCode } from './query-code.js';
import { StreamTimes } from './stream-times.js';
import { OperatorStore } from './topology-stores.js';
import type { Topology, TopologyStore } from './topology.js';

/** What grows while one query is wired: its sources, stores and stream times, and the ways to its processing log. */
export class QueryBuild {
  readonly sources: Topology['sources'][number][] = [];
  readonly stores: TopologyStore[] = [];
  readonly times = new StreamTimes();
  /** Of each operator that makes several rows of one: how many at most, as far as it knows. */
  readonly fanOuts: (() => number)[] = [];
  readonly storeFactory: StoreFactory;
  readonly timeBound: EventTimeBound;
  private readonly code: QueryCode;

  constructor(
    private readonly plan: QueryPlan,
    readonly dependencies: TopologyDependencies,
  ) {
    this.code = dependencies.code ?? new QueryCode();
    this.code.begin();
    this.storeFactory = dependencies.stores ?? memoryStores(dependencies.trackChanges ?? true);
    this.timeBound = new EventTimeBound(dependencies.property, dependencies.functionContext.nowMs);
  }

  /** Gives a store its name in the query. */
  addStore<S extends TrackedStore>(name: string, store: S): S {
    this.stores.push(new OperatorStore(name, store));
    return store;
  }

  keyValueStore(name: string): KeyValueStore & TrackedStore {
    return this.addStore(name, this.storeFactory.keyValue(name));
  }

  joinBuffer(name: string, retentionMs: number): JoinBuffer {
    return this.addStore(name, this.storeFactory.joinBuffer(name, retentionMs));
  }

  isSet(property: string): boolean {
    return this.dependencies.property(property)?.toLowerCase() === 'true';
  }

  readonly skip: SkipLog = (reason, batch, at, cause) => this.logProcessing(reason, placeOf(batch, at), cause);

  readonly evaluationErrors: EvaluationErrors = {
    report: (expression, cause, place) =>
      this.logProcessing(`Error computing expression ${expression}: ${messageOf(cause)}`, place, cause),
  };

  badTimestamp(topic: string): (record: FetchedRecord, cause: unknown) => void {
    return (record, cause) => {
      const message = `Failed to extract timestamp from row: ${messageOf(cause)}`;
      if (this.isSet('ksql.timestamp.throw.on.invalid')) throw new StreamsError(message, { cause });
      this.logInput(topic, 'RECORD_PROCESSING_ERROR', message, record, undefined, cause);
    };
  }

  tooFarAhead(topic: string): (record: FetchedRecord, timestampMs: number) => void {
    return (record, timestampMs) => {
      const reason = this.timeBound.reason(timestampMs);
      this.logInput(topic, 'RECORD_PROCESSING_ERROR', reason, record, undefined, undefined, 'tooFarAhead');
    };
  }

  /** A result row whose time column gives no time: it is left out. */
  readonly badResultTimestamp = (batch: RecordBatch, at: number, cause: unknown): void => {
    const message = `Failed to extract timestamp from row: ${messageOf(cause)}`;
    if (this.isSet('ksql.timestamp.throw.on.invalid')) throw new StreamsError(message, { cause });
    this.logProcessing(message, placeOf(batch, at), cause);
  };

  missingKey(topic: string): (record: FetchedRecord) => void {
    return (record) =>
      this.logInput(topic, 'RECORD_PROCESSING_ERROR', 'Skipping record due to null key of a table', record, 'key');
  }

  badBytes(topic: string): (target: 'key' | 'value', record: FetchedRecord, cause: unknown) => void {
    // One device's garbage is all alike.
    let lastReason = '';
    let lastMessage = '';
    return (target, record, cause) => {
      const reason = messageOf(cause);
      if (reason !== lastReason || lastMessage === '') {
        lastReason = reason;
        lastMessage = `Error deserializing message from topic: ${topic}: ${reason}`;
      }
      const message = lastMessage;
      if (this.isSet('ksql.fail.on.deserialization.error')) throw new StreamsError(message, { cause });
      this.logInput(topic, 'DESERIALIZATION_ERROR', message, record, target, cause);
    };
  }

  /** An input record that is left out: the log has its place and all of it. */
  private logInput(
    topic: string,
    type: ProcessingLogType,
    message: string,
    record: FetchedRecord,
    target: 'key' | 'value' | undefined,
    cause?: unknown,
    fault?: RecordFault,
  ): void {
    const { partition, offset } = record;
    this.dependencies.log.append({
      type,
      queryId: this.plan.queryId,
      message,
      topic,
      partition,
      offset,
      target,
      cause: cause === undefined ? [] : causesOf(cause),
      fault,
      record,
    });
  }

  badRow(topic: string): (target: 'key' | 'value', batch: RecordBatch, at: number, cause: unknown) => void {
    return (target, batch, at, cause) => {
      const { partition, offset } = placeOf(batch, at);
      const message = `Error serializing message to topic: ${topic}: ${messageOf(cause)}`;
      if (this.isSet('ksql.fail.on.production.error')) throw new StreamsError(message, { cause });
      this.dependencies.log.append({
        type: 'SERIALIZATION_ERROR',
        queryId: this.plan.queryId,
        message,
        topic,
        partition,
        offset,
        target,
        cause: causesOf(cause),
      });
    };
  }

  evaluator(expression: BoundExpression): Evaluator {
    const { functions, functionContext } = this.dependencies;
    return this.code.once(() => compileExpression(expression, functions, functionContext, this.evaluationErrors));
  }

  evaluators(expressions: readonly BoundExpression[]): readonly Evaluator[] {
    return expressions.map((expression) => this.evaluator(expression));
  }

  predicate(expression: BoundExpression): Predicate {
    const { functions, functionContext } = this.dependencies;
    return this.code.once(() => compilePredicate(expression, functions, functionContext, this.evaluationErrors));
  }

  /** `isEveryRow`: rows without a value are evaluated too; no expression reads a value then. */
  projection(expressions: readonly BoundExpression[], isEveryRow = false): Projection {
    return this.code.once(() => compileProjection(expressions, this.compiling, isEveryRow));
  }

  selection(condition: BoundExpression): Selection {
    return this.code.once(() => compileSelection(condition, this.compiling));
  }

  private get compiling() {
    const { functions, functionContext: context } = this.dependencies;
    return { functions, context, errors: this.evaluationErrors };
  }

  aggregation(carried: readonly BoundExpression[], calls: readonly BoundAggregateCall[]): Aggregation {
    const inputs = this.projection([...carried, ...calls.flatMap(({ args }) => args)]);
    return this.code.once(() => new Aggregation(inputs, carried.length, this.bound(calls)));
  }

  private bound(calls: readonly BoundAggregateCall[]): readonly AggregateCall[] {
    return calls.map((call) => {
      const overload = this.find('aggregate', call.function).overloads[call.overload];
      if (overload === undefined) throw unknownOverload(call.function);
      const types = call.args.map(({ type }) => type ?? STRING);
      const aggregate = overload.bind(types, call.constants, this.dependencies.functionContext);
      return { argumentCount: call.args.length, aggregate };
    });
  }

  tableCall(call: BoundTableCall): TableCall {
    const overload = this.find('table', call.function).overloads[call.overload];
    if (overload === undefined) throw unknownOverload(call.function);
    const types = call.args.map(({ type }) => type);
    const apply = overload.bind(types, this.dependencies.functionContext);
    return { name: call.function, argumentCount: call.args.length, apply };
  }

  private find<K extends SqlFunction['kind']>(kind: K, name: string): Extract<SqlFunction, { kind: K }> {
    const found = this.dependencies.functions.find(name);
    if (found?.kind !== kind) throw new KsqlError(`The ${kind} function ${name} does not exist`);
    return found as Extract<SqlFunction, { kind: K }>;
  }

  serde(options: SerdeOptions): Serde {
    return this.code.once(() => createSerde({ ...options, schemas: this.dependencies.schemas }));
  }

  /** The bytes of a key in a format, for orders that follow the bytes. */
  keyBytes(columns: readonly Column[], info: FormatInfo): (key: Row) => Uint8Array {
    const serde = this.code.once(() => createLocalSerde({ columns, isKey: true, info }));
    return (key) => serde.serialize(key) ?? new Uint8Array();
  }

  private logProcessing(message: string, { partition, offset }: RecordPlace, cause: unknown): void {
    this.dependencies.log.append({
      type: 'RECORD_PROCESSING_ERROR',
      queryId: this.plan.queryId,
      message,
      partition,
      offset,
      cause: causesOf(cause),
    });
  }
}

function unknownOverload(name: string): KsqlError {
  return new KsqlError(`The plan calls a signature of ${name} that this version does not have`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
