import { topics } from '@isobar/contracts';
import type { IncomingRecord } from '@isobar/kafka';
import type { HandlerExtras } from '@isobar/kafka/nest';
import { Metrics } from '@isobar/service-kit';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TakeWarnings } from '../official/take-warnings.js';
import { TakeSignals } from './take-signals.js';

const batches: HandlerExtras = { batch: true };

/** Signals of the pipeline, a fetch of one partition at a time. */
@Controller()
export class SignalsController {
  private readonly taken;

  constructor(
    private readonly signals: TakeSignals,
    private readonly warnings: TakeWarnings,
    metrics: Metrics,
  ) {
    this.taken = metrics.counter('alert_signals_total', 'Signals taken, each once', ['topic']);
  }

  @EventPattern(topics.readingSignals.name, batches)
  async readings(@Payload() records: readonly IncomingRecord[]): Promise<void> {
    await this.take(records);
  }

  @EventPattern(topics.observationSignals.name, batches)
  async observations(@Payload() records: readonly IncomingRecord[]): Promise<void> {
    await this.take(records);
  }

  @EventPattern(topics.forecastSignals.name, batches)
  async forecasts(@Payload() records: readonly IncomingRecord[]): Promise<void> {
    await this.take(records);
  }

  @EventPattern(topics.weatherAlerts.name, batches)
  async official(@Payload() records: readonly IncomingRecord[]): Promise<void> {
    this.taken.inc({ topic: topics.weatherAlerts.name }, await this.warnings.take(records));
  }

  private async take(records: readonly IncomingRecord[]): Promise<void> {
    this.taken.inc({ topic: records[0]?.topic ?? '' }, await this.signals.take(records));
  }
}
