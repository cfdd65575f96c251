import { CONFIG, LOGGER, Metrics, Readiness } from '@isobar/service-kit';
import { Global, Module } from '@nestjs/common';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { CacheFiles } from '../cache-files.js';
import type { WeatherIngestConfig } from '../config.js';
import { AnswerStore } from './answer-store.js';
import { NwsClient } from './nws-client.js';
import { Places } from './places.js';
import { Recordings } from './recordings.js';
import { Refusals } from './refusals.js';
import { RequestBudget } from './request-budget.js';
import { RefusalLog } from './refusal-log.js';

@Global()
@Module({
  providers: [
    {
      provide: CacheFiles,
      inject: [Readiness],
      useFactory: (readiness: Readiness) => {
        const files = new CacheFiles();
        readiness.register({
          name: 'cache',
          optional: true,
          check: () => {
            if (files.trouble !== undefined) throw new Error(files.trouble);
          },
        });
        return files;
      },
    },
    {
      provide: NwsClient,
      inject: [CONFIG, Metrics, CacheFiles],
      useFactory: (config: WeatherIngestConfig, metrics: Metrics, files: CacheFiles) => {
        const requests = metrics.counter('isobar_nws_requests_total', 'requests to the weather service', ['outcome']);
        const budget =
          config.NWS_REPLAY_DIR === undefined
            ? new RequestBudget(config.NWS_DAILY_BUDGET, join(config.CACHE_DIR, 'budget.json'), files)
            : new RequestBudget(Number.POSITIVE_INFINITY);
        metrics.gauge('isobar_nws_requests_last_day', 'requests of the last 24 hours', [], (gauge) =>
          gauge.set(budget.usedAt(Date.now())),
        );
        const replayFolder = config.NWS_REPLAY_DIR;
        const client = new NwsClient({
          baseUrl: config.NWS_BASE_URL,
          contact: config.NWS_CONTACT,
          // Recordings are no answers: nothing of them may be left when the real service is asked again.
          store: new AnswerStore(replayFolder === undefined ? join(config.CACHE_DIR, 'answers') : undefined, files),
          ...(replayFolder === undefined
            ? {}
            : { fetch: new Recordings(replayFolder, Date.now).fetch, speed: config.NWS_REPLAY_SPEED, spacingMs: 0 }),
          budget,
          now: Date.now,
          onRequest: (outcome) => requests.inc({ outcome }),
        });
        metrics.gauge('isobar_nws_clock_offset_seconds', "our clock minus the weather service's", [], (gauge) => {
          const { offsetMs } = client.clock;
          if (offsetMs !== undefined) gauge.set(offsetMs / 1_000);
        });
        return client;
      },
    },
    {
      provide: Places,
      inject: [NwsClient, Refusals, LOGGER],
      useFactory: (client: NwsClient, refusals: Refusals, log: Logger) =>
        new Places(
          client,
          (city, from, to) =>
            log.warn({ city: city.id, from, to }, 'the city lies in another cell of the forecast grid now'),
          refusals,
        ),
    },
    {
      provide: Refusals,
      inject: [LOGGER, Metrics],
      useFactory: (log: Logger, metrics: Metrics) => {
        const refused = metrics.counter(
          'isobar_nws_refused_total',
          'what came from the weather service and was not taken',
          ['what', 'reason'],
        );
        const sampled = new RefusalLog(log);
        return new Refusals((refusal) => {
          refused.inc({ what: refusal.what, reason: refusal.reason });
          sampled.refused(refusal);
        });
      },
    },
  ],
  exports: [CacheFiles, NwsClient, Places, Refusals],
})
export class NwsModule {}
