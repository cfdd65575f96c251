import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterLook } from '../cluster/cluster-look.js';
import type { KafkaClientOptions } from '../kafka-client.js';

export interface SeenTopic {
  /** Tells the topic from one of the same name that was deleted before. */
  readonly id: string;
  readonly partitions: number;
}

const pauseMs = 2_000;
const retryMs = 500;

/** Looks every two seconds what became of topics, by one request for all who follow one of them, for as long as somebody does. */
export class TopicLook {
  private readonly listeners = new Map<string, Set<(seen: SeenTopic | undefined) => void>>();
  private running: AbortController | undefined;

  constructor(private readonly kafka: KafkaClientOptions) {}

  /**
   * @param onSeen is told after every look that the broker answered; undefined: there is no such topic
   * @returns ends it
   */
  follow(topic: string, onSeen: (seen: SeenTopic | undefined) => void): () => void {
    const its = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, its.add(onSeen));
    if (this.running === undefined) {
      this.running = new AbortController();
      void this.run(this.running.signal);
    }
    return () => {
      its.delete(onSeen);
      if (its.size === 0) this.listeners.delete(topic);
      if (this.listeners.size > 0) return;
      this.running?.abort();
      this.running = undefined;
    };
  }

  private async run(signal: AbortSignal): Promise<void> {
    const cluster = new ClusterLook(this.kafka);
    while (!signal.aborted) {
      const isAnswered = await this.look(cluster).then(
        () => true,
        () => false,
      );
      await sleep(isAnswered ? pauseMs : retryMs, undefined, { signal }).catch(() => undefined);
    }
    await cluster.close();
  }

  private async look(cluster: ClusterLook): Promise<void> {
    const topics = await cluster.topics([...this.listeners.keys()]);
    for (const [name, listeners] of this.listeners) {
      const topic = topics.get(name);
      const seen = topic === undefined ? undefined : { id: topic.id, partitions: topic.partitions.length };
      for (const tell of listeners) tell(seen);
    }
  }
}
