import { CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { stateFile, type WeatherIngestConfig } from '../config.js';
import { NwsClient } from '../nws/nws-client.js';
import { Places } from '../nws/places.js';
import { startPollingLoop } from '../polling-loop.js';
import { PublishedState } from '../publishing/published-state.js';
import { Publishing } from '../publishing/publishing.js';
import { lastIssueSchema, PollForecasts } from './poll-forecasts.js';

/** How often forecasts are looked at; what is younger than an hour is not asked for again. */
const intervalMs = 10 * 60_000;

@Module({})
export class ForecastsModule implements OnApplicationBootstrap {
  constructor(
    private readonly client: NwsClient,
    private readonly places: Places,
    private readonly publishing: Publishing,
    private readonly catalog: CityCatalog,
    private readonly scheduler: SchedulerRegistry,
    private readonly metrics: Metrics,
    private readonly shutdown: Shutdown,
    @Inject(CONFIG) private readonly config: WeatherIngestConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { config, log, catalog, scheduler, publishing } = this;
    const published = new PublishedState(stateFile(config, 'forecasts.json'), lastIssueSchema);
    const outcomes = this.metrics.counter('isobar_forecast_polls_total', 'what became of looking at a forecast', [
      'outcome',
    ]);
    const polling = new PollForecasts(
      this.client,
      this.places,
      {
        mode: config.WEATHER_MODE,
        seed: config.WEATHER_SEED,
        now: Date.now,
        publish: (record) => publishing.publish(record),
        published,
        onOutcome: (outcome) => outcomes.inc({ outcome }),
      },
      log,
    );
    publishing.whenReady((clusterId) => {
      published.load(clusterId);
      const poll = () => polling.poll(catalog.all());
      const stop = startPollingLoop({ name: 'poll-forecasts', intervalMs, poll, scheduler, log });
      this.shutdown.register('accepting', 'forecasts', stop);
      catalog.onChange(({ added }) => {
        void polling.poll(added).catch((error: unknown) => log.error({ err: error }, 'poll-forecasts failed'));
      });
    });
  }
}
