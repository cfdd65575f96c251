import { parseProducerSettings, readTopic, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DeploymentJournal, journalEntrySchema, type JournalEntry } from './deployment-journal.js';
import { DeclaredTopics, journalTopic } from '../topics/declared-topics.js';
import { KAFKA_OPTIONS } from '../kafka-options.js';

/** The journal as a compacted topic: key = name of the object, value = its newest deployment. */
@Injectable()
export class KafkaJournal extends DeploymentJournal {
  private readonly producer: RecordProducer;
  /** What the topic holds, in case it is lost. */
  private readonly known = new Map<string, JournalEntry>();

  constructor(
    @Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    topics: DeclaredTopics,
    shutdown: Shutdown,
  ) {
    super();
    topics.onLoss((topic) => (topic === journalTopic.name ? this.writeAgain() : undefined));
    this.producer = new RecordProducer(kafka, parseProducerSettings(''));
    shutdown.register('producers', 'deployment journal', async () => {
      await this.producer.close();
    });
  }

  override async read(): Promise<ReadonlyMap<string, JournalEntry>> {
    const entries = new Map<string, JournalEntry>();
    await readTopic(this.kafka, journalTopic.name, ({ value, partition, offset }) => {
      const entry = parseEntry(value);
      if (entry) entries.set(entry.name, entry);
      else this.logger.warn({ topic: journalTopic.name, partition, offset }, 'a journal entry cannot be read');
    });
    for (const [name, entry] of entries) this.known.set(name, entry);
    return entries;
  }

  override async write(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) this.known.set(entry.name, entry);
    await Promise.all(
      entries.map((entry) =>
        this.producer.send({ topic: journalTopic.name, key: entry.name, value: JSON.stringify(entry) }),
      ),
    );
  }

  private writeAgain(): string {
    void this.write([...this.known.values()]).catch((error: unknown) =>
      this.logger.error({ err: error, topic: journalTopic.name }, 'the journal could not be written again'),
    );
    return `${this.known.size} deployments are written again`;
  }
}

function parseEntry(value: Buffer | null): JournalEntry | undefined {
  try {
    return journalEntrySchema.parse(JSON.parse(value?.toString() ?? ''));
  } catch {
    return undefined;
  }
}
