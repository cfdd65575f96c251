import { type PipelineObject, SqlFileError } from '@isobar/pipeline';
import { Injectable } from '@nestjs/common';
import type { JournalEntry } from './deployment-journal.js';

export interface DeploymentFailure {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly reason: string;
}

/** What this process knows of the pipeline: the files as read, what was deployed, and how the last deployment went. */
@Injectable()
export class PipelineState {
  /** In dependency order. */
  objects: readonly PipelineObject[] = [];
  journal: ReadonlyMap<string, JournalEntry> = new Map();
  phase: 'waiting' | 'deploying' | 'deployed' | 'failed' = 'waiting';
  /** What a deployment in phase `waiting` waits for. */
  waitsFor: string | undefined = 'the first look at the files';
  failure: DeploymentFailure | undefined;

  private change: string | undefined;

  /** What is being changed now, in words; one change at a time. */
  get changeUnderWay(): string | undefined {
    return this.change;
  }

  /** @throws Error when another change is under way; look at `changeUnderWay` first */
  async exclusive<T>(what: string, change: () => Promise<T>): Promise<T> {
    if (this.change !== undefined) throw new Error(`${what} cannot begin: ${this.change} is under way`);
    this.change = what;
    try {
      return await change();
    } finally {
      this.change = undefined;
    }
  }

  fail(error: SqlFileError): void {
    this.phase = 'failed';
    this.waitsFor = undefined;
    this.failure = failureOf(error);
  }
}

export const failureOf = (error: SqlFileError): DeploymentFailure => ({
  file: error.file,
  line: error.place?.line ?? null,
  column: error.place?.column ?? null,
  reason: error.reason,
});
