import type { EventRecord } from '@isobar/contracts';
import type { RecordProducer } from '@isobar/kafka';

/** What the pollers hand their records to. */
export class Publishing {
  constructor(
    private readonly producer: Pick<RecordProducer, 'send'>,
    /** What is played from recordings must not pass for the weather of now. */
    private readonly isReplay: boolean,
  ) {}

  /** Resolves when the broker has the record. */
  async publish(record: EventRecord): Promise<void> {
    const { value, headers } = this.isReplay ? asSample(record) : record;
    await this.producer.send({ ...record, value, headers: { ...headers } });
  }
}

const asSample = ({ value, headers }: EventRecord): Pick<EventRecord, 'value' | 'headers'> => ({
  value: JSON.stringify({ ...(JSON.parse(value) as Record<string, unknown>), source: 'sample' }),
  headers: { ...headers, source: 'sample' },
});
