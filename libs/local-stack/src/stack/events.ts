import type { SystemHealth } from '@isobar/contracts';

export type StepState =
  'waiting' | 'starting' | 'slow' | 'ready' | 'unready' | 'done' | 'restarting' | 'failed' | 'stopping' | 'stopped';

/** A change of one part or job. */
export interface StepEvent {
  readonly v: 1;
  /** RFC 3339, UTC. */
  readonly ts: string;
  readonly type: 'step';
  readonly id: string;
  readonly state: StepState;
  /** Names and states of what it waits for, such as `kafka:starting`. */
  readonly waitingOn: readonly string[];
  readonly detail: string;
  /** Since this start of the step. */
  readonly elapsedMs: number;
  /** How long the last run's start took. */
  readonly typicalMs?: number;
  readonly restarts: number;
}

/** Something the user should know that is no failure, such as another port. */
export interface NoticeEvent {
  readonly v: 1;
  readonly ts: string;
  readonly type: 'notice';
  readonly text: string;
}

export interface Failure {
  readonly step: string;
  readonly what: string;
  readonly why?: string;
  readonly fix?: string;
  readonly logFile?: string;
  readonly lastLogLines: readonly string[];
  readonly notStarted: readonly string[];
}

/** A change of the stack as a whole. */
export interface SystemEvent {
  readonly v: 1;
  readonly ts: string;
  readonly type: 'system';
  readonly state: SystemState;
  /** Since the start of the stack. */
  readonly elapsedMs: number;
  /** From the marked reading's entry to its joined row at the dashboard; once `ready`. */
  readonly probeMs?: number;
  /** At the end of the start, with `degraded`. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** What works with less than it should, such as sample weather. */
  readonly degraded?: readonly string[];
  /** Why it is `degraded` or `not ready`: what was seen, one sentence each, causes before what follows from them. */
  readonly because?: readonly string[];
  readonly failure?: Failure;
}

/** Between the end of its start and its stop a stack is what it is at that moment: a {@link SystemHealth}. */
export type SystemState = 'starting' | SystemHealth | 'failed' | 'stopping' | 'stopped';
export type StackEvent = StepEvent | NoticeEvent | SystemEvent;
export type StackObserver = (event: StackEvent) => void;
