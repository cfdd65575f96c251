import type { TopicDeclaration } from '@isobar/contracts';
import { TopicKeeper } from '../admin/topic-keeper.js';
import type { KafkaClientOptions } from '../kafka-client.js';

/** The topics a service writes to: makes what is missing, now and whenever one is gone, and tells when all are there. */
export class OwnTopics {
  private readonly keeper: TopicKeeper;
  private clusterId: string | undefined;
  private readonly waiting: ((clusterId: string) => void)[] = [];

  constructor(options: KafkaClientOptions, declarations: readonly TopicDeclaration[]) {
    this.keeper = new TopicKeeper(options, declarations, {
      onLook: async (admin) => {
        if (this.clusterId === undefined) this.tell((await admin.use((client) => client.describeCluster())).clusterId);
      },
    });
  }

  /** Calls back once the topics are there, with the id of the cluster. Never, when the service stops before. */
  whenThere(callback: (clusterId: string) => void): void {
    if (this.clusterId === undefined) this.waiting.push(callback);
    else callback(this.clusterId);
  }

  /** Waits for the broker, and looks again until the stop: the service answers meanwhile. */
  start(): Promise<void> {
    return this.keeper.run();
  }

  stop(): Promise<void> {
    return this.keeper.stop();
  }

  /** @throws the reason while the topics are not there. */
  check(): void {
    this.keeper.check();
  }

  private tell(clusterId: string): void {
    this.clusterId = clusterId;
    for (const callback of this.waiting.splice(0)) callback(clusterId);
  }
}
