import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, CONFIG, Problem, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { floorOf, pollCeilingMs, type WeatherIngestConfig } from '../config.js';
import { WeatherPoller } from './weather-poller.js';

const intervalSchema = z.strictObject({
  intervalMs: z
    .int({ error: 'must be a whole number of milliseconds' })
    .max(pollCeilingMs, { error: `must be at most ${pollCeilingMs} ms` }),
});
type IntervalSetting = z.output<typeof intervalSchema>;

@ApiTags('settings')
@Controller('settings')
export class SettingsController {
  constructor(
    private readonly poller: WeatherPoller,
    @Inject(CONFIG) private readonly config: WeatherIngestConfig,
  ) {}

  @Get('poll-interval')
  @ApiOperation({ summary: 'Milliseconds between two looks at the weather' })
  @ApiSchemaResponse(200, 'the interval', intervalSchema)
  get(): IntervalSetting {
    return { intervalMs: this.poller.intervalMs };
  }

  @Put('poll-interval')
  @ApiOperation({ summary: 'Change the interval, from the next cycle on' })
  @ApiSchemaBody(intervalSchema)
  @ApiSchemaResponse(200, 'the new interval', intervalSchema)
  @ApiProblem(422, 'below the floor, or no whole number')
  set(@Body(new SchemaPipe(intervalSchema)) { intervalMs }: IntervalSetting): IntervalSetting {
    const floorMs = floorOf(this.config);
    if (intervalMs < floorMs)
      throw Problem.validation([
        {
          pointer: '/intervalMs',
          detail:
            floorMs < 30_000
              ? `must be at least ${floorMs} ms`
              : `must be at least ${floorMs} ms: stations report every 20 to 60 minutes, and the weather service blocks clients that ask too often`,
        },
      ]);
    this.poller.setInterval(intervalMs);
    return this.get();
  }
}
