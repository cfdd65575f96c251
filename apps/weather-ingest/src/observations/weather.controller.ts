import { CityCatalog } from '@isobar/contracts';
import { ApiProblem, ApiSchemaResponse, CONFIG, Problem } from '@isobar/service-kit';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { WeatherIngestConfig } from '../config.js';
import { freshnessOf } from './freshness.js';
import { PollObservations } from './poll-observations.js';

const weatherSchema = z.object({
  cityKey: z.string(),
  city: z.string(),
  state: z.string(),
  temperatureF: z.number().nullable(),
  humidityPct: z.number().nullable(),
  windMph: z.number().nullable(),
  pressureHpa: z.number().nullable(),
  conditions: z.string().nullable(),
  stationId: z.string().nullable(),
  source: z.enum(['nws', 'sample']).describe('sample: simulated'),
  freshness: z
    .enum(['live', 'stale', 'sample'])
    .describe('stale: observed more than 90 minutes ago; sample: simulated'),
  ageSeconds: z.number().describe('since it was observed'),
  observedAt: z.iso.datetime(),
  fetchedAt: z.iso.datetime(),
  trouble: z
    .object({ kind: z.string(), message: z.string() })
    .nullable()
    .describe('why the weather service gave nothing'),
});

@ApiTags('cities')
@Controller('cities')
export class WeatherController {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly polling: PollObservations,
    @Inject(CONFIG) private readonly config: WeatherIngestConfig,
  ) {}

  @Get(':id/weather')
  @ApiOperation({ summary: 'The latest weather of a city, with its source and age' })
  @ApiSchemaResponse(200, 'the weather', weatherSchema)
  @ApiProblem(404, 'there is no such city')
  @ApiProblem(503, 'no weather yet')
  weather(@Param('id') id: string): z.output<typeof weatherSchema> {
    const city = this.catalog.get(id);
    if (city === undefined) throw Problem.notFound('No such city', `There is no city "${id}"; GET /cities lists them.`);
    const weather = this.polling.weatherOf(id);
    if (weather?.latest === undefined)
      throw new Problem(503, {
        type: 'upstream-unavailable',
        title: 'No weather yet',
        detail: weather?.trouble?.message ?? `The first look at ${city.name}, ${city.state} is under way.`,
      });
    const { value } = weather.latest;
    const isSample = value.source !== 'nws' || this.config.NWS_REPLAY_DIR !== undefined;
    const nowMs = Date.now();
    return {
      cityKey: city.id,
      city: city.name,
      state: city.state,
      temperatureF: value.temperature_f,
      humidityPct: value.humidity_pct,
      windMph: value.wind_mph,
      pressureHpa: value.pressure_hpa,
      conditions: value.conditions,
      stationId: value.station_id,
      source: isSample ? 'sample' : 'nws',
      freshness: isSample ? 'sample' : freshnessOf(weather.latest, nowMs),
      ageSeconds: Math.max(0, Math.round((nowMs - value.observed_at) / 1_000)),
      observedAt: new Date(value.observed_at).toISOString(),
      fetchedAt: new Date(value.fetched_at).toISOString(),
      trouble: weather.trouble === undefined ? null : { kind: weather.trouble.kind, message: weather.trouble.message },
    };
  }
}
