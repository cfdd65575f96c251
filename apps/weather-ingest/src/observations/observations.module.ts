import { CityCatalog, weatherObservationV1 } from '@isobar/contracts';
import { OwnTopics } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CacheFiles } from '../cache-files.js';
import { stateFile, type WeatherIngestConfig } from '../config.js';
import { NwsClient } from '../nws/nws-client.js';
import { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { Publishing } from '../publishing/publishing.js';
import { PublishedState } from '../publishing/published-state.js';
import { freshnessOf } from './freshness.js';
import { NationalWeatherSource } from './national-weather-source.js';
import { lastPublishedSchema, PollObservations, type LastPublished } from './poll-observations.js';
import { SampleWeatherSource } from './sample-weather-source.js';
import { SettingsController } from './settings.controller.js';
import { StationClocks } from './station-clocks.js';
import { WeatherPoller } from './weather-poller.js';
import { WeatherController } from './weather.controller.js';

const STATE = Symbol('published observations');

@Module({
  exports: [StationClocks],
  controllers: [WeatherController, SettingsController],
  providers: [
    {
      provide: STATE,
      inject: [CONFIG, CacheFiles],
      useFactory: (config: WeatherIngestConfig, files: CacheFiles) =>
        new PublishedState(stateFile(config, 'observations.json'), lastPublishedSchema, files),
    },
    StationClocks,
    {
      provide: PollObservations,
      inject: [NwsClient, Places, Refusals, StationClocks, Publishing, STATE, CONFIG, LOGGER, Metrics],
      useFactory: (
        client: NwsClient,
        places: Places,
        refusals: Refusals,
        clocks: StationClocks,
        publishing: Publishing,
        state: PublishedState<LastPublished>,
        config: WeatherIngestConfig,
        log: Logger,
        metrics: Metrics,
      ) => {
        const outcomes = metrics.counter('isobar_weather_polls_total', 'what became of looking at a city', ['outcome']);
        return new PollObservations(
          new NationalWeatherSource(client, places, Date.now, config.EVENT_AHEAD_MAX_MS, refusals, clocks),
          new SampleWeatherSource(config.WEATHER_SEED, Date.now),
          {
            mode: config.WEATHER_MODE,
            outageMs: config.WEATHER_OUTAGE_MS,
            now: Date.now,
            aheadMaxMs: config.EVENT_AHEAD_MAX_MS,
            publish: ({ city, value, quality }) =>
              publishing.publish(
                weatherObservationV1.toRecord(city.id, value, {
                  'event-id': value.event_id,
                  source: value.source,
                  ...(quality === '' ? {} : { 'quality-control': quality }),
                }),
              ),
            published: state,
            onOutcome: (outcome) => outcomes.inc({ outcome }),
          },
          log,
        );
      },
    },
    {
      provide: WeatherPoller,
      inject: [PollObservations, CityCatalog, SchedulerRegistry, CONFIG, LOGGER, OwnTopics, STATE, Shutdown, Metrics],
      useFactory: (
        polling: PollObservations,
        catalog: CityCatalog,
        scheduler: SchedulerRegistry,
        config: WeatherIngestConfig,
        log: Logger,
        topics: OwnTopics,
        state: PublishedState<LastPublished>,
        shutdown: Shutdown,
        metrics: Metrics,
      ) => {
        metrics.gauge(
          'isobar_weather_age_seconds',
          "age of a city's latest observation, by what it is worth",
          ['city', 'state'],
          (gauge) => {
            gauge.reset();
            const nowMs = Date.now();
            for (const { id } of catalog.all()) {
              const latest = polling.weatherOf(id)?.latest;
              if (latest !== undefined)
                gauge.set({ city: id, state: freshnessOf(latest, nowMs) }, (nowMs - latest.value.observed_at) / 1_000);
            }
          },
        );
        const poller = new WeatherPoller(polling, catalog, scheduler, config.WEATHER_POLL_INTERVAL_MS, log);
        shutdown.register('accepting', 'observations', () => poller.stop());
        topics.whenThere((clusterId) => {
          state.load(clusterId);
          poller.start();
        });
        return poller;
      },
    },
  ],
})
export class ObservationsModule {}
