import {
  queryHealths,
  unwellQueryHealths,
  versionStates,
  type QueryHealth,
  type VersionState,
} from '@isobar/contracts';
import { type PipelineObject, readPipeline, SqlFileError } from '@isobar/pipeline';
import { CONFIG, Metrics } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StreamAdminConfig } from '../config.js';
import { EngineView, type EngineObject } from './engine-view.js';
import type { JudgedQuery } from './health/judge-query.js';
import { QueryWatch } from './health/query-watch.js';
import { failureOf, PipelineState, type DeploymentFailure } from './pipeline-state.js';
import { isSameStatement } from './statement-mark.js';
import { VersionVerdicts, type Verdicts } from './version-verdicts.js';

export const queryStatusSchema = z.object({
  name: z.string(),
  file: z.string().nullable().describe('null for what no file declares'),
  kind: z.enum(['STREAM', 'TABLE']),
  sources: z.array(z.string()).describe('names of the streams and tables it reads'),
  topic: z.string().describe('the topic it is declared over or writes to'),
  state: z
    .string()
    .describe(
      "the engine's word for the query (RUNNING, ERROR, PAUSED, …); DECLARED for a source; TERMINATED when its query is gone; ABSENT when all of it is",
    ),
  health: z.enum(queryHealths).describe('whether it does its work, judged by its progress'),
  because: z.array(z.string()).describe('what was seen, with values'),
  queryId: z.string().nullable(),
  version: z.enum(versionStates).describe('whether what runs is what the file says'),
  error: z.string().nullable(),
});
export type QueryStatus = z.infer<typeof queryStatusSchema>;

/** The files and the engine side by side. */
@Injectable()
export class QueryStatuses {
  private readonly verdicts = new VersionVerdicts();

  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    private readonly state: PipelineState,
    private readonly engine: EngineView,
    private readonly watch: QueryWatch,
    metrics: Metrics,
  ) {
    metrics.gauge(
      'isobar_query_health',
      'The word that /queries has for each query of the files: 1 for the health it is in',
      ['query', 'health'],
      (gauge) => {
        gauge.reset();
        for (const { name: query, health } of this.seen())
          for (const each of queryHealths) gauge.set({ query, health: each }, Number(each === health));
      },
    );
  }

  /** The files as they are now, in dependency order, then what no file declares. @throws KsqlError when the engine does not answer */
  async all(): Promise<QueryStatus[]> {
    let { objects, failure } = this.state;
    try {
      objects = await readPipeline(this.config.KSQL_DIR, { environment: this.config.KSQL_ENVIRONMENT });
    } catch (error) {
      // An edit under way: the files as they were last good, with the trouble beside the file that has it.
      if (error instanceof SqlFileError) failure = failureOf(error);
    }
    const present = await this.engine.objects();
    const verdicts = this.verdicts.of(objects, present, this.state.journal);
    const declared = objects.map((object) => this.status(object, present.get(object.name), failure, verdicts));
    const names = new Set(objects.map(({ name }) => name));
    return [
      ...declared,
      ...[...present.values()].filter(({ name }) => !names.has(name)).map((each) => this.unmanaged(each)),
    ];
  }

  /**
   * What keeps the pipeline from being complete, in words; empty when nothing does. From the last look at the engine: asking costs it
   * nothing.
   */
  shortcomings(): string[] {
    const { phase, failure, waitsFor } = this.state;
    if (phase === 'failed' && failure) return [inWords(failure)];
    if (phase !== 'deployed') return [`deployment ${phase}${waitsFor ? ` (waits for ${waitsFor})` : ''}`];
    this.watch.check();
    return this.seen()
      .filter(({ health }) => unwellQueryHealths.includes(health))
      .map(({ name, state, health, because }) => `${name} is ${state}, ${health} (${because.join('; ')})`);
  }

  /** What runs and yet is not as it should be, in words. */
  remarks(): string[] {
    if (this.state.phase !== 'deployed') return [];
    return this.seen().flatMap(({ name, health, version, because }) => [
      ...(version === 'drifted' ? [`${name} was changed outside of its file`] : []),
      ...(health === 'falling-behind' ? [`${name} is falling behind (${because.join('; ')})`] : []),
    ]);
  }

  private seen(): QueryStatus[] {
    const { seen } = this.watch;
    const verdicts = this.verdicts.of(this.state.objects, seen, this.state.journal);
    return this.state.objects
      .filter((object) => seen.has(object.name) || this.isWanted(object))
      .map((object) => this.status(object, seen.get(object.name), undefined, verdicts));
  }

  /** Whoever removes the file and drops what it made wants it gone; the files were last read for a deployment, maybe long ago. */
  private isWanted({ file }: PipelineObject): boolean {
    return existsSync(join(this.config.KSQL_DIR, file));
  }

  private status(
    object: PipelineObject,
    running: EngineObject | undefined,
    failure: DeploymentFailure | undefined,
    verdicts: Verdicts,
  ): QueryStatus {
    const fileError = failure?.file === object.file ? inWords(failure) : undefined;
    const newest = running?.query?.state === 'RUNNING' ? undefined : running?.query?.errors[0];
    return {
      name: object.name,
      file: object.file,
      kind: object.kind,
      sources: [...object.sources],
      topic: running?.topic ?? object.topic,
      state: stateOf(object, running),
      ...this.judge(object, running),
      queryId: running?.query?.id ?? null,
      version: this.version(object, running, verdicts),
      error: fileError ?? (newest ? `${newest.type}: ${newest.message}` : null),
    };
  }

  private unmanaged(object: EngineObject): QueryStatus {
    const judged = object.query ? this.watch.judge(object) : declared;
    return {
      name: object.name,
      file: null,
      kind: object.kind,
      sources: [...(object.query?.sources ?? [])],
      topic: object.topic,
      state: object.query?.state ?? 'DECLARED',
      health: judged.health,
      because: ['no file declares it', ...judged.because],
      queryId: object.query?.id ?? null,
      version: 'unmanaged',
      error: null,
    };
  }

  private judge(object: PipelineObject, running: EngineObject | undefined): { health: QueryHealth; because: string[] } {
    const writers = (running?.otherWriters ?? []).map((id) => `${id} writes into it too, and no file declares that`);
    const judged = this.judgeAlone(object, running);
    return { health: judged.health, because: [...judged.because, ...this.remedy(object, running, judged), ...writers] };
  }

  /** One that was never seen is not made again by itself: nothing but its query knows how. */
  private remedy({ name }: PipelineObject, running: EngineObject | undefined, { health }: JudgedQuery): string[] {
    if (health !== 'failed' || running?.query === undefined) return [];
    if (this.watch.isTopicGone(running.topic))
      return [`npx isobar queries redeploy ${name} makes it and the topic ${running.topic} anew`];
    const isToBeMadeAnew =
      running.query.errors[0]?.message.includes('terminate the query and create it again') === true;
    return isToBeMadeAnew ? [`npx isobar queries redeploy ${name} does that`] : [];
  }

  private judgeAlone(object: PipelineObject, running: EngineObject | undefined): JudgedQuery {
    if (running?.query !== undefined) return this.watch.judge(running);
    if (running !== undefined && !object.isQuery) return declared;
    const gone = this.watch.gone(object.name);
    if (gone) return { health: 'failed', because: [`${gone.what} by hand, seen at ${gone.seenAt.slice(0, 19)}Z`] };
    const missing = running === undefined ? 'the engine does not have it' : 'no query fills it: it was terminated';
    return { health: 'failed', because: [missing] };
  }

  private version(object: PipelineObject, running: EngineObject | undefined, verdicts: Verdicts): VersionState {
    const { journal, phase, changeUnderWay } = this.state;
    const deployed = journal.get(object.name);
    if (running === undefined || (object.isQuery && running.query === undefined)) {
      if (phase === 'deploying' || changeUnderWay?.includes(object.name)) return 'deploying';
      return deployed !== undefined && phase === 'deployed' ? 'missing' : 'pending';
    }
    const judged = verdicts.get(object.name);
    if (judged !== undefined) return judged;
    // What cannot be planned here: the spelling of the engine and the text of the file are all there is.
    if (deployed === undefined || running.otherWriters.length > 0) return 'drifted';
    if (deployed.runs !== undefined && !isSameStatement(deployed.runs, running.statement)) return 'drifted';
    return deployed.textHash === object.textHash ? 'up-to-date' : 'changed';
  }
}

const declared: JudgedQuery = { health: 'running', because: ['declared over its topic; nothing has to run'] };

function stateOf(object: PipelineObject, running: EngineObject | undefined): string {
  if (running === undefined) return 'ABSENT';
  return running.query?.state ?? (object.isQuery ? 'TERMINATED' : 'DECLARED');
}

const inWords = ({ file, line, column, reason }: DeploymentFailure): string =>
  `${file}:${line ?? 1}:${column ?? 1}: ${reason}`;
