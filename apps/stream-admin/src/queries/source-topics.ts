import { declaredTopics, type TopicDeclaration } from '@isobar/contracts';
import { ensureTopics, type KafkaClientOptions } from '@isobar/kafka';
import { Inject, Injectable } from '@nestjs/common';
import { KAFKA_OPTIONS } from './tokens.js';

export const journalTopic: TopicDeclaration = {
  name: 'isobar-deployments',
  partitions: 1,
  config: { 'cleanup.policy': 'compact' },
};

/** The topics that the pipeline reads; whoever starts first creates them. */
@Injectable()
export class SourceTopics {
  private areThere = false;

  constructor(@Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions) {}

  /** Creates what is missing; waits for the broker until the signal says to stop. */
  async ensure(signal: AbortSignal): Promise<void> {
    if (this.areThere) return;
    await ensureTopics(this.kafka, [...declaredTopics, journalTopic], { signal });
    this.areThere = true;
  }

  /** @throws when the topics were not seen yet */
  check(): void {
    if (!this.areThere) throw new Error(`no broker answered yet at ${this.kafka.brokers.join(', ')}`);
  }
}
