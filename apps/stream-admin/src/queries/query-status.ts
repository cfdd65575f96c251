import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { PipelineObject } from '../sql/pipeline-object.js';
import { EngineView, type EngineObject } from './engine-view.js';
import { PipelineState } from './pipeline-state.js';

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
    private readonly state: PipelineState,
    private readonly engine: EngineView,
  ) {}

  /** In dependency order. @throws KsqlError when the engine does not answer */
  async all(): Promise<QueryStatus[]> {
    const present = await this.engine.objects();
    const isWell = [...present.values()].every(({ query }) => query === undefined || query.state === 'RUNNING');
    const errors = isWell ? new Map<string, string>() : await this.engine.queryErrors();
    return this.state.objects.map((object) => {
      const running = present.get(object.name);
      return {
        name: object.name,
        file: object.file,
        kind: object.kind,
        sources: [...object.sources],
        topic: running?.topic ?? object.topic,
        state:
          running === undefined ? 'ABSENT' : (running.query?.state ?? (object.isQuery ? 'TERMINATED' : 'DECLARED')),
        queryId: running?.query?.id ?? null,
        version: this.version(object, running),
        error: this.error(object) ?? errors.get(running?.query?.id ?? '') ?? null,
      };
    });
  }

  /** What keeps the pipeline from being complete, in words; empty when nothing does. */
  async shortcomings(): Promise<string[]> {
    const { phase, failure, waitsFor } = this.state;
    if (phase === 'failed' && failure) {
      return [`${failure.file}:${failure.line ?? 1}:${failure.column ?? 1}: ${failure.reason}`];
    }
    if (phase !== 'deployed') return [`deployment ${phase}${waitsFor ? ` (waits for ${waitsFor})` : ''}`];
    const statuses = await this.all();
    return statuses
      .filter(({ state }) => state !== 'RUNNING' && state !== 'DECLARED')
      .map(({ name, state, error }) => `${name} is ${state}${error ? ` (${error})` : ''}`);
  }

  private version(object: PipelineObject, running: EngineObject | undefined): QueryStatus['version'] {
    const deployed = this.state.journal.get(object.name);
    if (running === undefined) return this.state.phase === 'deployed' ? 'missing' : 'pending';
    if (deployed === undefined) return 'drifted';
    return deployed.textHash === object.textHash ? 'up-to-date' : 'changed';
  }

  private error(object: PipelineObject): string | undefined {
    const { failure } = this.state;
    if (failure?.file !== object.file) return undefined;
    return `${failure.file}:${failure.line ?? 1}:${failure.column ?? 1}: ${failure.reason}`;
  }
}
