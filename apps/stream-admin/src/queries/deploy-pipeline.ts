import { KsqlError } from '@isobar/ksql-client';
import { type PipelineObject, SqlFileError } from '@isobar/pipeline';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from '../config.js';
import { DeclaredTopics } from '../topics/declared-topics.js';
import { asReplacement } from '../sql/as-replacement.js';
import { DeploymentJournal } from './deployment-journal.js';
import { DeploymentLease } from './deployment-lease.js';
import { EngineView, type EngineObject } from './engine-view.js';
import { QueryWatch } from './health/query-watch.js';
import { PipelineState } from './pipeline-state.js';
import { readDeployable } from './read-deployable.js';
import { RunBatch } from './run-batch.js';

const retryDelaysMs = [250, 500, 1_000, 2_000];

/** Brings the engine to what the files say: creates what is absent, leaves alone what runs. */
@Injectable()
export class DeployPipeline {
  private readonly stopped = new AbortController();

  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    shutdown: Shutdown,
    private readonly state: PipelineState,
    private readonly engine: EngineView,
    private readonly journal: DeploymentJournal,
    private readonly lease: DeploymentLease,
    private readonly topics: DeclaredTopics,
    private readonly batch: RunBatch,
    private readonly watch: QueryWatch,
  ) {
    shutdown.register('accepting', 'deployment', () => this.stopped.abort());
  }

  /**
   * Deploys, waiting for Kafka and the engine as long as it takes. A file that is wrong ends the deployment: it is shown
   * in `GET /deployments` and `/readyz`, and nothing that runs was touched.
   */
  async run(): Promise<void> {
    await this.state.exclusive('a deployment', async () => {
      for (let attempt = 0; !this.stopped.signal.aborted; attempt += 1) {
        try {
          await this.once();
          return;
        } catch (error) {
          if (error instanceof SqlFileError) {
            this.state.fail(error);
            this.logger.error({ ...this.state.failure }, `deployment stopped: ${error.message}`);
            return;
          }
          this.wait(error, attempt);
        }
        const pause = retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)];
        await delay(pause, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      }
    });
  }

  private async once(): Promise<void> {
    this.state.failure = undefined;
    this.state.phase = 'waiting';
    this.state.objects = await this.readFiles();
    this.state.waitsFor = `Kafka at ${this.config.KAFKA_BROKERS.join(', ')}`;
    await this.topics.whenThere(this.stopped.signal);
    this.engine.forget();
    await this.engine.objects();
    await this.lease.hold('a deployment', () => this.deploy());
  }

  /** Alone: no other process of this service changes the pipeline meanwhile. */
  private async deploy(): Promise<void> {
    this.engine.forget();
    const [journal, present] = await Promise.all([this.journal.read(), this.engine.objects()]);
    this.state.journal = journal;
    this.state.phase = 'deploying';
    this.state.waitsFor = undefined;
    await this.finishOldWork(present);
    const absent = this.state.objects.filter((object) => !present.has(object.name));
    if (absent.length > 0) await this.create(absent);
    // What was terminated is made anew in the place of its old self, so that nothing that reads it has to go.
    const terminated = this.state.objects
      .filter(({ isQuery, name }) => isQuery && present.has(name) && present.get(name)?.query === undefined)
      .map((object) => ({ ...object, sql: asReplacement(object.sql) }));
    if (terminated.length > 0) await this.batch.run(terminated, 'created');
    await this.watch.refresh();
    this.state.phase = 'deployed';
    this.logger.info(
      {
        created: [...absent, ...terminated].map((object) => object.name),
        leftAlone: this.state.objects.length - absent.length - terminated.length,
      },
      'pipeline deployed',
    );
  }

  /** Somebody may make the same by hand meanwhile: what that one made is there, and no reason to stop. */
  private async create(absent: readonly PipelineObject[]): Promise<void> {
    const before = this.state.journal;
    try {
      await this.batch.run(absent, 'created');
    } catch (error) {
      if (!(error instanceof SqlFileError)) throw error;
      const present = await this.engine.objects();
      const byOthers = absent.filter(
        ({ name }) => present.has(name) && this.state.journal.get(name) === before.get(name),
      );
      if (byOthers.length === 0) throw error;
      const names = byOthers.map(({ name }) => name).join(', ');
      throw new Error(`somebody else deploys at the same time: ${names} appeared meanwhile; looking again`, {
        cause: error,
      });
    }
  }

  /**
   * A process that ended in the middle of a deployment left what it had made without an entry; an entry of an older version does not say
   * how the engine spells it. What runs now counts.
   */
  private async finishOldWork(present: ReadonlyMap<string, EngineObject>): Promise<void> {
    const { unfinished } = this.journal;
    const begun = [...unfinished.values()].flatMap((entry) => {
      const runs = present.get(entry.name)?.statement;
      return runs && this.state.journal.get(entry.name)?.runs !== runs ? [{ ...entry, runs }] : [];
    });
    const unspelled = [...this.state.journal.values()].flatMap((entry) => {
      const runs = present.get(entry.name)?.statement;
      return entry.runs === undefined && runs ? [{ ...entry, runs }] : [];
    });
    const adopted = [...unspelled, ...begun];
    await this.journal.write(adopted);
    await this.journal.end([...unfinished.keys()]);
    if (adopted.length === 0) return;
    this.state.journal = new Map([...this.state.journal, ...adopted.map((entry) => [entry.name, entry] as const)]);
  }

  private async readFiles() {
    try {
      return await readDeployable(this.config);
    } catch (error) {
      if (error instanceof SqlFileError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new SqlFileError(this.config.KSQL_DIR, undefined, `the folder KSQL_DIR cannot be read: ${reason}`);
    }
  }

  private wait(error: unknown, attempt: number): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.state.phase = 'waiting';
    this.state.waitsFor = error instanceof KsqlError ? `ksqlDB at ${this.config.KSQLDB_URL}: ${reason}` : reason;
    // Neighbours start at the same time; only a long wait deserves a warning.
    this.logger[attempt > 10 ? 'warn' : 'debug']({ err: error, attempt }, 'deployment waits');
  }
}
