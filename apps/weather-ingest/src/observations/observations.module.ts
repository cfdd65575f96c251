import { CityCatalog, topics, weatherObservationV1 } from '@isobar/contracts';
import { createKafka, ensureTopics, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WeatherIngestConfig } from '../config.js';
import { AnswerStore } from '../nws/answer-store.js';
import { NwsClient } from '../nws/nws-client.js';
import { RequestBudget } from '../nws/request-budget.js';
import { CitiesController } from './cities.controller.js';
import { NationalWeatherSource } from './national-weather-source.js';
import { PollObservations } from './poll-observations.js';
import { PublishedState } from './published-state.js';
import { SampleWeatherSource } from './sample-weather-source.js';
import { SettingsController } from './settings.controller.js';
import { WeatherPoller } from './weather-poller.js';

const clientOptions = (config: WeatherIngestConfig, log: Logger): KafkaClientOptions => ({
  brokers: config.KAFKA_BROKERS,
  clientId: 'weather-ingest',
  log,
});

@Module({
  imports: [ScheduleModule.forRoot()],
  controllers: [CitiesController, SettingsController],
  providers: [
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: WeatherIngestConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(config.CITIES_FILE, {
          onProblem: (error) =>
            logger.error({ file: error.file, problems: error.problems }, 'the changed cities file is ignored'),
        });
        shutdown.register('connections', 'cities', () => catalog.close());
        return catalog;
      },
    },
    {
      provide: RecordProducer,
      inject: [CONFIG, LOGGER, Metrics],
      useFactory: (config: WeatherIngestConfig, log: Logger, metrics: Metrics) => {
        const producer = new RecordProducer(clientOptions(config, log), config.KAFKA_PRODUCER);
        metrics.gauge('isobar_producer_pending_bytes', 'bytes that wait for the broker', [], (gauge) =>
          gauge.set(producer.pendingBytes),
        );
        return producer;
      },
    },
    {
      provide: NwsClient,
      inject: [CONFIG, Metrics],
      useFactory: (config: WeatherIngestConfig, metrics: Metrics) => {
        const requests = metrics.counter('isobar_nws_requests_total', 'requests to the weather service', ['outcome']);
        const budget = new RequestBudget(config.NWS_DAILY_BUDGET);
        metrics.gauge('isobar_nws_requests_last_day', 'requests of the last 24 hours', [], (gauge) =>
          gauge.set(budget.usedAt(Date.now())),
        );
        return new NwsClient({
          baseUrl: config.NWS_BASE_URL,
          contact: config.NWS_CONTACT,
          store: new AnswerStore(join(config.CACHE_DIR, 'answers')),
          budget,
          now: Date.now,
          onRequest: (outcome) => requests.inc({ outcome }),
        });
      },
    },
    {
      provide: PublishedState,
      inject: [CONFIG],
      useFactory: (config: WeatherIngestConfig) => new PublishedState(join(config.CACHE_DIR, 'published.json')),
    },
    {
      provide: PollObservations,
      inject: [NwsClient, RecordProducer, PublishedState, CONFIG, LOGGER, Metrics],
      useFactory: (
        client: NwsClient,
        producer: RecordProducer,
        state: PublishedState,
        config: WeatherIngestConfig,
        log: Logger,
        metrics: Metrics,
      ) => {
        const outcomes = metrics.counter('isobar_weather_polls_total', 'what became of looking at a city', ['outcome']);
        return new PollObservations(
          new NationalWeatherSource(client, Date.now),
          new SampleWeatherSource(config.WEATHER_SEED, Date.now),
          {
            mode: config.WEATHER_MODE,
            outageMs: config.WEATHER_OUTAGE_MS,
            now: Date.now,
            publish: async (observation) => {
              const { city, value, quality } = observation;
              const record = weatherObservationV1.toRecord(city.id, value, {
                'event-id': value.event_id,
                source: value.source,
                ...(quality === '' ? {} : { 'quality-control': quality }),
              });
              await producer.send({ ...record, headers: { ...record.headers } });
              state.remember(observation);
            },
            lastPublished: (cityId) => state.lastOf(cityId),
            onOutcome: (outcome) => outcomes.inc({ outcome }),
          },
          log,
        );
      },
    },
    {
      provide: WeatherPoller,
      inject: [PollObservations, CityCatalog, SchedulerRegistry, CONFIG, LOGGER],
      useFactory: (
        polling: PollObservations,
        catalog: CityCatalog,
        scheduler: SchedulerRegistry,
        config: WeatherIngestConfig,
        log: Logger,
      ) => new WeatherPoller(polling, catalog, scheduler, config.WEATHER_POLL_INTERVAL_MS, log),
    },
  ],
})
export class ObservationsModule implements OnApplicationBootstrap {
  constructor(
    private readonly poller: WeatherPoller,
    private readonly producer: RecordProducer,
    private readonly state: PublishedState,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    @Inject(CONFIG) private readonly config: WeatherIngestConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Starts in the background: the service answers while the broker is still on its way. */
  onApplicationBootstrap(): void {
    const starting = new AbortController();
    let hasTopics = false;
    this.readiness.register({
      name: 'kafka',
      check: () => {
        if (!hasTopics) throw new Error(`waiting for the broker at ${this.config.KAFKA_BROKERS.join(',')}`);
        if (this.producer.trouble !== undefined) throw this.producer.trouble;
      },
    });
    this.shutdown.register('accepting', 'poller', () => {
      starting.abort();
      this.poller.stop();
    });
    this.shutdown.register('producers', 'observations', async () => {
      const lost = await this.producer.close();
      if (lost > 0) this.log.error({ records: lost }, 'the broker did not take the last observations');
    });
    void this.start(starting.signal, () => {
      hasTopics = true;
    });
  }

  private async start(signal: AbortSignal, onTopics: () => void): Promise<void> {
    const options = clientOptions(this.config, this.log);
    try {
      await ensureTopics(options, [topics.weatherData], { signal });
      this.state.load(await clusterIdOf(options));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    onTopics();
    if (!signal.aborted) this.poller.start();
  }
}

async function clusterIdOf(options: KafkaClientOptions): Promise<string> {
  const admin = createKafka(options).admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}
