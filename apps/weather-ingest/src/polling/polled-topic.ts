import { CityCatalog, type City, type EventRecord } from '@isobar/contracts';
import { OwnTopics } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import type { FactoryProvider } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { CacheFiles } from '../cache-files.js';
import { stateFile, type WeatherIngestConfig, type WeatherMode } from '../config.js';
import { NwsClient } from '../nws/nws-client.js';
import { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { PublishedState } from '../publishing/published-state.js';
import { Publishing } from '../publishing/publishing.js';
import { startPollingLoop } from './polling-loop.js';

/** What a poll works with, whatever it looks at. */
export interface PollingOptions<Published, Outcome extends string> {
  readonly now: () => number;
  /** How far ahead of `now` a time of issue may lie; five minutes without it. */
  readonly aheadMaxMs?: number;
  readonly publish: (record: EventRecord) => Promise<void>;
  /** What was published last, by key. */
  readonly published: Published;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** A topic that is filled by looking at all cities at an even pace; what differs between such topics. */
export interface PolledTopic<Entry> {
  /** In the state file, the log and the order of the stop. */
  readonly name: string;
  readonly intervalMs: number;
  /** Whether cities that are added are looked at at once; otherwise the next round does. */
  readonly looksAtNewCities: boolean;
  /** What is kept of each key that was published. */
  readonly entrySchema: z.ZodType<Entry>;
  /** The counter of what became of a look. */
  readonly outcomes: { readonly metric: string; readonly help: string };
  readonly modes: readonly WeatherMode[];
  readonly polling: (parts: {
    readonly config: WeatherIngestConfig;
    readonly client: NwsClient;
    readonly places: Places;
    readonly refusals: Refusals;
    readonly options: PollingOptions<PublishedState<Entry>, string>;
    readonly log: Logger;
  }) => { poll(cities: readonly City[]): Promise<void> };
}

/** Polls from the moment the topics are there until the service stops. */
export const polledTopic = <Entry>(topic: PolledTopic<Entry>): FactoryProvider => ({
  provide: Symbol(`polling of ${topic.name}`),
  inject: [
    NwsClient,
    Places,
    Refusals,
    Publishing,
    OwnTopics,
    CityCatalog,
    SchedulerRegistry,
    Metrics,
    Shutdown,
    CONFIG,
    LOGGER,
    CacheFiles,
  ],
  useFactory: (
    client: NwsClient,
    places: Places,
    refusals: Refusals,
    publishing: Publishing,
    topics: OwnTopics,
    catalog: CityCatalog,
    scheduler: SchedulerRegistry,
    metrics: Metrics,
    shutdown: Shutdown,
    config: WeatherIngestConfig,
    log: Logger,
    files: CacheFiles,
  ) => {
    if (!topic.modes.includes(config.WEATHER_MODE)) return;
    const published = new PublishedState(stateFile(config, `${topic.name}.json`), topic.entrySchema, files);
    const outcomes = metrics.counter(topic.outcomes.metric, topic.outcomes.help, ['outcome']);
    const options: PollingOptions<PublishedState<Entry>, string> = {
      now: Date.now,
      aheadMaxMs: config.EVENT_AHEAD_MAX_MS,
      publish: (record) => publishing.publish(record),
      published,
      onOutcome: (outcome) => outcomes.inc({ outcome }),
    };
    const polling = topic.polling({ config, client, places, refusals, options, log });
    const name = `poll-${topic.name}`;
    topics.whenThere((clusterId) => {
      published.load(clusterId);
      const poll = () => polling.poll(catalog.all());
      shutdown.register(
        'accepting',
        topic.name,
        startPollingLoop({ name, intervalMs: topic.intervalMs, poll, scheduler, log }),
      );
      if (!topic.looksAtNewCities) return;
      catalog.onChange(({ added }) => {
        void polling.poll(added).catch((error: unknown) => log.error({ err: error }, `${name} failed`));
      });
    });
  },
});
