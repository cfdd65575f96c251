import { Injectable } from '@nestjs/common';
import type { PipelineObject } from '../sql/pipeline-object.js';
import { SqlFileError } from '../sql/sql-file-error.js';
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

  private busy: Promise<unknown> = Promise.resolve();

  /** Runs changes one after another, never two at a time. */
  exclusive<T>(change: () => Promise<T>): Promise<T> {
    const run = this.busy.then(change, change);
    this.busy = run.catch(() => undefined);
    return run;
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
