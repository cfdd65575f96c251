import type { KafkaClientOptions } from '../kafka-client.js';
import { describeTopics, type ClusterTopics } from './describe-topics.js';
import { createCluster, type KafkaJsCluster } from './kafkajs-cluster.js';

export type { ClusterTopics } from './describe-topics.js';

/** Offsets by topic and partition. */
export type TopicOffsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** What `offsets` is asked for in place of a time. */
export const beginning = -2;
export const end = -1;

const uncommittedToo = 0;

/**
 * Looks at many topics by one request, over a connection of its own: one that waits for records answers nothing else meanwhile.
 * A look that fails is reported; the next one begins with a new connection.
 */
export class ClusterLook {
  private current: Promise<KafkaJsCluster> | undefined;

  constructor(private readonly options: KafkaClientOptions) {}

  /** @param names all topics when absent @throws when no broker answers */
  topics(names?: readonly string[]): Promise<ClusterTopics> {
    return this.use(async (cluster) => describeTopics(await cluster.findControllerBroker(), names));
  }

  /**
   * One request to each broker that leads a partition of these topics; markers of transactions and records that are not committed count.
   *
   * @param at for each topic a time in ms, for the first record of that time or a later one (-1 where there is none), or `beginning` or `end`
   * @throws when no broker answers, or one of the topics is not there any more
   */
  async offsets(topics: ClusterTopics, at: (topic: string) => number): Promise<TopicOffsets> {
    const places = [...topics].flatMap(([topic, { partitions }]) => partitions.map((each) => ({ topic, ...each })));
    const answers = await this.use(async (cluster) =>
      Promise.all(
        [...Map.groupBy(places, ({ leader }) => leader)].map(async ([nodeId, led]) => {
          const broker = await cluster.findBroker({ nodeId });
          const byTopic = Map.groupBy(led, ({ topic }) => topic);
          const { responses } = await broker.listOffsets({
            replicaId: -1,
            isolationLevel: uncommittedToo,
            topics: [...byTopic].map(([topic, its]) => ({
              topic,
              partitions: its.map(({ partition }) => ({ partition, timestamp: at(topic) })),
            })),
          });
          return responses;
        }),
      ),
    );
    const found = new Map([...topics.keys()].map((topic) => [topic, new Map<number, bigint>()]));
    for (const { topic, partitions } of answers.flat())
      for (const { partition, offset } of partitions) found.get(topic)?.set(partition, BigInt(offset));
    return found;
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.then((cluster) => cluster.disconnect()).catch(() => undefined);
  }

  private async use<Result>(work: (cluster: KafkaJsCluster) => Promise<Result>): Promise<Result> {
    this.current ??= this.connect();
    const used = this.current;
    try {
      return await work(await used);
    } catch (error) {
      if (this.current === used) this.current = undefined;
      void used.then((cluster) => cluster.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  private async connect(): Promise<KafkaJsCluster> {
    const cluster = createCluster(this.options);
    await cluster.connect();
    // The addresses of the brokers.
    await cluster.refreshMetadata();
    return cluster;
  }
}
