import type { Catalog } from '../catalog/catalog.js';
import { CommandLog } from '../command/command-log.js';
import { Commands, type LaterLogError, type LoggedCommand } from '../command/commands.js';
import type { CommandFailure } from '../command/fold.js';
import { RecordCodec } from '../command/record-codec.js';
import { lookup, resolveFacts } from '../facts/world-facts.js';
import type { FunctionContext } from '../functions/function.js';
import { Checkpoints } from '../runtime/checkpoints.js';
import { Commits } from '../runtime/commits.js';
import type { ParsedStatement } from '../syntax/ast/statement.js';
import { CLUSTER_TERMINATED, TERMINATE_CLUSTER } from './control-effect.js';
import type { EngineOptions } from './engine-options.js';
import type { LiveQuery } from './live-query.js';
import { planStatement } from './plan-statement.js';
import type { PlannedStatement } from './planned-statement.js';
import { QueryAssignment } from './query-assignment.js';
import { restating } from './restate-statement.js';
import type { RequestSession } from './session.js';
import { queryIdOf, StatementExecution, type Executed } from './statement-execution.js';

/** Which topics are meant. */
export interface TopicPattern {
  test(topic: string): boolean;
}

/**
 * A live engine: SQL in, queries running on a broker. The command topic is the truth; at start it is read, and what it comes to
 * runs. Statements are executed one request after another.
 */
export class KsqlEngine {
  readonly #log: CommandLog;
  readonly #commands: Commands;
  readonly #commits: Commits;
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
    this.#log = new CommandLog(broker, serviceId, replicas);
    this.#commands = new Commands(this.#log, new RecordCodec(functions), restating(facts, planner, applicationId));
    this.#commits = new Commits(broker, `_confluent-ksql-${serviceId}`);
    this.#checkpoints = new Checkpoints(broker, serviceId, replicas);
    this.#assignment = new QueryAssignment(options, this.#commits, this.#checkpoints, replicas);
    this.#execution = new StatementExecution(options, this.#commands, this.#assignment, applicationId);
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
    const commands = await this.#commands.open(this.options.clock.nowMs());
    for (const command of commands) {
      const { effect } = command;
      this.options.onCommandReplayed(command, { message: effect.message, queryId: queryIdOf(effect) });
    }
    for (const failure of this.#commands.state.failures) {
      this.options.onCommandFailure(failure, new Error(failure.reason));
    }
    this.#forgetStates();
    await this.#assignment.assign(this.#commands.state);
    // The start does not wait for it, statements do. Where it fails the next start tries again.
    void this.#exclusively(() => this.#forgetEnded(commands)).catch(() => undefined);
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
  async #forgetEnded(commands: readonly LoggedCommand[]): Promise<void> {
    if (this.#commands.state.failures.length > 0) return;
    const made = new Set(
      commands.flatMap(({ effect }) =>
        effect.kind === 'change' && effect.query !== undefined ? [effect.query.applicationId] : [],
      ),
    );
    const ended = (): readonly string[] => {
      const living = new Set([...this.#commands.state.queries.values()].map(({ applicationId }) => applicationId));
      return [...made].filter((applicationId) => !living.has(applicationId));
    };
    if (ended().length === 0) return;
    // The transactions of that server hold checkpoints back until they are ended.
    await this.#commits.settle();
    const left = await this.#assignment.leftOver(ended());
    if (left.length === 0) return;
    // Another server may have begun one of them anew since the log was read.
    await this.#commands.follow();
    await this.#assignment.assign(this.#commands.state);
    const gone = new Set(ended());
    for (const applicationId of left) if (gone.has(applicationId)) await this.#assignment.forget(applicationId);
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
   * Ends everything that this service id has: queries, sources, internal topics, the sink topics that match one of the patterns
   * and the command topic itself. The engine is of no more use afterwards.
   * @returns the sequence number of the command
   */
  terminateCluster(deleteTopics: readonly TopicPattern[]): Promise<{ sequenceNumber: number; ended: Promise<void> }> {
    return this.#exclusively(async () => {
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
      const ended = this.#exclusively(async () => {
        await this.#assignment.assign(this.#commands.state);
        const wanted = topics.filter((topic) => deleteTopics.some((pattern) => pattern.test(topic)));
        await this.options.broker.deleteTopics([...new Set(wanted), this.#log.topic, this.#checkpoints.topic]);
      });
      return { sequenceNumber, ended };
    });
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#assignment.stop();
    await Promise.all([this.#log.close(), this.#commits.close()]);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.catch(() => undefined).then(work);
    this.#turn = result;
    return result;
  }
}
