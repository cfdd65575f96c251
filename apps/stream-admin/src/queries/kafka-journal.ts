import { parseProducerSettings, readTopic, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { DeploymentJournal, journalEntrySchema, type JournalEntry } from './deployment-journal.js';
import { journalTopic } from './source-topics.js';
import { KAFKA_OPTIONS } from './tokens.js';

/** The journal as a compacted topic: key = name of the object, value = its newest deployment. */
@Injectable()
export class KafkaJournal extends DeploymentJournal {
  private readonly producer: RecordProducer;

  constructor(
    @Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    shutdown: Shutdown,
  ) {
    super();
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
    return entries;
  }

  override async write(entries: readonly JournalEntry[]): Promise<void> {
    await Promise.all(
      entries.map((entry) =>
        this.producer.send({ topic: journalTopic.name, key: entry.name, value: JSON.stringify(entry) }),
      ),
    );
  }
}

function parseEntry(value: Buffer | null): JournalEntry | undefined {
  try {
    return journalEntrySchema.parse(JSON.parse(value?.toString() ?? ''));
  } catch {
    return undefined;
  }
}
