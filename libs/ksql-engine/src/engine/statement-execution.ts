import type { Catalog } from '../catalog/catalog.js';
import { LogMovedError } from '../command/command-log.js';
import type { Effect } from '../command/command.js';
import type { Commands } from '../command/commands.js';
import { KsqlStatementError, ParseFailedError } from '../errors/sql-error.js';
import { FailedStatementError, TopicError } from '../errors/user-errors.js';
import { SchemaFacts } from '../facts/schema-facts.js';
import { FactsAsked, lookup, resolveFacts, withoutTopics, withTopics, type WorldFacts } from '../facts/world-facts.js';
import { BrokerRefusedError, BrokerUnavailableError, RecordsRefusedError } from '../ports/broker.js';
import { InvalidSchemaError, SchemaIncompatibleError, SchemaRegistryError } from '../ports/schema-registry.js';
import type { ControlQuery, ParsedStatement } from '../syntax/ast/statement.js';
import { printMasked } from '../syntax/print/masked.js';
import { applyPlanned } from './apply-planned.js';
import { controlEffect } from './control-effect.js';
import type { EngineOptions } from './engine-options.js';
import { asksForTopics, planStatement } from './plan-statement.js';
import { commandIdOf, effectOf, type PlannedChange } from './planned-effect.js';
import type { ExistingQuery, PlannedStatement, TopicToCreate } from './planned-statement.js';
import type { QueryAssignment } from './query-assignment.js';
import { applySession, type RequestSession } from './session.js';

/** The outcome of one statement. */
export type Executed =
  | {
      readonly kind: 'command';
      readonly statement: ParsedStatement;
      readonly planned: PlannedChange;
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

/** What a statement is planned against: the state of the log, and the world. */
interface PlanningState {
  readonly catalog: Catalog;
  readonly queries: readonly ExistingQuery[];
  readonly queryNumber: number;
  readonly facts: WorldFacts;
}

/** How often a command is planned anew because others have written to the log meanwhile. */
const PLANNED_MAX = 5;

/** Takes statements from text to effect: resolve, plan, append, fold, assign. Not concurrent. */
export class StatementExecution {
  constructor(
    private readonly options: EngineOptions,
    private readonly commands: Commands,
    private readonly assignment: QueryAssignment,
    private readonly applicationId: (queryId: string) => string,
    /** Throws on a server that stands by. */
    private readonly requireOwner: () => void,
  ) {}

  /** See `KsqlEngine.execute`. */
  async execute(
    statements: readonly ParsedStatement[],
    session: RequestSession,
    onExecuted: (executed: Executed) => Promise<void> | void,
  ): Promise<void> {
    await this.#validate(statements, session);
    for (const statement of statements)
      await quotedAs(statement, async () => onExecuted(await this.#executeOne(statement, session)));
  }

  /** Plans one statement without effect. */
  async plan(statement: ParsedStatement, session: RequestSession): Promise<PlannedStatement> {
    const state = await this.#resolve([statement]);
    try {
      return (await this.#plan(statement, state, session, this.#schemas('only looks'))).planned;
    } catch (error) {
      if (!(error instanceof SchemaRegistryError)) throw error;
      throw new FailedStatementError(error.message, statement.text, { cause: error });
    }
  }

  /** What is known of the registry while one request is planned; undefined without one. */
  #schemas(effect: 'only looks' | 'registers'): SchemaFacts | undefined {
    return this.options.registry && new SchemaFacts(effect);
  }

  /** Lists and descriptions, which clients ask for every few seconds, cost the broker nothing. */
  async #resolve(statements: readonly ParsedStatement[]): Promise<PlanningState> {
    const { broker, clock, config, functions } = this.options;
    const others = { config, functions, nowMs: clock.nowMs() };
    const facts = statements.some(asksForTopics)
      ? await resolveFacts(broker, others)
      : { topics: new Map<string, never>(), ...others };
    const { catalog, queries, lastSequenceNumber } = this.commands.state;
    return { catalog, queries: [...queries.values()], queryNumber: lastSequenceNumber + 1, facts };
  }

  async #plan(
    statement: ParsedStatement,
    state: PlanningState,
    session: RequestSession,
    schemas: SchemaFacts | undefined,
  ) {
    const asked = new FactsAsked(state.facts, session.properties);
    const { planner = planStatement, random, registry } = this.options;
    const plan = (): PlannedStatement =>
      planner(statement, {
        catalog: state.catalog,
        queries: state.queries,
        topics: asked,
        property: (name) => asked.property(name),
        nextQueryNumber: state.queryNumber,
        nowMs: state.facts.nowMs,
        random: () => random.next(),
        functions: state.facts.functions,
        schemas,
      });
    const planned = schemas && registry ? await schemas.learn(registry, plan) : plan();
    return { planned, facts: asked.used };
  }

  /** All statements, each against what the ones before it would leave. */
  async #validate(statements: readonly ParsedStatement[], original: RequestSession): Promise<void> {
    let state = await this.#resolve(statements);
    const schemas = this.#schemas('only looks');
    const session: RequestSession = {
      properties: new Map(original.properties),
      variables: new Map(original.variables),
    };
    for (const statement of statements) {
      if (statement.statement.kind === 'controlQuery') {
        if (this.options.isTransient(statement.statement.queryId)) continue;
        this.requireOwner();
        targetsOf(statement.statement, state.queries, statement.text);
        continue;
      }
      await quotedAs(statement, async () => {
        applySession(statement, session);
        const { planned } = await this.#plan(statement, state, session, schemas);
        if (changes(planned)) this.requireOwner();
        state = advanced(state, planned);
      });
    }
  }

  async #executeOne(statement: ParsedStatement, session: RequestSession): Promise<Executed> {
    if (statement.statement.kind === 'controlQuery') {
      const control = statement.statement;
      if (!this.options.isTransient(control.queryId))
        return this.#onCurrentLog(() => this.#control(statement, control));
      return { kind: 'other', statement, planned: { kind: 'other', statement } };
    }
    applySession(statement, session);
    return this.#onCurrentLog(() => this.#executePlanned(statement, session));
  }

  /** Others may write to the log too: then what they wrote takes effect first, and the statement is planned again on top of it. */
  async #onCurrentLog<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof LogMovedError) || attempt === PLANNED_MAX) throw error;
      }
      await this.commands.follow();
      await this.commands.restateOld(this.options.clock.nowMs());
      await this.assignment.assign(this.commands.state);
    }
  }

  async #executePlanned(statement: ParsedStatement, session: RequestSession): Promise<Executed> {
    const state = await this.#resolve([statement]);
    const { planned, facts } = await this.#plan(statement, state, session, this.#schemas('registers'));
    const { broker, clock, config, registry } = this.options;
    switch (planned.kind) {
      case 'insertValues':
        await broker.write([{ topic: planned.target.topic.topic, ...planned.record }]);
        return { kind: 'inserted', statement };
      case 'catalogChange':
      case 'persistentQuery': {
        if (planned.isWarning) return { kind: 'warning', statement, message: planned.message };
        await this.#createTopics(planned.topicsToCreate);
        const commandId = commandIdOf(planned);
        const property = (name: string) => lookup(session.properties, config, name);
        const effect = effectOf(planned, this.commands.state, property, this.applicationId);
        const sequenceNumber = await this.commands.append(
          {
            commandId,
            statement: statement.text,
            properties: Object.fromEntries(session.properties),
            variables: Object.fromEntries(session.variables),
            effect,
            facts,
          },
          clock.nowMs(),
        );
        await this.assignment.assign(this.commands.state);
        if (planned.kind === 'catalogChange') {
          await broker.deleteTopics(planned.topicsToDelete);
          for (const subject of planned.subjectsToDelete ?? []) await registry?.deleteSubject(subject);
        }
        return {
          kind: 'command',
          statement,
          planned,
          commandId,
          sequenceNumber,
          queryId: queryIdOf(effect),
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

  async #control(statement: ParsedStatement, control: ControlQuery): Promise<Executed> {
    const targets = targetsOf(control, [...this.commands.state.queries.values()], statement.text);
    const commandId = `${control.action.toLowerCase()}/${control.queryId ?? 'ALL'}/execute`;
    const effect = controlEffect(
      control,
      targets.map(({ queryId }) => queryId),
    );
    const sequenceNumber = await this.commands.append(
      {
        commandId,
        statement: statement.text,
        properties: {},
        variables: {},
        effect,
        facts: { topics: [], settings: {} },
      },
      this.options.clock.nowMs(),
    );
    await this.assignment.assign(this.commands.state);
    return { kind: 'controlled', statement, commandId, sequenceNumber, message: effect.message };
  }
}

const CHANGING: ReadonlySet<PlannedStatement['kind']> = new Set(['insertValues', 'catalogChange', 'persistentQuery']);
const changes = ({ kind }: PlannedStatement): boolean => CHANGING.has(kind);

export const queryIdOf = (effect: Effect): string | undefined =>
  effect.kind === 'change' ? effect.query?.queryId : undefined;

function targetsOf(control: ControlQuery, queries: readonly ExistingQuery[], text: string): readonly ExistingQuery[] {
  if (control.queryId === undefined) return queries;
  const found = queries.filter((query) => query.queryId === control.queryId);
  if (found.length === 0) throw new KsqlStatementError(`Unknown queryId: ${control.queryId}`, text);
  return found;
}

/** Takes a planned statement into the copy that later statements of the same request are validated against. */
function advanced(state: PlanningState, planned: PlannedStatement): PlanningState {
  const next = applyPlanned(state, planned);
  if (next === state || !('topicsToCreate' in planned)) return state;
  const left = withoutTopics(state.facts, planned.kind === 'catalogChange' ? planned.topicsToDelete : []);
  const facts = withTopics(left, planned.topicsToCreate);
  return { catalog: next.catalog, queries: next.queries, queryNumber: state.queryNumber + 2, facts };
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
    if (error instanceof SchemaIncompatibleError || error instanceof InvalidSchemaError) {
      throw new KsqlStatementError(`Could not register schema: ${error.message}`, text, { cause: error });
    }
    if (
      error instanceof SchemaRegistryError ||
      error instanceof TopicError ||
      error instanceof BrokerUnavailableError ||
      isRefusal(error)
    ) {
      throw new FailedStatementError((error as Error).message, text, { cause: error });
    }
    throw error;
  }
}

/** An answer of the broker that no retry helps: an invalid topic name, too many replicas, a record that is too large. */
const isRefusal = (error: unknown): boolean =>
  error instanceof RecordsRefusedError || error instanceof BrokerRefusedError;
