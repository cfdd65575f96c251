import { KsqlClient, KsqlError } from '@isobar/ksql-client';
import { planPipeline, SqlFileError, type PipelineObject, type RunningObject, type World } from '@isobar/pipeline';
import { CONFIG, Problem } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamAdminConfig } from '../config.js';
import { ClusterBounds, type BoundsByTopic } from '../topics/cluster-bounds.js';
import { recordsIn, type TopicBounds } from '../topics/topic-bounds.js';
import { DeploymentJournal } from './deployment-journal.js';
import { EngineView, type EngineObject } from './engine-view.js';
import { QueryWatch } from './health/query-watch.js';
import { toView, type PlanView } from './plan-schema.js';
import { readDeployable } from './read-deployable.js';
import { SharedRuns } from './shared-runs.js';

const keptMax = 50;
const settleAttempts = 10;
const settlePauseMs = 300;

export interface PlanWithObjects {
  readonly plan: PlanView;
  readonly objects: readonly PipelineObject[];
  readonly world: World;
}

/** Plans: what deploying the files would do. Making one changes nothing. */
@Injectable()
export class Plans {
  private readonly made = new Map<string, PlanView>();
  /** Lint and planner take some tenths of a second of the thread that answers. */
  private readonly runs = new SharedRuns(() => this.planOnce());

  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    private readonly engine: EngineView,
    private readonly ksql: KsqlClient,
    private readonly journal: DeploymentJournal,
    private readonly bounds: ClusterBounds,
    private readonly watch: QueryWatch,
  ) {}

  /** One that was made since the start of this process. */
  get(id: string): PlanView | undefined {
    return this.made.get(id);
  }

  /** @throws Problem when a file cannot be deployed, or the engine or Kafka does not answer */
  async make(): Promise<PlanView> {
    return (await this.makeWithObjects()).plan;
  }

  makeWithObjects(): Promise<PlanWithObjects> {
    return this.runs.run();
  }

  private async planOnce(): Promise<PlanWithObjects> {
    const objects = await this.read();
    const world = await this.world();
    const options = { recordsPerSecond: this.watch.catchUpPerSecond };
    const plan = toView(planPipeline(objects, world, options), new Date().toISOString());
    this.made.delete(plan.id);
    this.made.set(plan.id, plan);
    for (const [oldest] of this.made) if (this.made.size > keptMax) this.made.delete(oldest);
    return { plan, objects, world };
  }

  /** A topic that was made a moment ago has no leader yet. */
  private async boundsOnceSettled(): Promise<BoundsByTopic> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.bounds.latest();
      } catch (error) {
        if (attempt === settleAttempts) throw error;
        await delay(settlePauseMs);
      }
    }
  }

  private async read(): Promise<PipelineObject[]> {
    try {
      return await readDeployable(this.config);
    } catch (error) {
      if (!(error instanceof SqlFileError)) throw error;
      throw new Problem(422, {
        type: 'sql-syntax',
        title: 'A file of the pipeline cannot be deployed',
        detail: error.message,
        errors: [{ pointer: `/${error.file}`, detail: error.detail }],
        fix: { text: 'Correct the file', cli: 'npx isobar queries lint' },
      });
    }
  }

  private async world(): Promise<World> {
    this.engine.forget();
    try {
      const [objects, topics, bounds, journal] = await Promise.all([
        this.engine.objects(),
        this.ksql.listTopics(),
        this.boundsOnceSettled(),
        this.journal.read(),
      ]);
      return {
        objects: new Map([...objects].map(([name, object]) => [name, toRunning(object)])),
        topics: new Map(
          topics.map(({ name, replicaInfo }) => [
            name,
            { partitions: replicaInfo.length, replicas: replicaInfo[0] ?? 1, ...sizeOf(bounds.get(name)) },
          ]),
        ),
        journal: new Map([...journal].map(([name, { textHash, runs }]) => [name, { textHash, runs }])),
      };
    } catch (error) {
      const what = error instanceof KsqlError ? 'ksqlDB does not answer' : 'Kafka does not answer';
      const detail = error instanceof Error ? error.message : String(error);
      throw new Problem(503, { type: 'upstream-unavailable', title: what, detail });
    }
  }
}

const toRunning = ({ name, kind, topic, query, otherWriters, statement }: EngineObject): RunningObject => ({
  name,
  kind,
  topic,
  statement,
  hasQuery: query !== undefined,
  otherWriters,
});

const sizeOf = (bounds: TopicBounds | undefined) => ({
  records: bounds === undefined ? 0 : recordsIn(bounds),
  cut: bounds === undefined ? 0 : [...bounds.values()].reduce((sum, { low }) => sum + Number(low), 0),
});
