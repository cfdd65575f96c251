import type { TopicDeclaration } from '@isobar/contracts';
import { createMissingTopics } from '../admin/ensure-topics.js';
import { withAdmin } from '../admin/with-admin.js';
import type { KafkaClientOptions } from '../kafka-client.js';

/** The topics a service writes to: creates what is missing in the background, and tells when all are there. */
export class OwnTopics {
  private readonly stopping = new AbortController();
  private clusterId: string | undefined;
  private readonly waiting: ((clusterId: string) => void)[] = [];

  constructor(
    private readonly options: KafkaClientOptions,
    private readonly declarations: readonly TopicDeclaration[],
  ) {}

  /** Calls back once the topics are there, with the id of the cluster. Never, when the service stops before. */
  whenThere(callback: (clusterId: string) => void): void {
    if (this.clusterId === undefined) this.waiting.push(callback);
    else callback(this.clusterId);
  }

  /** Waits for the broker: the service answers while it is still on its way. */
  async start(): Promise<void> {
    const { signal } = this.stopping;
    try {
      this.clusterId = await withAdmin(
        this.options,
        async (admin) => {
          await createMissingTopics(admin, this.declarations);
          return (await admin.describeCluster()).clusterId;
        },
        signal,
      );
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    for (const callback of this.waiting.splice(0)) callback(this.clusterId);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** @throws the reason while the topics are not there. */
  check(): void {
    if (this.clusterId === undefined) throw new Error(`waiting for the broker at ${this.options.brokers.join(',')}`);
  }
}
