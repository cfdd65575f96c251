import { parseProducerSettings, readTopic, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isLeaseKey } from './deployment-lease.js';
import { DeploymentJournal, journalEntrySchema, type JournalEntry } from './deployment-journal.js';
import { DeclaredTopics } from '../topics/declared-topics.js';
import { isLossKey, journalTopic } from '../topics/loss-journal.js';
import { writeEntries } from '../topics/write-entries.js';
import { KAFKA_OPTIONS } from '../kafka-options.js';

/** The journal as a compacted topic: key = name of the object, value = its newest deployment. */
@Injectable()
export class KafkaJournal extends DeploymentJournal {
  private readonly producer: RecordProducer;
  /** What the topic holds, in case it is lost. */
  private readonly known = new Map<string, JournalEntry>();
  private begun: ReadonlyMap<string, JournalEntry> = new Map();

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
    const begun = new Map<string, JournalEntry>();
    await readTopic(this.kafka, journalTopic.name, ({ key, value, partition, offset }) => {
      if (isLossKey(key) || isLeaseKey(key)) return;
      const intent = nameOfIntent(key);
      if (intent !== undefined) begun.delete(intent);
      if (value === null) return;
      const entry = parseEntry(value);
      if (entry) setIfNewer(intent === undefined ? entries : begun, entry);
      else this.logger.warn({ topic: journalTopic.name, partition, offset }, 'a journal entry cannot be read');
    });
    for (const [name, entry] of entries) this.known.set(name, entry);
    this.begun = new Map(
      [...begun].filter(([name, { deployedAt }]) => deployedAt > (entries.get(name)?.deployedAt ?? '')),
    );
    return entries;
  }

  override async write(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) this.known.set(entry.name, entry);
    await this.put(entries.map((entry) => ({ key: entry.name, value: JSON.stringify(entry) })));
  }

  override get unfinished(): ReadonlyMap<string, JournalEntry> {
    return this.begun;
  }

  override async begin(entries: readonly JournalEntry[]): Promise<void> {
    await this.put(entries.map((entry) => ({ key: keyOfIntent(entry.name), value: JSON.stringify(entry) })));
  }

  override async end(names: readonly string[]): Promise<void> {
    await this.put(names.map((name) => ({ key: keyOfIntent(name), value: null })));
  }

  private async put(entries: readonly { readonly key: string; readonly value: string | null }[]): Promise<void> {
    await writeEntries(
      this.producer,
      entries.map((entry) => ({ topic: journalTopic.name, ...entry })),
    );
  }

  private writeAgain(): string {
    void this.write([...this.known.values()]).catch((error: unknown) =>
      this.logger.error({ err: error, topic: journalTopic.name }, 'the journal could not be written again'),
    );
    return `${this.known.size} deployments are written again`;
  }
}

/** Somebody may have given the topic more partitions, which come in no order among each other. */
function setIfNewer(entries: Map<string, JournalEntry>, entry: JournalEntry): void {
  const known = entries.get(entry.name);
  if (known === undefined || known.deployedAt <= entry.deployedAt) entries.set(entry.name, entry);
}

const intentSuffix = ' (begun)';
const keyOfIntent = (name: string): string => name + intentSuffix;

function nameOfIntent(key: Buffer | null): string | undefined {
  const text = key?.toString() ?? '';
  return text.endsWith(intentSuffix) ? text.slice(0, -intentSuffix.length) : undefined;
}

function parseEntry(value: Buffer | null): JournalEntry | undefined {
  try {
    return journalEntrySchema.parse(JSON.parse(value?.toString() ?? ''));
  } catch {
    return undefined;
  }
}
