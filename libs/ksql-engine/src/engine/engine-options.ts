import type { CommandFailure } from '../command/fold.js';
import type { FunctionRegistry } from '../functions/function.js';
import type { Leadership } from '../lease/ownership.js';
import type { Server } from '../lease/lease-topic.js';
import type { Broker } from '../ports/broker.js';
import type { Clock, DeadLetter, ProcessingLogEntry, Random } from '../ports/ports.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { SchemaRegistry } from '../ports/schema-registry.js';
import type { QueryError, QueryState, RestoreProgress } from '../runtime/persistent-query.js';
import type { StateStorage } from '../state/state-backend.js';
import type { Planner } from './plan-statement.js';
import type { QueryHost } from './query-host.js';
import type { OpenPullEvaluation } from './pull-evaluation.js';

/** How one of several servers of a service id comes to own it. */
export interface LeaseOptions {
  readonly server: Server;
  /** See `OwnershipOptions`. */
  isGone(server: Server): boolean;
  /** Who leads has changed, or what is wrong with it. */
  onRole(leadership: Leadership): void;
}

/** What an engine tells whoever runs its queries. */
export interface HostingOptions {
  readonly internalTopicReplicas: number;
  /** What the ids of all transactions of the service begin with. */
  readonly transactionalIdPrefix: string;
  /** Runs queries on the thread of the engine, under ids that begin like that. */
  readonly local: QueryHost;
}

/** What an engine needs from its server. */
export interface EngineOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly random: Random;
  /** Where schemas live; formats that need one are refused when absent. */
  readonly registry?: SchemaRegistry | undefined;
  /** The process's timers when absent. */
  readonly scheduler?: Scheduler;
  readonly functions: FunctionRegistry;
  readonly serviceId: string;
  /** Server configuration by ksqlDB's names. */
  readonly config: Readonly<Record<string, string>>;
  readonly commitIntervalMs: number;
  /** Where queries keep their state; in memory alone when absent. */
  readonly states?: StateStorage | undefined;
  /** Where rows of pull queries are evaluated; on the thread of the queries when absent. */
  readonly pullEvaluation?: OpenPullEvaluation;
  /** Where queries run; on the thread of the engine when absent. */
  openHost?(hosting: HostingOptions): QueryHost;
  /** Without it the engine takes the service id for its own. */
  readonly lease?: LeaseOptions;
  /** The engine's own when absent. */
  readonly planner?: Planner;
  deadLetter(entry: ProcessingLogEntry): DeadLetter | undefined;
  /** Whether an id is that of a push query, which the server itself ends. */
  isTransient(queryId: string | undefined): boolean;
  onLog(entry: ProcessingLogEntry): void;
  onQueryState(queryId: string, state: QueryState, error: QueryError | undefined): void;
  /** A restore that takes long goes on; see `PersistentQueryOptions`. */
  onQueryRestore?(queryId: string, restore: RestoreProgress): void;
  /** A logged command that has its effect, at start. */
  onCommandReplayed(command: { readonly commandId: string }, outcome: ReplayedCommand): void;
  /** A record of the command topic that has no effect, at start. */
  onCommandFailure(command: CommandFailure, error: unknown): void;
}

/** What a command that took effect again has to say. */
export interface ReplayedCommand {
  readonly message: string;
  readonly queryId: string | undefined;
}
