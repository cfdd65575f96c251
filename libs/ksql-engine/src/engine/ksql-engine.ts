import { EMPTY_CATALOG, type Catalog } from '../catalog/catalog.js';
import { KsqlStatementError, ParseFailedError } from '../errors/sql-error.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import {
  BrokerRefusedError,
  BrokerUnavailableError,
  RecordsRefusedError,
  type Broker,
  type TopicDescription,
} from '../ports/broker.js';
import type { Clock, DeadLetter, ProcessingLogEntry, Random } from '../ports/ports.js';
import { CORRUPT_BATCHES_PROPERTY } from '../runtime/corrupt-batches.js';
import { Checkpoints } from '../runtime/checkpoints.js';
import { Commits } from '../runtime/commits.js';
import type { QueryError, QueryState } from '../runtime/persistent-query.js';
import { FailedStatementError, TopicError } from '../errors/user-errors.js';
import type { ControlQuery, ParsedStatement } from '../syntax/ast/statement.js';
import { parseStatements } from '../syntax/parse.js';
import { printMasked } from '../syntax/print/masked.js';
import { buildTopology } from '../topology/build-topology.js';
import { EventTimeBound } from '../topology/event-time-bound.js';
import { applyPlanned } from './apply-planned.js';
import { CommandLog, type LoggedCommand } from './command-log.js';
import { LiveQuery } from './live-query.js';
import { planStatement } from './plan-statement.js';
import type { ExistingQuery, PlannedStatement, PlanningContext, TopicToCreate } from './planned-statement.js';
import type { OpenPullEvaluation } from './pull-evaluation.js';

export interface KsqlEngineOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly random: Random;
  readonly functions: FunctionRegistry;
  readonly serviceId: string;
  /** Server configuration by ksqlDB's names. */
  readonly config: Readonly<Record<string, string>>;
  readonly commitIntervalMs: number;
  /** Where rows of pull queries are evaluated; on the thread of the queries when absent. */
  readonly pullEvaluation?: OpenPullEvaluation;
  deadLetter(entry: ProcessingLogEntry): DeadLetter | undefined;
  /** Whether an id is that of a push query, which the server itself ends. */
  isTransient(queryId: string | undefined): boolean;
  onLog(entry: ProcessingLogEntry): void;
  onQueryState(queryId: string, state: QueryState, error: QueryError | undefined): void;
  /** A logged command that was applied again, at start. */
  onCommandReplayed(command: LoggedCommand, outcome: ReplayedCommand): void;
  /** A logged command that can no longer be applied, at start. */
  onCommandFailure(command: LoggedCommand, error: unknown): void;
}

/** What a command that was applied again has to say. */
export interface ReplayedCommand {
  readonly message: string;
  readonly queryId: string | undefined;
}

/** What a request brings along besides its text; SET, UNSET, DEFINE change it for the statements that follow. */
export interface RequestSession {
  readonly properties: Map<string, string>;
  readonly variables: Map<string, string>;
}

/** Which topics are meant. */
export interface TopicPattern {
  test(topic: string): boolean;
}

/** The outcome of one statement. */
export type Executed =
  | {
      readonly kind: 'command';
      readonly statement: ParsedStatement;
      readonly planned: Extract<PlannedStatement, { kind: 'catalogChange' | 'persistentQuery' }>;
      readonly commandId: string;
      readonly sequenceNumber: number;
      readonly queryId: string | undefined;
      readonly message: string;
    }
  | {
      readonly kind: 'warning';
      readonly statement: ParsedStatement;
      readonly message: string;
    }
  | { readonly kind: 'inserted'; readonly statement: ParsedStatement }
  | {
      readonly kind: 'controlled';
      readonly statement: ParsedStatement;
      readonly commandId: string;
      readonly sequenceNumber: number;
      readonly message: string;
    }
  /** For the caller to answer: SHOW, DESCRIBE, SET, SELECT, … */
  | { readonly kind: 'other'; readonly statement: ParsedStatement; readonly planned: PlannedStatement };

const CONTROL_MESSAGES = {
  TERMINATE: 'Query terminated.',
  PAUSE: 'Query paused.',
  RESUME: 'Query resumed.',
} as const;

const TERMINATE_CLUSTER = 'terminate/CLUSTER/execute';

interface Sandbox {
  catalog: Catalog;
  queries: readonly ExistingQuery[];
  readonly topics: Map<string, TopicDescription>;
  queryNumber: number;
}

/**
 * A live engine: SQL in, queries running on a broker. The command topic is the truth; at start it is replayed and what is
 * left of it starts. Statements are executed one request after another.
 */
export class KsqlEngine {
  #catalog: Catalog = EMPTY_CATALOG;
  readonly #queries = new Map<string, LiveQuery>();
  readonly #log: CommandLog;
  readonly #commits: Commits;
  readonly #checkpoints: Checkpoints;
  #lastSequenceNumber = -1;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(readonly options: KsqlEngineOptions) {
    this.#log = new CommandLog(options.broker, options.serviceId, this.internalTopicReplicas);
    this.#commits = new Commits(options.broker, `_confluent-ksql-${options.serviceId}`);
    this.#checkpoints = new Checkpoints(options.broker, options.serviceId, this.internalTopicReplicas);
  }

  static async open(options: KsqlEngineOptions): Promise<KsqlEngine> {
    const engine = new KsqlEngine(options);
    await engine.#replay();
    return engine;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }
  get queries(): ReadonlyMap<string, LiveQuery> {
    return this.#queries;
  }
  get commandTopic(): string {
    return this.#log.topic;
  }
  get lastSequenceNumber(): number {
    return this.#lastSequenceNumber;
  }
  get internalTopicReplicas(): number {
    return Number(this.options.config['ksql.internal.topic.replicas'] ?? 1);
  }
  /** The function context of this engine, with the properties of a request on top of the configuration. */
  functionContext(properties: ReadonlyMap<string, string>): FunctionContext {
    const { clock, random, config } = this.options;
    return {
      nowMs: () => clock.nowMs(),
      random: () => random.next(),
      property: (name) => lookup(properties, config, name),
    };
  }

  /**
   * Validates all statements in order against a copy of the state, then executes them in order. `onExecuted` hears of each one as
   * it is done, so that an error can be answered with what was done before it.
   * @throws KsqlError, KsqlStatementError: the user's mistake; nothing of this request was executed when validation found it
   */
  execute(
    statements: readonly ParsedStatement[],
    session: RequestSession,
    onExecuted: (executed: Executed) => Promise<void> | void,
  ): Promise<void> {
    return this.#exclusively(async () => {
      await this.#validate(statements, session);
      for (const statement of statements)
        await quotedAs(statement, async () => onExecuted(await this.#executeOne(statement, session)));
    });
  }

  /** Plans one statement against the present state without effect: EXPLAIN, push and pull queries. */
  async plan(statement: ParsedStatement, session: RequestSession): Promise<PlannedStatement> {
    const sandbox = await this.#sandbox();
    return planStatement(statement, this.#context(sandbox, session));
  }

  /**
   * Ends everything that this service id has: queries, sources, internal topics, the sink topics that match one of the patterns
   * and the command topic itself. The engine is of no more use afterwards.
   * @returns the sequence number of the command
   */
  terminateCluster(deleteTopics: readonly TopicPattern[]): Promise<{ sequenceNumber: number; ended: Promise<void> }> {
    return this.#exclusively(async () => {
      const sequenceNumber = await this.#log.append(
        { commandId: TERMINATE_CLUSTER, statement: 'TERMINATE CLUSTER;', properties: {}, variables: {} },
        this.options.clock.nowMs(),
      );
      this.#lastSequenceNumber = sequenceNumber;
      const ended = this.#exclusively(async () => {
        const sinks = [...this.#catalog.sources.values()].map((source) => source.topic.topic);
        for (const queryId of [...this.#queries.keys()]) await this.#terminate(queryId);
        this.#catalog = EMPTY_CATALOG;
        const wanted = sinks.filter((topic) => deleteTopics.some((pattern) => pattern.test(topic)));
        await this.options.broker.deleteTopics([...new Set(wanted), this.#log.topic, this.#checkpoints.topic]);
      });
      return { sequenceNumber, ended };
    });
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await Promise.all([...this.#queries.values()].map((query) => query.stop()));
    await Promise.all([this.#log.close(), this.#commits.close()]);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.catch(() => undefined).then(work);
    this.#turn = result;
    return result;
  }

  async #sandbox(): Promise<Sandbox> {
    return {
      catalog: this.#catalog,
      queries: [...this.#queries.values()],
      topics: new Map(await this.options.broker.listTopics()),
      queryNumber: this.#lastSequenceNumber + 1,
    };
  }

  #context(state: Sandbox, session: RequestSession): PlanningContext & { readonly functions: FunctionRegistry } {
    return {
      catalog: state.catalog,
      topics: { describe: (topic) => state.topics.get(topic) },
      property: (name) => lookup(session.properties, this.options.config, name),
      nextQueryNumber: state.queryNumber,
      nowMs: this.options.clock.nowMs(),
      random: () => this.options.random.next(),
      queries: state.queries,
      functions: this.options.functions,
    };
  }

  async #validate(statements: readonly ParsedStatement[], original: RequestSession): Promise<void> {
    const state = await this.#sandbox();
    const session: RequestSession = {
      properties: new Map(original.properties),
      variables: new Map(original.variables),
    };
    for (const statement of statements) {
      if (statement.statement.kind === 'controlQuery') {
        if (this.options.isTransient(statement.statement.queryId)) continue;
        this.#targets(statement.statement, state.queries, statement.text);
        continue;
      }
      await quotedAs(statement, async () => {
        applySession(statement, session);
        advance(state, planStatement(statement, this.#context(state, session)));
      });
    }
  }

  async #executeOne(statement: ParsedStatement, session: RequestSession): Promise<Executed> {
    if (statement.statement.kind === 'controlQuery') {
      if (!this.options.isTransient(statement.statement.queryId)) return this.#control(statement, statement.statement);
      return { kind: 'other', statement, planned: { kind: 'other', statement } };
    }
    applySession(statement, session);
    const planned = planStatement(statement, this.#context(await this.#sandbox(), session));
    switch (planned.kind) {
      case 'insertValues':
        await this.options.broker.write([{ topic: planned.target.topic.topic, ...planned.record }]);
        return { kind: 'inserted', statement };
      case 'catalogChange':
      case 'persistentQuery': {
        if (planned.isWarning) return { kind: 'warning', statement, message: planned.message };
        const properties = Object.fromEntries(session.properties);
        await this.#createTopics(planned.topicsToCreate);
        const commandId = commandIdOf(planned);
        const sequenceNumber = await this.#log.append(
          { commandId, statement: statement.text, properties, variables: Object.fromEntries(session.variables) },
          this.options.clock.nowMs(),
        );
        this.#lastSequenceNumber = sequenceNumber;
        const query = await this.#apply(planned, properties);
        if (query) this.#start(query);
        if (planned.kind === 'catalogChange') await this.options.broker.deleteTopics(planned.topicsToDelete);
        return {
          kind: 'command',
          statement,
          planned,
          commandId,
          sequenceNumber,
          queryId: query?.queryId,
          message: planned.message,
        };
      }
      default:
        return { kind: 'other', statement, planned };
    }
  }

  async #createTopics(topics: readonly TopicToCreate[]): Promise<void> {
    for (const topic of topics) {
      try {
        await this.options.broker.createTopics([topic]);
      } catch (cause) {
        if (!(cause instanceof BrokerRefusedError)) throw cause;
        const message = `Failed to guarantee existence of topic ${topic.topic}\nCaused by: ${cause.reason}`;
        throw new TopicError(message, { cause });
      }
    }
  }

  /** Takes a planned statement into the state; gives the query that must start, not started yet. */
  async #apply(
    planned: Extract<PlannedStatement, { kind: 'catalogChange' | 'persistentQuery' }>,
    properties: Readonly<Record<string, string>>,
  ): Promise<LiveQuery | undefined> {
    if (planned.kind === 'catalogChange') {
      for (const queryId of planned.terminatedQueryIds) await this.#terminate(queryId);
    } else if (planned.replacesQueryId !== undefined) {
      await this.#queries.get(planned.replacesQueryId)?.stop();
      this.#queries.delete(planned.replacesQueryId);
    }
    this.#catalog = planned.catalog;
    const plan = planned.kind === 'catalogChange' ? planned.query : planned.plan;
    if (!plan) return undefined;
    const kind = planned.kind === 'catalogChange' ? 'CREATE_SOURCE' : planned.queryKind;
    const sinkName = planned.kind === 'persistentQuery' ? planned.entityName : undefined;
    const query = new LiveQuery(
      plan,
      kind,
      sinkName,
      planned.canonicalText,
      properties,
      this.applicationId(plan.queryId),
    );
    this.#queries.set(plan.queryId, query);
    return query;
  }

  applicationId(queryId: string): string {
    const prefix = this.options.config['ksql.persistent.prefix'] ?? 'query_';
    return `_confluent-ksql-${this.options.serviceId}${prefix}${queryId}`;
  }

  #start(query: LiveQuery): void {
    const { broker, clock, random, functions, config } = this.options;
    const properties = new Map(Object.entries(query.properties));
    const property = (name: string) => lookup(properties, config, name);
    const timeBound = new EventTimeBound(property, () => clock.nowMs());
    const inputBytesMax = Number(property('input.buffer.max.bytes'));
    const cache = property('cache.max.bytes.buffering') ?? property('statestore.cache.max.bytes');
    query.start({
      broker,
      commits: this.#commits,
      checkpoints: this.#checkpoints,
      clock,
      offsetReset: property('auto.offset.reset') === 'earliest' ? 'earliest' : 'latest',
      commitIntervalMs: this.options.commitIntervalMs,
      internalTopicReplicas: this.internalTopicReplicas,
      inputBytesMax: inputBytesMax > 0 ? inputBytesMax : undefined,
      skipsCorruptBatches: property(CORRUPT_BATCHES_PROPERTY) === 'skip',
      latestMs: () => timeBound.latestMs(),
      cacheBytes: cache === undefined ? undefined : Number(cache),
      createTopology: (hooks, code) =>
        buildTopology(query.plan, {
          functions,
          functionContext: { nowMs: () => clock.nowMs(), random: () => random.next(), property },
          log: { append: (entry) => hooks.onLog(entry) },
          property,
          code,
          onSink: (records) => hooks.onSink(records),
          onRows: () => undefined,
        }),
      deadLetter: (entry) => this.options.deadLetter(entry),
      onLog: (entry) => this.options.onLog(entry),
      onState: (state, error) => this.options.onQueryState(query.queryId, state, error),
    });
  }

  async #terminate(queryId: string): Promise<void> {
    const query = this.#queries.get(queryId);
    if (!query) return;
    const wasStarted = query.task !== undefined;
    await query.stop();
    this.#queries.delete(queryId);
    if (!wasStarted) return;
    const { broker, clock } = this.options;
    const internal = [...(await broker.listTopics()).keys()].filter((topic) =>
      topic.startsWith(`${query.applicationId}-`),
    );
    await broker.deleteTopics(internal);
    await broker.deleteGroup(query.applicationId);
    await this.#checkpoints.forget(query.applicationId, clock.nowMs());
  }

  #targets(control: ControlQuery, queries: readonly ExistingQuery[], text: string): readonly ExistingQuery[] {
    if (control.queryId === undefined) return queries;
    const found = queries.filter((query) => query.queryId === control.queryId);
    if (found.length === 0) throw new KsqlStatementError(`Unknown queryId: ${control.queryId}`, text);
    return found;
  }

  async #control(statement: ParsedStatement, control: ControlQuery): Promise<Executed> {
    const targets = this.#targets(control, [...this.#queries.values()], statement.text);
    const commandId = `${control.action.toLowerCase()}/${control.queryId ?? 'ALL'}/execute`;
    const sequenceNumber = await this.#log.append(
      { commandId, statement: statement.text, properties: {}, variables: {} },
      this.options.clock.nowMs(),
    );
    this.#lastSequenceNumber = sequenceNumber;
    for (const target of targets) await this.#applyControl(control, target.queryId);
    return { kind: 'controlled', statement, commandId, sequenceNumber, message: CONTROL_MESSAGES[control.action] };
  }

  async #applyControl(control: ControlQuery, queryId: string): Promise<void> {
    if (control.action === 'TERMINATE') await this.#terminate(queryId);
    else if (control.action === 'PAUSE') this.#queries.get(queryId)?.pause();
    else this.#queries.get(queryId)?.resume();
  }

  async #replay(): Promise<void> {
    const commands = await this.#log.open((offset, reason) =>
      this.options.onCommandFailure(
        { commandId: '', statement: '', properties: {}, variables: {}, sequenceNumber: offset },
        new Error(reason),
      ),
    );
    const topics = new Map(await this.options.broker.listTopics());
    for (const command of commands) {
      try {
        this.options.onCommandReplayed(command, await this.#replayOne(command, topics));
      } catch (error) {
        this.options.onCommandFailure(command, error);
      }
      this.#lastSequenceNumber = command.sequenceNumber;
    }
    for (const query of this.#queries.values()) this.#start(query);
  }

  /** @returns what the command's status says */
  async #replayOne(command: LoggedCommand, topics: Map<string, TopicDescription>): Promise<ReplayedCommand> {
    const session: RequestSession = {
      properties: new Map(Object.entries(command.properties)),
      variables: new Map(Object.entries(command.variables)),
    };
    const [statement] = parseStatements(command.statement, session.variables);
    if (!statement) return { message: '', queryId: undefined };
    if (statement.statement.kind === 'controlQuery') {
      const { queryId } = statement.statement;
      const ids = queryId === undefined ? [...this.#queries.keys()] : [queryId];
      for (const id of ids) await this.#applyControl(statement.statement, id);
      return { message: CONTROL_MESSAGES[statement.statement.action], queryId: undefined };
    }
    const state: Sandbox = {
      catalog: this.#catalog,
      queries: [...this.#queries.values()],
      topics,
      queryNumber: this.#lastSequenceNumber + 1,
    };
    const planned = planStatement(statement, this.#context(state, session));
    if (planned.kind !== 'catalogChange' && planned.kind !== 'persistentQuery') {
      return { message: '', queryId: undefined };
    }
    for (const topic of planned.topicsToCreate) topics.set(topic.topic, topic);
    const query = await this.#apply(planned, command.properties);
    return { message: planned.message, queryId: query?.queryId };
  }
}

/** Values that were to be inserted stay out of answers and logs; failures of the server name the statement all the same. */
async function quotedAs(parsed: ParsedStatement, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { statement, text } = parsed;
    // What cannot even be prepared is quoted as it was typed, as ksqlDB's own cases want it.
    if (
      error instanceof KsqlStatementError &&
      !(error instanceof ParseFailedError) &&
      statement.kind === 'insertValues'
    ) {
      throw new KsqlStatementError(error.message, printMasked(statement), { cause: error });
    }
    if (error instanceof TopicError || error instanceof BrokerUnavailableError || isRefusal(error)) {
      throw new FailedStatementError((error as Error).message, text, { cause: error });
    }
    throw error;
  }
}

/** An answer of the broker that no retry helps: an invalid topic name, too many replicas, a record that is too large. */
const isRefusal = (error: unknown): boolean =>
  error instanceof RecordsRefusedError || error instanceof BrokerRefusedError;

const lookup = (
  properties: ReadonlyMap<string, string>,
  config: Readonly<Record<string, string>>,
  name: string,
): string | undefined =>
  properties.get(name) ?? properties.get(`ksql.streams.${name}`) ?? config[name] ?? config[`ksql.streams.${name}`];

/** SET, UNSET, DEFINE and UNDEFINE act on the rest of their request. */
function applySession({ statement }: ParsedStatement, session: RequestSession): void {
  if (statement.kind === 'setProperty') session.properties.set(statement.name, statement.value);
  else if (statement.kind === 'unsetProperty') session.properties.delete(statement.name);
  else if (statement.kind === 'defineVariable') session.variables.set(statement.name, statement.value);
  else if (statement.kind === 'undefineVariable') session.variables.delete(statement.name);
}

/** Takes a planned statement into the copy that later statements of the same request are validated against. */
function advance(state: Sandbox, planned: PlannedStatement): void {
  const next = applyPlanned(state, planned);
  if (next === state || !('topicsToCreate' in planned)) return;
  state.catalog = next.catalog;
  state.queries = next.queries;
  for (const topic of planned.topicsToCreate) state.topics.set(topic.topic, topic);
  state.queryNumber += 2;
}

function commandIdOf(planned: Extract<PlannedStatement, { kind: 'catalogChange' | 'persistentQuery' }>): string {
  if (planned.kind === 'persistentQuery') return `${planned.entityType}/\`${planned.entityName}\`/create`;
  const action = {
    create: 'create',
    drop: 'drop',
    alter: 'alter',
    createType: 'create',
    dropType: 'drop',
    nothing: 'drop',
  }[planned.action];
  const name =
    planned.entityType === 'type' || planned.action !== 'create' ? planned.entityName : `\`${planned.entityName}\``;
  return `${planned.entityType}/${name}/${action}`;
}
