import { EMPTY_CATALOG } from '../catalog/catalog.js';
import type { DataSource, TopicInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { ExistingQuery, PlannedStatement } from '../engine/planned-statement.js';
import { applyPlanned, type PlanningState } from '../engine/apply-planned.js';
import { planStatement } from '../engine/plan-statement.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { FetchedRecords } from '../ports/record-columns.js';
import type { RecordHeader } from '../ports/record-header.js';
import type { QueryPlan } from '../plan/nodes.js';
import type { Clock, ProcessingLogEntry } from '../ports/ports.js';
import { createSerde } from '../serde/formats.js';
import { decodeWindowedKey } from '../serde/windowed-key.js';
import { parseStatements } from '../syntax/parse.js';
import type { TaskState } from '../state/cached/task-state.js';
import { buildTopology } from '../topology/build-topology.js';
import type { Topology } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';
import { ManualClock } from './manual-clock.js';
import { withStoredPlan } from './stored-plan.js';
import { lookupIn } from './schema-registry/contents-lookup.js';
import type { RegistryContents } from './schema-registry/registry-contents.js';
import { fieldOf, toPlainValue, toSqlValue, type PlainValue } from './plain-value.js';

/** A record of a topic, as bytes. */
export interface DriverRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

/** A record as a test writes it; one key column stands bare, several are an object by name. */
export interface PipedRecord {
  readonly key?: PlainValue;
  /** Columns by name, or bytes as they are: what no format would write, say. */
  readonly value?: PlainValue;
  /** ms since the epoch; the clock's time when not given. */
  readonly timestamp?: number;
  readonly headers?: readonly RecordHeader[];
}

/** A record as a test reads it. */
export interface ReadRecord {
  readonly key: PlainValue;
  readonly value: PlainValue;
  readonly timestamp: number;
  /** Bounds of the key's window, ms; `end` is undefined where the topic does not tell it. */
  readonly window?: { readonly start: number; readonly end: number };
}

export interface DriverOptions {
  readonly functions?: FunctionRegistry;
  readonly properties?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Takes each statement as the command topic would hold it, and fails where that is another. */
  readonly storesPlans?: boolean;
  /** Makes the state of one query, which is committed and written after every record; in memory when not told. */
  readonly openState?: (() => TaskState) | undefined;
  /** The registry; without one, formats that need it are refused. */
  readonly registry?: RegistryContents;
}

const DEFAULT_PARTITIONS = 4;
const SERVICE_ID = 'some.ksql.service.id';

/**
 * The engine without Kafka and without a server: give SQL and input records, get output records. Everything happens at once and in
 * order, on one partition; time comes from a clock of the test.
 */
export class KsqlTestDriver {
  /** What the queries could not process, oldest first. */
  readonly log: ProcessingLogEntry[] = [];
  private readonly functions: FunctionRegistry;
  private readonly clock: Clock;
  private readonly storesPlans: boolean;
  private readonly openState: DriverOptions['openState'];
  private readonly schemas: ReturnType<typeof lookupIn> | undefined;
  private readonly states = new Map<Topology, TaskState>();
  private readonly properties: Readonly<Record<string, string>>;
  private readonly partitions = new Map<string, number>();
  private readonly topics = new Map<string, DriverRecord[]>();
  private readonly running = new Map<string, Topology>();
  private readonly readTo = new Map<string, number>();
  private state: PlanningState = { catalog: EMPTY_CATALOG, queries: [] };
  private queryCount = 0;
  private readonly statementProperties = new Map<string, string>();

  constructor(options: DriverOptions = {}) {
    this.functions = options.functions ?? createFunctionRegistry();
    this.clock = options.clock ?? new ManualClock();
    this.properties = options.properties ?? {};
    this.storesPlans = options.storesPlans ?? false;
    this.openState = options.openState;
    this.schemas = options.registry && lookupIn(options.registry);
  }

  get sources(): readonly DataSource[] {
    return [...this.state.catalog.sources.values()];
  }

  get queries(): readonly ExistingQuery[] {
    return this.state.queries;
  }

  /** Makes a topic known with its partition count; others have four. */
  registerTopic(name: string, partitions: number): void {
    this.partitions.set(name, partitions);
  }

  /** Runs all statements of a script in order. @throws the engine's own errors */
  execute(script: string, properties: ReadonlyMap<string, string> = new Map()): void {
    for (const [name, value] of properties) this.statementProperties.set(name, value);
    for (const statement of parseStatements(script)) {
      const planned = planStatement(statement, {
        catalog: this.state.catalog,
        topics: {
          describe: (topic) => ({ partitions: this.partitions.get(topic) ?? DEFAULT_PARTITIONS, replicas: 1 }),
        },
        property: (name) => this.property(name),
        nextQueryNumber: this.queryCount,
        nowMs: this.clock.nowMs(),
        queries: this.state.queries,
        functions: this.functions,
        assumesTopics: true,
        schemas: this.schemas,
      });
      this.apply(this.storesPlans ? withStoredPlan(planned, this.state.catalog, this.functions) : planned);
    }
  }

  /**
   * The execution model of ksqlDB's query-validation cases: all inputs are in their topics first; then each query in the order of
   * creation, afresh, takes the inputs on its topics one by one, and after them what earlier queries left in its other topics.
   */
  runInputs(inputs: readonly (DriverRecord & { readonly topic: string })[]): void {
    for (const { topic, ...record } of inputs) this.records(topic).push(record);
    const inputTopics = new Set(inputs.map(({ topic }) => topic));
    for (const { plan } of this.state.queries) {
      const topology = this.start(plan, (record, topic) => this.records(topic).push(record));
      const offsets = new Map<string, number>();
      for (const record of inputs) {
        const offset = offsets.get(record.topic) ?? 0;
        offsets.set(record.topic, offset + 1);
        this.push(topology, record.topic, record, offset);
      }
      for (const topic of new Set(topology.sources.map((source) => source.topic))) {
        if (inputTopics.has(topic)) continue;
        [...this.records(topic)].forEach((record, offset) => this.push(topology, topic, record, offset));
      }
    }
  }

  /** Everything in a topic, oldest first. */
  topicRecords(topic: string): readonly DriverRecord[] {
    return this.topics.get(topic) ?? [];
  }

  /** Repartition and changelog topics that the queries would use on a cluster. */
  internalTopics(): readonly { readonly name: string; readonly info: TopicInfo }[] {
    return this.state.queries.flatMap(({ queryId, plan }) =>
      (plan.internalTopics ?? []).map(({ suffix, info }) => ({
        name: `_confluent-ksql-${SERVICE_ID}query_${queryId}-${suffix}`,
        info,
      })),
    );
  }

  /** Writes a record to the topic of a declared source and lets every query take it, and what follows from it. */
  pipe(topic: string, record: PipedRecord): void {
    const source = this.sourceOn(topic);
    const { schema } = source;
    const keyOf = (value: PlainValue): Row | null =>
      value === null ? null : rowOf(value, schema.key, schema.key.length === 1);
    const bytes = (row: Row | null, isKey: boolean): Uint8Array | null => this.serde(source, isKey).serialize(row);
    const { value = null } = record;
    this.pipeBytes(topic, {
      key: bytes(keyOf(record.key ?? null), true),
      value: value instanceof Uint8Array ? value : bytes(rowOf(value, schema.value, false), false),
      timestamp: record.timestamp ?? this.clock.nowMs(),
      headers: record.headers ?? [],
    });
  }

  /** The same with a record as a program of others may have written it: any bytes, and in any topic. */
  pipeBytes(topic: string, record: DriverRecord): void {
    this.startAll();
    this.append(topic, record);
  }

  /** The records that came into a source's topic since it was last read. */
  read(topic: string): readonly ReadRecord[] {
    const source = this.sourceOn(topic);
    this.startAll();
    const records = this.topicRecords(topic);
    const from = this.readTo.get(topic) ?? 0;
    this.readTo.set(topic, records.length);
    return records.slice(from).map((record) => this.readable(source, record));
  }

  private apply(planned: PlannedStatement): void {
    if ('topicsToCreate' in planned) {
      for (const { topic, partitions } of planned.topicsToCreate) {
        if (!this.partitions.has(topic)) this.partitions.set(topic, partitions);
      }
    }
    if (planned.kind === 'insertValues') {
      this.append(planned.target.topic.topic, planned.record);
      return;
    }
    const before = this.state.queries;
    this.state = applyPlanned(this.state, planned);
    for (const { queryId } of before) {
      if (!this.state.queries.some((query) => query.queryId === queryId)) this.running.delete(queryId);
    }
    if (planned.kind === 'persistentQuery' && planned.replacesQueryId !== undefined) {
      this.running.delete(planned.replacesQueryId);
    }
    const startsQuery =
      planned.kind === 'persistentQuery' || (planned.kind === 'catalogChange' && planned.query !== undefined);
    if (startsQuery) this.queryCount += 1;
  }

  private property(name: string): string | undefined {
    const streams = `ksql.streams.${name}`;
    const given = this.statementProperties.get(name) ?? this.statementProperties.get(streams);
    return given ?? this.properties[name] ?? this.properties[streams];
  }

  private start(plan: QueryPlan, onRecord: (record: DriverRecord, topic: string) => void): Topology {
    const context: FunctionContext = {
      nowMs: () => this.clock.nowMs(),
      random: () => 0.5,
      property: (name) => this.property(name),
    };
    const topic = plan.sink.kind === 'topic' ? plan.sink.topic.topic : '';
    const state = this.openState?.();
    const topology = buildTopology(plan, {
      functions: this.functions,
      functionContext: context,
      log: { append: (entry) => this.log.push(entry) },
      property: (name) => this.property(name),
      onSink: (records) => {
        for (const record of records) onRecord(record, topic);
      },
      onRows: () => undefined,
      trackChanges: false,
      stores: state,
      schemas: this.schemas,
    });
    if (state !== undefined) this.states.set(topology, state);
    return topology;
  }

  private push(topology: Topology, topic: string, record: DriverRecord, offset: number): void {
    for (const source of topology.sources) {
      if (source.topic === topic) source.push(FetchedRecords.of([{ ...record, partition: 0, offset }]));
    }
    const state = this.states.get(topology);
    if (state === undefined) return;
    for (const store of topology.stores) store.takeChanges();
    state.committed();
    state.writeNow(new Map(), 0);
  }

  /** Starts the queries that do not run yet on what their topics hold already. */
  private startAll(): void {
    for (const { queryId, plan } of this.state.queries) {
      if (this.running.has(queryId)) continue;
      const topology = this.start(plan, (record, topic) => this.append(topic, record));
      this.running.set(queryId, topology);
      for (const topic of new Set(topology.sources.map((source) => source.topic))) {
        [...this.topicRecords(topic)].forEach((record, offset) => this.push(topology, topic, record, offset));
      }
    }
  }

  private append(topic: string, record: DriverRecord): void {
    const records = this.records(topic);
    const offset = records.length;
    records.push(record);
    for (const topology of [...this.running.values()]) this.push(topology, topic, record, offset);
  }

  private records(topic: string): DriverRecord[] {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const records: DriverRecord[] = [];
    this.topics.set(topic, records);
    return records;
  }

  private sourceOn(topic: string): DataSource {
    const source = this.sources.find((candidate) => candidate.topic.topic === topic);
    if (source === undefined) throw new Error(`No stream or table is declared on topic '${topic}'`);
    return source;
  }

  private serde({ schema, topic }: DataSource, isKey: boolean) {
    const columns = isKey ? schema.key : schema.value.filter((column) => column.header === undefined);
    return createSerde({ columns, isKey, info: isKey ? topic.keyFormat : topic.valueFormat, schemas: this.schemas });
  }

  private readable(source: DataSource, record: DriverRecord): ReadRecord {
    const { schema, topic } = source;
    const windowed =
      topic.window !== undefined && record.key !== null ? decodeWindowedKey(record.key, topic.window) : undefined;
    const key = this.serde(source, true).deserialize(windowed?.key ?? record.key);
    const value = this.serde(source, false).deserialize(record.value);
    const body = schema.value.filter((column) => column.header === undefined);
    return {
      key: key === null ? null : plainRow(key, schema.key, schema.key.length === 1),
      value: value === null ? null : plainRow(value, body, false),
      timestamp: record.timestamp,
      ...(windowed === undefined ? {} : { window: { start: windowed.windowStart, end: windowed.windowEnd } }),
    };
  }
}

function rowOf(value: PlainValue, columns: readonly Column[], isBare: boolean): Row | null {
  if (value === null) return null;
  const [only] = columns;
  if (isBare && only !== undefined) return [toSqlValue(value, only.type)];
  const object = value as { readonly [name: string]: PlainValue };
  return columns
    .filter((column) => column.header === undefined)
    .map(({ name, type }) => toSqlValue(fieldOf(object, name), type));
}

function plainRow(row: Row, columns: readonly Column[], isBare: boolean): PlainValue {
  const [only] = columns;
  if (isBare && only !== undefined) return toPlainValue(row[0] ?? null, only.type);
  return Object.fromEntries(columns.map(({ name, type }, index) => [name, toPlainValue(row[index] ?? null, type)]));
}
