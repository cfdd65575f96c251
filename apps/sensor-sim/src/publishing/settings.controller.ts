import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, LOGGER, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sensorIntervalLimitsMs } from '../config.js';
import { PublishReadings } from './publish-readings.js';

const { min, max } = sensorIntervalLimitsMs;
const intervalSchema = z.strictObject({
  intervalMs: z
    .int({ error: 'must be a whole number of milliseconds' })
    .min(min, { error: `must be at least ${min} ms` })
    .max(max, { error: `must be at most ${max} ms` }),
});
type IntervalSetting = z.output<typeof intervalSchema>;

@ApiTags('settings')
@Controller('settings')
export class SettingsController {
  constructor(
    private readonly readings: PublishReadings,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get('interval')
  @ApiOperation({ summary: 'Milliseconds between two readings of one sensor' })
  @ApiSchemaResponse(200, 'the interval', intervalSchema)
  get(): IntervalSetting {
    return { intervalMs: this.readings.intervalMs };
  }

  @Put('interval')
  @ApiOperation({ summary: 'Change the pace of all sensors, from now on' })
  @ApiSchemaBody(intervalSchema)
  @ApiSchemaResponse(200, 'the new interval', intervalSchema)
  @ApiProblem(422, 'the interval is out of bounds')
  set(@Body(new SchemaPipe(intervalSchema)) setting: IntervalSetting): IntervalSetting {
    const { intervalMs: before } = this.readings;
    this.readings.setInterval(setting.intervalMs);
    if (setting.intervalMs !== before) this.log.info({ intervalMs: setting.intervalMs, before }, 'interval changed');
    return this.get();
  }
}
