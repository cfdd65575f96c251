import { KsqlClient } from '@isobar/ksql-client';
import { CONFIG, LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { StreamAdminConfig } from '../config.js';
import { KAFKA_OPTIONS, kafkaOptions } from '../kafka-options.js';
import { DeclaredTopics } from '../topics/declared-topics.js';
import { TopicsModule } from '../topics/topics.module.js';
import { DeployPipeline } from './deploy-pipeline.js';
import { DeploymentJournal } from './deployment-journal.js';
import { DeploymentLease } from './deployment-lease.js';
import { EngineView } from './engine-view.js';
import { madeTopics } from './made-topics.js';
import { ksqlCredentials } from './ksql-credentials.js';
import { KafkaJournal } from './kafka-journal.js';
import { PipelineState } from './pipeline-state.js';
import { CarryOutPlan } from './carry-out-plan.js';
import { Plans } from './plans.js';
import { PreviewPlan } from './preview-plan.js';
import { PlansController } from './plans.controller.js';
import { QueriesController } from './queries.controller.js';
import { QueryWatch } from './health/query-watch.js';
import { QueryStatuses } from './query-status.js';
import { RedeployQuery } from './redeploy-query.js';
import { RunBatch } from './run-batch.js';

@Module({
  imports: [TopicsModule],
  controllers: [QueriesController, PlansController],
  providers: [
    PipelineState,
    EngineView,
    RunBatch,
    DeployPipeline,
    RedeployQuery,
    Plans,
    CarryOutPlan,
    PreviewPlan,
    DeploymentLease,
    QueryStatuses,
    QueryWatch,
    { provide: DeploymentJournal, useClass: KafkaJournal },
    { provide: KAFKA_OPTIONS, inject: [CONFIG, LOGGER], useFactory: kafkaOptions },
    {
      provide: KsqlClient,
      inject: [CONFIG, Shutdown],
      useFactory: (config: StreamAdminConfig, shutdown: Shutdown) => {
        const client = new KsqlClient({ url: config.KSQLDB_URL, credentials: ksqlCredentials(config) });
        shutdown.register('connections', 'ksqlDB', () => client.close());
        return client;
      },
    },
  ],
})
export class QueriesModule implements OnApplicationBootstrap {
  constructor(
    private readonly deployPipeline: DeployPipeline,
    statuses: QueryStatuses,
    watch: QueryWatch,
    engine: EngineView,
    state: PipelineState,
    topics: DeclaredTopics,
    readiness: Readiness,
  ) {
    topics.watchAlso({
      seen: () => madeTopics(watch.seen),
      now: async () => {
        engine.forget();
        const objects = await engine.objects();
        return state.changeUnderWay === undefined ? madeTopics(objects) : [];
      },
    });
    readiness.register({
      name: 'queries',
      check: () => {
        const shortcomings = statuses.shortcomings();
        if (shortcomings.length > 0) throw new Error(shortcomings.join('; '));
      },
    });
    readiness.register({
      name: 'query remarks',
      optional: true,
      check: () => {
        const remarks = statuses.remarks();
        if (remarks.length > 0) throw new Error(remarks.join('; '));
      },
    });
  }

  /** The service answers at once; the deployment waits for its neighbours in the background. */
  onApplicationBootstrap(): void {
    void this.deployPipeline.run();
  }
}
