import { CONFIG, LOGGER, Metrics } from '@isobar/service-kit';
import { Global, Module } from '@nestjs/common';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WeatherIngestConfig } from '../config.js';
import { AnswerStore } from './answer-store.js';
import { NwsClient } from './nws-client.js';
import { Places } from './places.js';
import { Recordings } from './recordings.js';
import { RequestBudget } from './request-budget.js';

@Global()
@Module({
  providers: [
    {
      provide: NwsClient,
      inject: [CONFIG, Metrics],
      useFactory: (config: WeatherIngestConfig, metrics: Metrics) => {
        const requests = metrics.counter('isobar_nws_requests_total', 'requests to the weather service', ['outcome']);
        const budget =
          config.NWS_REPLAY_DIR === undefined
            ? new RequestBudget(config.NWS_DAILY_BUDGET, join(config.CACHE_DIR, 'budget.json'))
            : new RequestBudget(Number.POSITIVE_INFINITY);
        metrics.gauge('isobar_nws_requests_last_day', 'requests of the last 24 hours', [], (gauge) =>
          gauge.set(budget.usedAt(Date.now())),
        );
        const replayFolder = config.NWS_REPLAY_DIR;
        return new NwsClient({
          baseUrl: config.NWS_BASE_URL,
          contact: config.NWS_CONTACT,
          // Recordings are no answers: nothing of them may be left when the real service is asked again.
          store: new AnswerStore(replayFolder === undefined ? join(config.CACHE_DIR, 'answers') : undefined),
          ...(replayFolder === undefined
            ? {}
            : { fetch: new Recordings(replayFolder, Date.now).fetch, speed: config.NWS_REPLAY_SPEED, spacingMs: 0 }),
          budget,
          now: Date.now,
          onRequest: (outcome) => requests.inc({ outcome }),
        });
      },
    },
    {
      provide: Places,
      inject: [NwsClient, LOGGER],
      useFactory: (client: NwsClient, log: Logger) =>
        new Places(client, (city, from, to) =>
          log.warn({ city: city.id, from, to }, 'the city lies in another cell of the forecast grid now'),
        ),
    },
  ],
  exports: [NwsClient, Places],
})
export class NwsModule {}
