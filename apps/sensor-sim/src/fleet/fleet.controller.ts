import { Problem, ApiProblem, ApiSchemaResponse, LOGGER } from '@isobar/service-kit';
import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Fleet } from './fleet.js';
import type { Sensor } from './sensor.js';

const sensorSchema = z.object({
  id: z.string(),
  cityKey: z.string(),
  city: z.string(),
  state: z.string(),
  paused: z.boolean(),
  latest: z
    .object({
      temperatureF: z.number().nullable(),
      humidityPct: z.number().nullable(),
      pressureHpa: z.number().nullable(),
      pm25Ugm3: z.number().nullable(),
      airQualityIndex: z.number().nullable(),
      measuredAt: z.iso.datetime(),
    })
    .nullable(),
});
type SensorView = z.output<typeof sensorSchema>;

@ApiTags('sensors')
@Controller('sensors')
export class FleetController {
  constructor(
    private readonly fleet: Fleet,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All sensors with their latest reading' })
  @ApiSchemaResponse(200, 'the sensors, ordered by id', z.object({ items: z.array(sensorSchema) }))
  list(): { items: SensorView[] } {
    const sensors = [...this.fleet.all()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return { items: sensors.map((sensor) => this.view(sensor)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One sensor' })
  @ApiSchemaResponse(200, 'the sensor', sensorSchema)
  @ApiProblem(404, 'there is no such sensor')
  get(@Param('id') id: string): SensorView {
    return this.view(this.find(id));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Silence a sensor until it is resumed' })
  @ApiSchemaResponse(200, 'the sensor, now paused', sensorSchema)
  @ApiProblem(404, 'there is no such sensor')
  pause(@Param('id') id: string): SensorView {
    const sensor = this.find(id);
    if (this.fleet.pause(id)) this.log.info({ sensor: id }, 'sensor paused');
    return this.view(sensor);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a paused sensor measure again' })
  @ApiSchemaResponse(200, 'the sensor, at work', sensorSchema)
  @ApiProblem(404, 'there is no such sensor')
  resume(@Param('id') id: string): SensorView {
    const sensor = this.find(id);
    if (this.fleet.resume(id)) this.log.info({ sensor: id }, 'sensor resumed');
    return this.view(sensor);
  }

  private find(id: string): Sensor {
    const sensor = this.fleet.get(id);
    if (sensor === undefined)
      throw Problem.notFound('No such sensor', `There is no sensor "${id}"; GET /sensors lists them.`);
    return sensor;
  }

  private view({ id, city }: Sensor): SensorView {
    const latest = this.fleet.latestReading(id);
    return {
      id,
      cityKey: city.id,
      city: city.name,
      state: city.state,
      paused: this.fleet.isPaused(id),
      latest:
        latest === undefined
          ? null
          : {
              temperatureF: latest.temperature_fahrenheit,
              humidityPct: latest.humidity_pct,
              pressureHpa: latest.pressure_hpa,
              pm25Ugm3: latest.pm25_ugm3,
              airQualityIndex: latest.air_quality_index,
              measuredAt: new Date(latest.measured_at).toISOString(),
            },
    };
  }
}
