import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/data-source.js';
import { CommandLog } from '../command/command-log.js';
import { Commands, type LaterLogError, type LoggedCommand } from '../command/commands.js';
import type { CommandFailure } from '../command/fold.js';
import { RecordCodec } from '../command/record-codec.js';
import { SchemaFacts } from '../facts/schema-facts.js';
import { lookup, resolveFacts } from '../facts/world-facts.js';
import { NotLeaderError } from '../errors/user-errors.js';
import type { FunctionContext } from '../functions/function.js';
import { Ownership, type Leadership } from '../lease/ownership.js';
import type { Tenure } from '../lease/tenure.js';
import type { Broker } from '../ports/broker.js';
import { sleep, timers } from '../ports/scheduler.js';
import { Checkpoints } from '../runtime/checkpoints.js';
import { KnownSchemas } from '../runtime/schema-admission.js';
import type { ParsedStatement } from '../syntax/ast/statement.js';
import { CLUSTER_TERMINATED, TERMINATE_CLUSTER } from './control-effect.js';
import type { EngineOptions } from './engine-options.js';
import type { LiveQuery } from './live-query.js';
import { LocalHost } from './local-host.js';
import { planStatement } from './plan-statement.js';
import type { PlannedStatement } from './planned-statement.js';
import { QueryAssignment } from './query-assignment.js';
import type { Owner, QueryHost } from './query-host.js';
import { restating } from './restate-statement.js';
import type { RequestSession } from './session.js';
import { queryIdOf, StatementExecution, type Executed } from './statement-execution.js';
import { withWrittenSchemas } from './written-schemas.js';

/** Which topics are meant. */
export interface TopicPattern {
  test(topic: string): boolean;
}

/** How often a standby looks for new commands. */
const FOLLOW_MS = 1_000;

/**
 * A live engine: SQL in, queries running on a broker. The command topic is the truth; at start it is read, and what it comes to
 * runs. Statements are executed one request after another.
 *
 * With a lease it runs only while it owns the service id. Else it stands by: it follows the command topic, writes nothing, and refuses
 * what would change something.
 */
export class KsqlEngine {
  /** Of all ids that this process has met; undefined without a registry. */
  readonly schemas: KnownSchemas | undefined;
  readonly #log: CommandLog;
  readonly #commands: Commands;
  readonly #ownership: Ownership | undefined;
  readonly #host: QueryHost;
  #tenure: Tenure | undefined;
  /** Settles when the log was read for the first time. */
  #read: Promise<void> = Promise.resolve();
  /** Application ids of all queries that the log has made. */
  readonly #made = new Set<string>();
  #failuresTold = 0;
  #followTrouble: string | undefined;
  /** The end of the cluster is in the log. */
  #isTerminated = false;
  readonly #closing = new AbortController();
  readonly #checkpoints: Checkpoints;
  readonly #assignment: QueryAssignment;
  readonly #execution: StatementExecution;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly options: EngineOptions,
    facts: Awaited<ReturnType<typeof resolveFacts>>,
  ) {
    const { broker, serviceId, functions, planner = planStatement } = options;
    const replicas = this.internalTopicReplicas;
    const applicationId = (queryId: string): string => this.applicationId(queryId);
    const writers: Pick<Broker, 'openWriter'> = {
      openWriter: (id) => (options.lease === undefined ? broker : this.#requireTenure()).openWriter(id),
    };
    this.#log = new CommandLog(broker, writers, serviceId, replicas);
    this.#commands = new Commands(this.#log, new RecordCodec(functions), restating(facts, planner, applicationId));
    this.#checkpoints = new Checkpoints(broker, serviceId, replicas);
    this.schemas = options.registry && new KnownSchemas(options.registry, options.clock, options.scheduler);
    const hosting = { internalTopicReplicas: replicas, transactionalIdPrefix: `_confluent-ksql-${serviceId}` };
    const local = new LocalHost({ ...options, ...hosting, checkpoints: this.#checkpoints, schemas: this.schemas });
    this.#host = options.openHost?.({ ...hosting, local }) ?? local;
    this.#assignment = new QueryAssignment(options, this.#checkpoints, this.#host);
    const requireOwner = (): void => this.requireOwner();
    this.#execution = new StatementExecution(options, this.#commands, this.#assignment, applicationId, requireOwner);
    if (options.lease === undefined) return;
    this.#ownership = new Ownership({
      ...options,
      ...options.lease,
      replicas,
      transactionalIds: [this.#log.transactionalId, ...this.#host.transactionalIds],
      obstacle: () => this.laterLog?.message,
      begin: (tenure) => this.#begin(tenure),
      end: () => this.#end(),
    });
  }

  /** @throws LaterLogError when a later version of the server has written to the log: nothing runs then */
  static async open(options: EngineOptions): Promise<KsqlEngine> {
    const { broker, clock, config, functions } = options;
    const engine = new KsqlEngine(options, await resolveFacts(broker, { config, functions, nowMs: clock.nowMs() }));
    try {
      await engine.#start();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  async #start(): Promise<void> {
    this.#read = this.#commands.open().then((commands) => {
      this.#replay(commands);
      this.#forgetStates();
    });
    if (this.#ownership === undefined) {
      await this.#read;
      await this.#commands.restateOld(this.options.clock.nowMs());
      await this.#run(soleOwner(this.options.broker));
      void this.#follow();
      return;
    }
    // While the log is read it is found out who owns the service id: both wait for brokers most of the time.
    const known = this.#read.then(() => this.#exclusively(() => this.#assignment.assign(this.#commands.state)));
    await Promise.all([known, this.#ownership.start()]);
    void this.#follow();
  }

  /** Commands that others have logged have their effect. */
  #replay(commands: readonly LoggedCommand[]): void {
    for (const command of commands) {
      const { effect } = command;
      if (effect.kind === 'change' && effect.query !== undefined) this.#made.add(effect.query.applicationId);
      this.options.onCommandReplayed(command, { message: effect.message, queryId: queryIdOf(effect) });
    }
    const { failures } = this.#commands.state;
    for (const failure of failures.slice(this.#failuresTold))
      this.options.onCommandFailure(failure, new Error(failure.reason));
    this.#failuresTold = failures.length;
  }

  /** This server owns the service id from now on, and nobody else writes to the log. */
  #begin(tenure: Tenure): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#closing.signal.aborted) throw new Error('the server is shutting down');
      await this.#read;
      this.#tenure = tenure;
      this.#replay(await this.#commands.own(this.options.clock.nowMs()));
      await this.#run(tenure);
    });
  }

  async #run(owner: Owner): Promise<void> {
    await this.#assignment.begin(owner, this.#commands.state);
    // The start does not wait for it, statements do. Where it fails the next start tries again.
    void this.#exclusively(() => this.#forgetEnded()).catch(() => undefined);
  }

  /** It does not own it any more: all queries stop, and begin again where they have committed, if ever. */
  async #end(): Promise<void> {
    await this.#assignment.stop();
    // Its turn waits for this one, as it ends the ownership.
    if (this.#isTerminated) return;
    // Behind a statement that is under way: what that has still written to the log failed, or was read by the next owner.
    await this.#exclusively(async () => {
      await this.#assignment.stop();
      await this.#log.close();
    });
  }

  /**
   * Keeps a standby as its leader is, and an owner as its log is: what became of a statement that has failed while brokers were silent shows
   * there, and has its effect now and not at the next start.
   */
  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(timers, FOLLOW_MS, signal);
      if (signal.aborted || !this.#hasToFollow) continue;
      try {
        await this.#exclusively(async () => {
          if (signal.aborted || !this.#hasToFollow) return;
          if (this.isOwner) await this.#log.settle();
          this.#replay(await this.#commands.follow());
          await this.#assignment.assign(this.#commands.state);
        });
        this.#followTrouble = undefined;
      } catch (error) {
        this.#followTrouble = `the command topic cannot be followed: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }

  get #hasToFollow(): boolean {
    return !this.isOwner || this.#log.isUnclear;
  }

  /** Deletes local states of queries that ended while this server did not run, or that it was killed while it ended. */
  #forgetStates(): void {
    const { states } = this.options;
    const { queries, failures } = this.#commands.state;
    if (states === undefined || failures.length > 0) return;
    const living = new Set([...queries.values()].map(({ applicationId }) => applicationId));
    for (const owner of states.owners())
      if (owner.startsWith(this.applicationId('')) && !living.has(owner)) states.forget(owner);
  }

  /**
   * A server that is killed while it ends a query leaves its state behind, which a later one under the same QUERY_ID would take for its own.
   * Where a record cannot be read nothing is deleted: it may be that of a query that lives.
   */
  async #forgetEnded(): Promise<void> {
    if (this.#commands.state.failures.length > 0) return;
    const ended = (): readonly string[] => {
      const living = new Set([...this.#commands.state.queries.values()].map(({ applicationId }) => applicationId));
      return [...this.#made].filter((applicationId) => !living.has(applicationId));
    };
    if (ended().length === 0) return;
    // The transactions of that server hold checkpoints back until they are ended.
    await this.#host.settle();
    const left = await this.#assignment.leftOver(ended());
    if (left.length === 0) return;
    // Another server may have begun one of them anew since the log was read.
    this.#replay(await this.#commands.follow());
    await this.#assignment.assign(this.#commands.state);
    const gone = new Set(ended());
    for (const applicationId of left) if (gone.has(applicationId)) await this.#assignment.forget(applicationId);
  }

  /** Whether it runs the queries and takes commands; always so of an engine without a lease. */
  get isOwner(): boolean {
    return this.#ownership === undefined || this.#ownership.leadership.role === 'leader';
  }
  /** Undefined of an engine without a lease. */
  get leadership(): Leadership | undefined {
    const leadership = this.#ownership?.leadership;
    return leadership && { ...leadership, trouble: leadership.trouble ?? this.#followTrouble };
  }
  /** @throws NotLeaderError on a standby */
  requireOwner(what = 'Nothing can be changed here.'): void {
    if (!this.isOwner) throw new NotLeaderError(what, this.leadership?.leader?.url);
  }
  #requireTenure(): Tenure {
    this.requireOwner();
    if (this.#tenure === undefined) throw new NotLeaderError('It is just taking over.', undefined);
    return this.#tenure;
  }

  get catalog(): Catalog {
    return this.#commands.state.catalog;
  }
  get queries(): ReadonlyMap<string, LiveQuery> {
    return this.#assignment.queries;
  }
  /** Records of the command topic that have no effect here, oldest first. */
  get commandFailures(): readonly CommandFailure[] {
    return this.#commands.state.failures;
  }
  /** Why no command is taken any more. */
  get laterLog(): LaterLogError | undefined {
    return this.#commands.laterLog;
  }
  get commandTopic(): string {
    return this.#log.topic;
  }
  get lastSequenceNumber(): number {
    return this.#commands.state.lastSequenceNumber;
  }
  get internalTopicReplicas(): number {
    return Number(this.options.config['ksql.internal.topic.replicas'] ?? 1);
  }
  /** That of a new query; one that is there has its own from the log. */
  applicationId(queryId: string): string {
    const { serviceId, config } = this.options;
    return `_confluent-ksql-${serviceId}${config['ksql.persistent.prefix'] ?? 'query_'}${queryId}`;
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
    return this.#exclusively(() => this.#execution.execute(statements, session, onExecuted));
  }

  /** Plans one statement against the present state without effect: EXPLAIN, push and pull queries. */
  plan(statement: ParsedStatement, session: RequestSession): Promise<PlannedStatement> {
    return this.#execution.plan(statement, session);
  }

  /**
   * The source with the schemas that its records are written with, each registered, for those who write them one by one.
   * @throws SchemaRegistryError
   */
  async writable(source: DataSource): Promise<DataSource> {
    const { registry } = this.options;
    if (registry === undefined) return source;
    const schemas = new SchemaFacts('registers');
    const topic = await schemas.learn(registry, () => withWrittenSchemas(source.topic, source.schema, schemas));
    return { ...source, topic };
  }

  /**
   * Ends everything that this service id has: queries, sources, internal topics, the sink topics that match one of the patterns
   * and the command topic itself. The engine is of no more use afterwards.
   * @returns the sequence number of the command
   */
  terminateCluster(deleteTopics: readonly TopicPattern[]): Promise<{ sequenceNumber: number; ended: Promise<void> }> {
    return this.#exclusively(async () => {
      this.requireOwner();
      const topics = [...this.catalog.sources.values()].map((source) => source.topic.topic);
      const sequenceNumber = await this.#commands.append(
        {
          commandId: TERMINATE_CLUSTER,
          statement: 'TERMINATE CLUSTER;',
          properties: {},
          variables: {},
          effect: CLUSTER_TERMINATED,
          facts: { topics: [], settings: {} },
        },
        this.options.clock.nowMs(),
      );
      this.#isTerminated = true;
      const ended = this.#exclusively(async () => {
        await this.#assignment.assign(this.#commands.state);
        const wanted = topics.filter((topic) => deleteTopics.some((pattern) => pattern.test(topic)));
        // Before its topic is gone: an owner that misses it makes it again.
        await this.#ownership?.close();
        const own = [this.#log.topic, this.#checkpoints.topic, ...(this.#ownership ? [this.#ownership.topic] : [])];
        await this.options.broker.deleteTopics([...new Set(wanted), ...own]);
      });
      return { sequenceNumber, ended };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.schemas?.close();
    await this.#turn.catch(() => undefined);
    await this.#assignment.stop();
    await this.#log.close();
    await this.#ownership?.close();
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.catch(() => undefined).then(work);
    this.#turn = result;
    return result;
  }
}

/** Of an engine that takes the service id for its own: nobody ever ends it. */
const soleOwner = (broker: Broker): Owner => ({
  openWriter: (transactionalId) => broker.openWriter(transactionalId),
  delegate: () => undefined,
  confirm: () => Promise.resolve(),
  end: () => undefined,
  over: new Promise(() => undefined),
});
