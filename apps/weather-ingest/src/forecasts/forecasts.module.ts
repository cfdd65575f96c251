import { Module } from '@nestjs/common';
import { polledTopic } from '../polling/polled-topic.js';
import { lastIssueSchema, PollForecasts } from './poll-forecasts.js';

@Module({
  providers: [
    polledTopic({
      name: 'forecasts',
      modes: ['auto', 'nws', 'sample'],
      // What is younger than an hour is not asked for again.
      intervalMs: 10 * 60_000,
      looksAtNewCities: true,
      entrySchema: lastIssueSchema,
      outcomes: { metric: 'isobar_forecast_polls_total', help: 'what became of looking at a forecast' },
      polling: ({ client, places, refusals, options, log, config }) =>
        new PollForecasts(
          client,
          places,
          { ...options, mode: config.WEATHER_MODE, seed: config.WEATHER_SEED },
          log,
          refusals,
        ),
    }),
  ],
})
export class ForecastsModule {}
