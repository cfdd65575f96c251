import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process/process-identity.js';
import type { Failure, StepState, SystemState } from '../stack/events.js';

export interface PartState {
  readonly state: StepState;
  readonly detail: string;
  readonly restarts: number;
  /** Why it was started again the last time. */
  readonly restartedBecause?: string;
  /** RFC 3339; when it came into this state. */
  readonly since: string;
  readonly waitingOn: readonly string[];
  readonly address?: string;
  readonly process?: ProcessIdentity;
  readonly logFile?: string;
}

/** What the supervising process tells others about its stack: `run/state.json`. */
export interface StackState {
  readonly v: 1;
  readonly supervisor: ProcessIdentity;
  readonly startedAt: string;
  readonly state: SystemState;
  readonly readyMs?: number;
  readonly probeMs?: number;
  readonly degraded: readonly string[];
  readonly addresses: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, PartState>>;
  readonly failure?: Failure;
}

/** Replaces the file in one step, so that a reader sees the old state or the new one. */
export function writeState(file: string, state: StackState): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** @returns undefined when there is none, or none that can be read */
export function readState(file: string): StackState | undefined {
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as StackState;
    return state.v === 1 ? state : undefined;
  } catch {
    return undefined;
  }
}
