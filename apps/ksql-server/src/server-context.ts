import type { KsqlEngine, TransientQuery } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import type { Logger } from 'pino';
import type { ClientsTurnedAway } from './http/turned-away.js';
import type { ServerLimits } from './limits.js';
import type { ScanPlaces } from './streaming/scan-places.js';

/** Outcome of a command, for GET /status. */
export interface CommandStatus {
  readonly status: 'SUCCESS' | 'ERROR';
  readonly message: string;
  readonly queryId: string | null;
}

export interface RunningPush {
  readonly query: TransientQuery;
  readonly statementText: string;
}

export type ServerState = 'INITIALIZING' | 'READY' | 'SHUTTING_DOWN';

/** What all routes share. The engine is there once the command topic was replayed. */
export interface ServerContext {
  readonly broker: KafkaBroker;
  readonly log: Logger;
  readonly limits: ServerLimits;
  readonly turnedAway: ClientsTurnedAway;
  /** Statements that change something are refused. */
  readonly isReadOnly: boolean;
  readonly serviceId: string;
  readonly host: string;
  /** Server properties by ksqlDB's names. */
  readonly properties: Readonly<Record<string, string>>;
  engine: KsqlEngine | undefined;
  /** Why there is no engine yet, after a start that failed. */
  notOpenReason: string | undefined;
  state: ServerState;
  clusterId: string;
  readonly commandStatuses: Map<string, CommandStatus>;
  /** Push queries of clients, by id. */
  readonly transientQueries: Map<string, RunningPush>;
  readonly scanPlaces: ScanPlaces;
  readonly counters: ServerCounters;
}

export interface ServerCounters {
  processingErrors: Map<string, number>;
}

/** The push query of an id, whose letters SQL may have raised. */
export function findPush(context: ServerContext, queryId: string | undefined): [string, RunningPush] | undefined {
  return [...context.transientQueries].find(([id]) => id.toUpperCase() === queryId?.toUpperCase());
}

export const SERVER_VERSION = '7.4.0';
