import { citiesVariables, eventAheadMaxMsDefault } from '@isobar/contracts';
import { producerVariables } from '@isobar/kafka/nest';
import { env, serviceConfig } from '@isobar/service-kit';
import { join } from 'node:path';
import type { z } from 'zod';

const weatherModes = ['auto', 'nws', 'sample'] as const;
export type WeatherMode = (typeof weatherModes)[number];

/** The weather service asks for patience; a simulation does not. */
const pollFloorMs = { nws: 30_000, sample: 1_000 } as const;
export const pollCeilingMs = 3_600_000;

export const configSchema = serviceConfig(3002)
  .extend({
    ...producerVariables,
    CITIES_FILE: env.text(citiesVariables.CITIES_FILE),
    CITIES_ADDED_FILE: env.text(citiesVariables.CITIES_ADDED_FILE).optional(),
    CACHE_DIR: env.text({
      what: 'a folder for answers of the weather service and for what was published',
      default: '.isobar/cache/weather-ingest',
    }),
    EVENT_AHEAD_MAX_MS: env.integer({
      what: 'how many milliseconds ahead of our clock an observation, a forecast or a warning may be made; beyond it, it is refused',
      min: 0,
      max: 86_400_000,
      default: eventAheadMaxMsDefault,
    }),
    NWS_BASE_URL: env.httpUrl({ what: 'the weather service', default: 'https://api.weather.gov' }),
    NWS_CONTACT: env.text({
      what: 'a mail address or site by which the weather service can reach whoever runs this',
      default: 'https://isobar.example/contact',
    }),
    NWS_DAILY_BUDGET: env.integer({
      what: 'requests a day that the weather service may get from here',
      min: 1,
      max: 1_000_000,
      default: 1_600,
    }),
    NWS_REPLAY_DIR: env
      .text({
        what: 'a folder of recorded answers to play instead of asking the weather service; records are labelled sample',
      })
      .optional(),
    NWS_REPLAY_SPEED: env.integer({
      what: 'how many times faster recordings follow each other than answers of the service would',
      min: 1,
      max: 100_000,
      default: 120,
    }),
    WEATHER_POLL_INTERVAL_MS: env.integer({
      what: 'milliseconds between two looks at the weather; what is still fresh is not asked for again',
      min: pollFloorMs.sample,
      max: pollCeilingMs,
      default: 60_000,
    }),
    WEATHER_OUTAGE_MS: env.integer({
      what: 'how long the weather service may be out of reach before simulated weather stands in',
      min: 0,
      max: 86_400_000,
      default: 120_000,
    }),
    WEATHER_MODE: env.choice({
      what: 'auto: the weather service, or a simulation while it is out of reach; nws: only the service; sample: only the simulation',
      words: weatherModes,
      default: 'auto',
    }),
    WEATHER_SEED: env.integer({
      what: 'the same seed gives the same simulation',
      min: 0,
      max: 2_147_483_647,
      default: 42,
    }),
  })
  .superRefine((config, context) => {
    const floorMs = floorOf(config);
    if (config.WEATHER_POLL_INTERVAL_MS < floorMs)
      context.addIssue({
        code: 'custom',
        path: ['WEATHER_POLL_INTERVAL_MS'],
        message: `must be at least ${floorMs} while WEATHER_MODE is ${config.WEATHER_MODE}: the weather service asks for patience`,
      });
  });

export type WeatherIngestConfig = z.output<typeof configSchema>;

/** Recordings have all the patience in the world, too. */
export const floorOf = (config: {
  readonly WEATHER_MODE: WeatherMode;
  readonly NWS_REPLAY_DIR?: string | undefined;
}): number =>
  config.WEATHER_MODE === 'sample' || config.NWS_REPLAY_DIR !== undefined ? pollFloorMs.sample : pollFloorMs.nws;

/** Where a slice keeps what it published; recordings leave no trace in what the real service left. */
export const stateFile = (
  { CACHE_DIR: folder, NWS_REPLAY_DIR: replay }: Pick<WeatherIngestConfig, 'CACHE_DIR' | 'NWS_REPLAY_DIR'>,
  name: string,
): string => join(folder, ...(replay === undefined ? [] : ['replay']), name);
