import { closeSync, openSync, readFileSync, renameSync, statSync, unlink, writeFileSync, writeSync } from 'node:fs';
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
  /** Why it is `degraded` or `not ready`; empty otherwise. */
  readonly because: readonly string[];
  /** RFC 3339; when the supervisor last wrote this, which it does every few seconds. */
  readonly asOf: string;
  readonly readyMs?: number;
  readonly probeMs?: number;
  readonly degraded: readonly string[];
  readonly addresses: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, PartState>>;
  readonly failure?: Failure;
}

/** Room in the file for longer words than the present ones, in bytes. */
const spareBytes = 4096;

/**
 * Replaces the file in one step, so that a reader sees the old state or the new one. On a full disk, where no new file can be written,
 * the old one is written over: it is made longer than it need be for that.
 * @throws the system's error when neither is possible
 */
export function writeState(file: string, state: StackState): void {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, text.padEnd(Buffer.byteLength(text) + spareBytes), { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    if (!writeOver(file, Buffer.from(text))) throw error;
    unlink(temporary, () => undefined);
  }
}

/** @returns whether the text had room in what the file is */
function writeOver(file: string, text: Buffer): boolean {
  try {
    const room = statSync(file).size;
    if (text.length > room) return false;
    const descriptor = openSync(file, 'r+');
    try {
      writeSync(descriptor, Buffer.concat([text, Buffer.alloc(room - text.length, ' ')]), 0, room, 0);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch {
    return false;
  }
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
