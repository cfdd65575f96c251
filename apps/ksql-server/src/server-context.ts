import type { KafkaBroker, KsqlEngine, LoggedCommand, TransientQuery } from '@isobar/ksql-engine';
import type { Logger } from 'pino';

/** Outcome of a command, for GET /status. */
export interface CommandStatus {
  readonly status: 'SUCCESS' | 'ERROR';
  readonly message: string;
  readonly queryId: string | null;
}

export type ServerState = 'INITIALIZING' | 'READY' | 'SHUTTING_DOWN';

/** What all routes share. The engine is there once the command topic was replayed. */
export interface ServerContext {
  readonly broker: KafkaBroker;
  readonly log: Logger;
  readonly serviceId: string;
  readonly host: string;
  engine: KsqlEngine | undefined;
  state: ServerState;
  clusterId: string;
  readonly commandStatuses: Map<string, CommandStatus>;
  readonly transientQueries: Map<string, TransientQuery>;
  readonly counters: ServerCounters;
  readonly failedCommands: LoggedCommand[];
}

export interface ServerCounters {
  processingErrors: Map<string, number>;
}

export const SERVER_VERSION = '7.4.0';
