import { CONFIG } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { StreamAdminConfig } from '../config.js';
import type { PipelineObject } from '../sql/pipeline-object.js';
import { readPipeline } from '../sql/read-pipeline.js';
import { SqlFileError } from '../sql/sql-file-error.js';
import { EngineView, type EngineObject } from './engine-view.js';
import { failureOf, PipelineState, type DeploymentFailure } from './pipeline-state.js';

export const queryStatusSchema = z.object({
  name: z.string(),
  file: z.string(),
  kind: z.enum(['STREAM', 'TABLE']),
  sources: z.array(z.string()).describe('names of the streams and tables it reads'),
  topic: z.string().describe('the topic it is declared over or writes to'),
  state: z
    .string()
    .describe(
      "the engine's word for the query (RUNNING, ERROR, PAUSED, …); DECLARED for a source; ABSENT when it is not there",
    ),
  queryId: z.string().nullable(),
  version: z
    .enum(['up-to-date', 'pending', 'changed', 'drifted', 'missing'])
    .describe('whether what runs is what the file says'),
  error: z.string().nullable(),
});
export type QueryStatus = z.infer<typeof queryStatusSchema>;

/** The files and the engine side by side. */
@Injectable()
export class QueryStatuses {
  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    private readonly state: PipelineState,
    private readonly engine: EngineView,
  ) {}

  /** The files as they are now, in dependency order. @throws KsqlError when the engine does not answer */
  async all(): Promise<QueryStatus[]> {
    let { objects, failure } = this.state;
    try {
      objects = await readPipeline(this.config.KSQL_DIR);
    } catch (error) {
      // An edit under way: the files as they were last good, with the trouble beside the file that has it.
      if (error instanceof SqlFileError) failure = failureOf(error);
    }
    return this.compare(objects, failure);
  }

  /** What keeps the pipeline from being complete, in words; empty when nothing does. */
  async shortcomings(): Promise<string[]> {
    const { phase, failure, waitsFor } = this.state;
    if (phase === 'failed' && failure) {
      return [inWords(failure)];
    }
    if (phase !== 'deployed') return [`deployment ${phase}${waitsFor ? ` (waits for ${waitsFor})` : ''}`];
    const statuses = await this.compare(this.state.objects, undefined);
    return statuses
      .filter(({ state }) => state !== 'RUNNING' && state !== 'DECLARED')
      .map(({ name, state, error }) => `${name} is ${state}${error ? ` (${error})` : ''}`);
  }

  private async compare(
    objects: readonly PipelineObject[],
    failure: DeploymentFailure | undefined,
  ): Promise<QueryStatus[]> {
    const present = await this.engine.objects();
    const isWell = [...present.values()].every(({ query }) => query === undefined || query.state === 'RUNNING');
    const errors = isWell ? new Map<string, string>() : await this.engine.queryErrors();
    return objects.map((object) => {
      const running = present.get(object.name);
      const fileError = failure?.file === object.file ? inWords(failure) : undefined;
      return {
        name: object.name,
        file: object.file,
        kind: object.kind,
        sources: [...object.sources],
        topic: running?.topic ?? object.topic,
        state: stateOf(object, running),
        queryId: running?.query?.id ?? null,
        version: this.version(object, running),
        error: fileError ?? errors.get(running?.query?.id ?? '') ?? null,
      };
    });
  }

  private version(object: PipelineObject, running: EngineObject | undefined): QueryStatus['version'] {
    const deployed = this.state.journal.get(object.name);
    if (running === undefined) return deployed !== undefined && this.state.phase === 'deployed' ? 'missing' : 'pending';
    if (deployed === undefined) return 'drifted';
    return deployed.textHash === object.textHash ? 'up-to-date' : 'changed';
  }
}

function stateOf(object: PipelineObject, running: EngineObject | undefined): string {
  if (running === undefined) return 'ABSENT';
  return running.query?.state ?? (object.isQuery ? 'TERMINATED' : 'DECLARED');
}

const inWords = ({ file, line, column, reason }: DeploymentFailure): string =>
  `${file}:${line ?? 1}:${column ?? 1}: ${reason}`;
