import {
  BrokerRefusedError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  WriterFencedError,
} from '../ports/broker.js';
import type { Clock, ProcessingLogEntry } from '../ports/ports.js';
import { StateCorruptedError, StateFullError, StateUnavailableError } from '../state/state-backend.js';
import { ForeignStateError, StateWithoutOffsetsError } from './restore.js';
import { PartitionsChangedError } from './task-count.js';

export interface QueryError {
  readonly timestampMs: number;
  readonly message: string;
  readonly type: 'USER' | 'SYSTEM' | 'UNKNOWN';
  /** The query goes on without something: state that it had, or records of its sources that it had not read. */
  readonly loss?: 'state' | 'records';
}

const ERRORS_KEPT = 10;

/** What went wrong with a query lately, and what somebody should know of it although it goes on. */
export class QueryErrors {
  readonly newest: QueryError[] = [];

  constructor(
    private readonly query: {
      readonly queryId: string;
      readonly clock: Clock;
      onLog(entry: ProcessingLogEntry): void;
    },
  ) {}

  /** A failure that the query is restarted after. */
  failed(cause: unknown): QueryError {
    const message = cause instanceof Error ? cause.message : String(cause);
    return this.keep(message, classify(cause));
  }

  keep(message: string, type: QueryError['type'] = 'SYSTEM', loss?: QueryError['loss']): QueryError {
    const lost = loss === undefined ? {} : { loss };
    const error: QueryError = { timestampMs: this.query.clock.nowMs(), message, type, ...lost };
    this.newest.push(error);
    if (this.newest.length > ERRORS_KEPT) this.newest.shift();
    return error;
  }

  /** What somebody should know of a query that goes on: kept, and logged. */
  say(message: string, topic?: string, partition?: number): void {
    this.keep(message);
    this.#log(message, topic, partition);
  }

  /** What a query goes on without. */
  sayLost(loss: 'state' | 'records', message: string, topic: string, partition?: number): void {
    this.keep(message, 'SYSTEM', loss);
    this.#log(message, topic, partition);
  }

  #log(message: string, topic?: string, partition?: number): void {
    const { queryId } = this.query;
    this.query.onLog({ type: 'KAFKA_STREAMS_THREAD_ERROR', queryId, message, topic, partition, cause: [] });
  }
}

function classify(cause: unknown): QueryError['type'] {
  if (
    cause instanceof WriterFencedError ||
    cause instanceof CorruptRecordsError ||
    cause instanceof OffsetOutOfRangeError ||
    cause instanceof TopicReplacedError ||
    cause instanceof StateWithoutOffsetsError ||
    cause instanceof StateCorruptedError ||
    cause instanceof StateFullError ||
    cause instanceof StateUnavailableError
  )
    return 'SYSTEM';
  if (!(cause instanceof Error)) return 'UNKNOWN';
  // A permission, a policy, a setting: somebody has to see to it.
  if (
    cause instanceof PartitionsChangedError ||
    cause instanceof ForeignStateError ||
    cause instanceof BrokerRefusedError
  )
    return 'USER';
  if (cause.name === 'StreamsException' || cause.name.startsWith('Ksql')) return 'USER';
  return cause.name === 'BrokerUnavailableError' ? 'SYSTEM' : 'UNKNOWN';
}
