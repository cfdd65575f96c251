import { CONFIG, LOGGER, Problem } from '@isobar/service-kit';
import { KsqlError } from '@isobar/ksql-client';
import { type PipelineObject, SqlFileError, withDependants } from '@isobar/pipeline';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from '../config.js';
import { withPartitions } from '../sql/with-partitions.js';
import { JournalUnwritableError } from '../topics/write-entries.js';
import { DeclaredTopics, type ErasedTopic } from '../topics/declared-topics.js';
import { DeploymentLease, LeaseHeldError } from './deployment-lease.js';
import { EngineView } from './engine-view.js';
import { chooseFit, fixInWords, mismatchedSides } from './fit-partitions.js';
import { QueryWatch } from './health/query-watch.js';
import { PipelineState } from './pipeline-state.js';
import { readDeployable } from './read-deployable.js';
import { RunBatch } from './run-batch.js';

/** What a redeployment did. */
export interface Redeployed {
  /** In the order in which they were created. */
  readonly redeployed: readonly string[];
  /** Topics that were made anew with another number of partitions. */
  readonly erased: readonly (ErasedTopic & { readonly newPartitions: number })[];
}

/**
 * Drops one object with everything that reads it, and creates them again from their files. Their results stay in their topics, to be written
 * over; but where a join needs both sides to have as many partitions, and one has not, its topic is made anew: all that was in it is computed
 * again. A side that the object does not read from is replaced too then, with everything that reads it.
 */
@Injectable()
export class RedeployQuery {
  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly state: PipelineState,
    private readonly engine: EngineView,
    private readonly lease: DeploymentLease,
    private readonly batch: RunBatch,
    private readonly watch: QueryWatch,
    private readonly topics: DeclaredTopics,
  ) {}

  /** All drops and creates go to the engine as one request, which it checks as a whole first: a broken file drops nothing. */
  async run(name: string): Promise<Redeployed> {
    refuseWhileBusy(this.state);
    return this.state.exclusive(`the redeployment of ${name}`, async () => {
      let objects: readonly PipelineObject[] = [];
      try {
        objects = await readDeployable(this.config);
        if (withDependants([name], objects).length === 0) throw Problem.notFound(`No file declares ${name}`);
        const done = await this.lease.hold(`the redeployment of ${name}`, () => this.replace([name], objects));
        this.state.objects = objects;
        await this.watch.refresh();
        this.logger.info({ names: done.redeployed, erased: done.erased }, 'redeployed');
        return done;
      } catch (error) {
        throw toProblem(error, objects);
      }
    });
  }

  /**
   * Alone: the caller holds the lease. Only the engine knows which joins need equal numbers: it is asked until it refuses none for that.
   */
  async replace(names: readonly string[], objects: readonly PipelineObject[]): Promise<Redeployed> {
    const chosen = new Map<string, number>();
    for (;;) {
      const affected = withDependants([...names, ...chosen.keys()], objects);
      try {
        const erased = await this.replaceOnce(affected, chosen);
        return { redeployed: affected.map((object) => object.name), erased };
      } catch (error) {
        const sides = error instanceof SqlFileError ? mismatchedSides(error.reason) : undefined;
        const isDeclared = (topic: string): boolean => this.topics.isDeclared(topic);
        const fit = sides && chooseFit(sides, { objects, affected, chosen, isDeclared });
        if (fit === undefined) throw error;
        chosen.set(fit.name, fit.partitions);
      }
    }
  }

  private async replaceOnce(
    affected: readonly PipelineObject[],
    chosen: ReadonlyMap<string, number>,
  ): Promise<Redeployed['erased']> {
    this.engine.forget();
    const present = await this.engine.objects();
    const partitionsByTopic = new Map<string, number>();
    const drops = affected.toReversed().flatMap((object) => {
      const running = present.get(object.name);
      if (running === undefined) return [];
      const drop = `DROP ${running.kind} \`${object.name}\``;
      const partitions = chosen.get(object.name);
      // A file that names another topic by now leaves the old one as it is.
      if (partitions === undefined || running.topic !== object.topic) return [`${drop};`];
      partitionsByTopic.set(running.topic, partitions);
      return [`${drop} DELETE TOPIC;`];
    });
    const fitting = affected.map((object) => {
      const partitions = chosen.get(object.name);
      return partitions === undefined ? object : { ...object, sql: withPartitions(object, partitions) ?? object.sql };
    });
    const erased = await this.topics.whileMadeAnew([...partitionsByTopic.keys()], () =>
      this.batch.run(fitting, 'redeployed', drops),
    );
    return erased.map((each) => ({ ...each, newPartitions: partitionsByTopic.get(each.topic) ?? each.partitions }));
  }
}

/** Waiting behind a deployment that itself waits for a neighbour would leave the caller without an answer. */
export function refuseWhileBusy(state: PipelineState): void {
  if (state.changeUnderWay === undefined) return;
  throw new Problem(409, {
    type: 'deployment-in-progress',
    title: `Another change is under way: ${state.changeUnderWay}`,
    ...(state.waitsFor === undefined ? {} : { detail: `It waits for ${state.waitsFor}` }),
    fix: { text: 'Try again when it is done; GET /deployments tells' },
  });
}

export function toProblem(error: unknown, objects: readonly PipelineObject[]): unknown {
  if (error instanceof LeaseHeldError)
    return new Problem(409, {
      type: 'deployment-in-progress',
      title: `Another change is under way: ${error.message}`,
      fix: { text: 'Try again when it is done' },
    });
  if (error instanceof SqlFileError) {
    const sides = mismatchedSides(error.reason);
    return new Problem(422, {
      type: 'sql-syntax',
      title: 'A file of the pipeline was refused; nothing was changed',
      detail: error.message,
      errors: [{ pointer: `/${error.file}`, detail: error.detail }],
      fix: { text: sides === undefined ? 'Correct the file and redeploy' : fixInWords(sides, objects) },
    });
  }
  if (error instanceof JournalUnwritableError) {
    return new Problem(503, {
      type: 'upstream-unavailable',
      title: error.isAfterChange
        ? 'The redeployment was done, and could not be noted in the journal'
        : 'The journal of deployments cannot be written now; nothing was changed',
      detail: error.message,
      fix: {
        text: error.isAfterChange
          ? 'Give Kafka room on its disk; it is noted then, or at the next start of stream-admin'
          : 'Give Kafka room on its disk, then try again',
      },
    });
  }
  if (error instanceof KsqlError) {
    return new Problem(503, {
      type: 'upstream-unavailable',
      title: 'ksqlDB cannot be asked now',
      detail: error.message,
    });
  }
  return error;
}
