import { CityCatalog, weatherAlertV1 } from '@isobar/contracts';
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
import { PollAlerts } from './poll-alerts.js';

const intervalMs = 60_000;

/** Official warnings. Nobody simulates them: without the service there are none. */
@Module({})
export class AlertsModule implements OnApplicationBootstrap {
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
    if (config.WEATHER_MODE === 'sample') return;
    const published = new PublishedState(stateFile(config, 'alerts.json'), weatherAlertV1.schema);
    const outcomes = this.metrics.counter('isobar_alert_polls_total', 'what became of looking at a warning', [
      'outcome',
    ]);
    const polling = new PollAlerts(
      this.client,
      this.places,
      {
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
      const stop = startPollingLoop({ name: 'poll-alerts', intervalMs, poll, scheduler, log });
      this.shutdown.register('accepting', 'alerts', stop);
    });
  }
}
