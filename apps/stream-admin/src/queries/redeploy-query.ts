import { CONFIG, LOGGER, Problem } from '@isobar/service-kit';
import { KsqlError } from '@isobar/ksql-client';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from '../config.js';
import { withDependants } from '../sql/dependency-order.js';
import type { PipelineObject } from '../sql/pipeline-object.js';
import { readPipeline } from '../sql/read-pipeline.js';
import { SqlFileError } from '../sql/sql-file-error.js';
import { DeploymentLease, LeaseHeldError } from './deployment-lease.js';
import { EngineView } from './engine-view.js';
import { QueryWatch } from './health/query-watch.js';
import { PipelineState } from './pipeline-state.js';
import { RunBatch } from './run-batch.js';

/** Drops one object with everything that reads it, and creates them again from their files. */
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
  ) {}

  /**
   * All drops and creates go to the engine as one request, which it checks as a whole first: a broken file drops nothing.
   * @returns the names in the order in which they were created
   */
  async run(name: string): Promise<string[]> {
    refuseWhileBusy(this.state);
    return this.state.exclusive(`the redeployment of ${name}`, async () => {
      try {
        const objects = await readPipeline(this.config.KSQL_DIR);
        const affected = withDependants(name, objects);
        if (affected.length === 0) throw Problem.notFound(`No file declares ${name}`);
        await this.lease.hold(`the redeployment of ${name}`, () => this.replace(affected));
        this.state.objects = objects;
        await this.watch.refresh();
        const names = affected.map((object) => object.name);
        this.logger.info({ names }, 'redeployed');
        return names;
      } catch (error) {
        throw toProblem(error);
      }
    });
  }

  private async replace(affected: readonly PipelineObject[]): Promise<void> {
    this.engine.forget();
    const present = await this.engine.objects();
    const drops = affected.toReversed().flatMap((object) => {
      const running = present.get(object.name);
      return running ? [`DROP ${running.kind} \`${object.name}\`;`] : [];
    });
    await this.batch.run(affected, 'redeployed', drops);
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

function toProblem(error: unknown): unknown {
  if (error instanceof LeaseHeldError)
    return new Problem(409, {
      type: 'deployment-in-progress',
      title: `Another change is under way: ${error.message}`,
      fix: { text: 'Try again when it is done' },
    });
  if (error instanceof SqlFileError) {
    return new Problem(422, {
      type: 'sql-syntax',
      title: 'A file of the pipeline was refused; nothing was changed',
      detail: error.message,
      errors: [{ pointer: `/${error.file}`, detail: error.detail }],
      fix: { text: 'Correct the file and redeploy' },
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
