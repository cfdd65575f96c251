import { topics, type EventRecord } from '@isobar/contracts';
import { createKafka, ensureTopics, type KafkaClientOptions, type RecordProducer } from '@isobar/kafka';

/** The way to Kafka: tells when the topics are there, and takes records. */
export class Publishing {
  private readonly starting = new AbortController();
  private clusterId: string | undefined;
  private readonly waiting: ((clusterId: string) => void)[] = [];

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly producer: RecordProducer,
    /** What is played from recordings must not pass for the weather of now. */
    private readonly isReplay: boolean,
  ) {}

  /** Calls back once the topics are there, with the id of the cluster. Never, when the service stops before. */
  whenReady(callback: (clusterId: string) => void): void {
    if (this.clusterId === undefined) this.waiting.push(callback);
    else callback(this.clusterId);
  }

  /** Waits for the broker in the background: the service answers while it is still on its way. */
  async start(): Promise<void> {
    try {
      await ensureTopics(this.options, [topics.weatherData, topics.weatherForecasts, topics.weatherAlerts], {
        signal: this.starting.signal,
      });
      this.clusterId = await this.readClusterId();
    } catch (error) {
      if (this.starting.signal.aborted) return;
      throw error;
    }
    if (this.starting.signal.aborted) return;
    for (const callback of this.waiting.splice(0)) callback(this.clusterId);
  }

  /** Resolves when the broker has the record. */
  async publish(record: EventRecord): Promise<void> {
    const { value, headers } = this.isReplay ? asSample(record) : record;
    await this.producer.send({ ...record, value, headers: { ...headers } });
  }

  /** Rejects, with the reason, while records cannot be delivered. */
  check(): void {
    if (this.clusterId === undefined) throw new Error(`waiting for the broker at ${this.options.brokers.join(',')}`);
    if (this.producer.trouble !== undefined) throw this.producer.trouble;
  }

  stopWaiting(): void {
    this.starting.abort();
  }

  private async readClusterId(): Promise<string> {
    const admin = createKafka(this.options).admin();
    await admin.connect();
    try {
      return (await admin.describeCluster()).clusterId;
    } finally {
      await admin.disconnect();
    }
  }
}

const asSample = ({ value, headers }: EventRecord): Pick<EventRecord, 'value' | 'headers'> => ({
  value: JSON.stringify({ ...(JSON.parse(value) as Record<string, unknown>), source: 'sample' }),
  headers: { ...headers, source: 'sample' },
});
