import type { RecordParts } from './record-columns.js';
import type { RecordHeader } from './record-header.js';

/** The engine's core reads no wall clock, no random source and no socket; these are its only ways out. */
export interface Clock {
  /** ms since the epoch. */
  nowMs(): number;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export type ProcessingLogType =
  | 'DESERIALIZATION_ERROR'
  | 'RECORD_PROCESSING_ERROR'
  | 'PRODUCTION_ERROR'
  | 'SERIALIZATION_ERROR'
  | 'KAFKA_STREAMS_THREAD_ERROR';

/** What is counted by itself: an event time beyond the bound, a record that the broker refused. */
export type RecordFault = 'tooFarAhead' | 'refused';

/** One entry of the processing log: a record that could not be handled, and why. */
export interface ProcessingLogEntry {
  readonly type: ProcessingLogType;
  readonly queryId: string;
  readonly message: string;
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  /** `key` or `value`, for (de)serialisation. */
  readonly target?: 'key' | 'value' | undefined;
  readonly cause: readonly string[];
  readonly fault?: RecordFault | undefined;
  /** The whole record, so that it can be set aside as a dead letter. */
  readonly record?: RecordParts | undefined;
}

/** How a record that could not be handled is set aside: its key and value go to this topic, under this time (ms) and these headers. */
export interface DeadLetter {
  readonly topic: string;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

export interface ProcessingLog {
  append(entry: ProcessingLogEntry): void;
}
