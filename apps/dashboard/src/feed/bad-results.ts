import type { IncomingRecord } from '@isobar/kafka';
import { SampledLog, type Metrics, type Shutdown } from '@isobar/service-kit';
import type { Logger } from 'pino';

/** Records of result topics that cannot be read, or not all of them: each is counted, some are logged. */
export class BadResults {
  private readonly count;
  private readonly log: SampledLog;

  constructor(topics: readonly string[], log: Logger, metrics: Metrics, shutdown: Shutdown) {
    this.count = metrics.counter('dashboard_bad_records_total', 'Records of a result topic that cannot be read', [
      'topic',
    ]);
    for (const topic of topics) this.count.inc({ topic }, 0);
    this.log = new SampledLog(log);
    shutdown.register('connections', 'log of bad records', () => this.log.close());
  }

  readonly note = ({ topic, partition, offset }: IncomingRecord, error: Error): void => {
    this.count.inc({ topic });
    this.log.warn({ topic }, 'a record cannot be read, or not all of it', () => ({ partition, offset, err: error }));
  };
}
