import { resultTopics } from '@isobar/contracts';
import { BadRecordError, type IncomingRecord } from '@isobar/kafka';
import { Metrics } from '@isobar/service-kit';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { ConditionsView } from '../conditions/conditions-view.js';
import {
  readCityAverage,
  readCityConditions,
  readSensorHealth,
  readUserConditions,
  readWeatherHealth,
} from '../conditions/records.js';

/** Keeps the view up to date with the result topics of the pipeline, which each process reads from their beginning. */
@Controller()
export class ResultsController {
  private readonly read;

  constructor(
    private readonly view: ConditionsView,
    metrics: Metrics,
  ) {
    this.read = metrics.counter('dashboard_records_total', 'Records read from a result topic', ['topic']);
  }

  @EventPattern(resultTopics.cityConditions)
  cityConditions(@Payload() record: IncomingRecord): void {
    this.read.inc({ topic: record.topic });
    const { cityId, value, misfit } = readCityConditions(record);
    this.view.applyCity(cityId, value);
    complainOf(misfit);
  }

  @EventPattern(resultTopics.cityAverages5m)
  cityAverage(@Payload() record: IncomingRecord): void {
    this.read.inc({ topic: record.topic });
    const { cityId, windowStart, value, misfit } = readCityAverage(record);
    this.view.applyAverage(cityId, windowStart, value);
    complainOf(misfit);
  }

  @EventPattern(resultTopics.sensorHealth)
  sensorHealth(@Payload() record: IncomingRecord): void {
    this.read.inc({ topic: record.topic });
    const { sensorId, value, misfit } = readSensorHealth(record);
    this.view.applySensor(sensorId, value);
    complainOf(misfit);
  }

  @EventPattern(resultTopics.weatherHealth)
  weatherHealth(@Payload() record: IncomingRecord): void {
    this.read.inc({ topic: record.topic });
    const { cityId, value, misfit } = readWeatherHealth(record);
    this.view.applyWeatherHealth(cityId, value);
    complainOf(misfit);
  }

  @EventPattern(resultTopics.userConditions)
  userConditions(@Payload() record: IncomingRecord): void {
    this.read.inc({ topic: record.topic });
    const { userId, value, misfit } = readUserConditions(record);
    this.view.applyUser(userId, value);
    complainOf(misfit);
  }
}

/** What could be read of the record is in the view already; the rest is counted and named. */
function complainOf(misfit: string | undefined): void {
  if (misfit !== undefined) throw new BadRecordError(`fields cannot be read and count as absent: ${misfit}`);
}
