import { beginning, ClusterLook, end, type ClusterTopics, type KafkaClientOptions } from '@isobar/kafka';
import { Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import type { TopicBounds } from './topic-bounds.js';

/** By topic; those of the brokers' own (`__…`) are left out. */
export type BoundsByTopic = ReadonlyMap<string, TopicBounds>;

interface Look {
  readonly atMs: number;
  readonly topics: Promise<ClusterTopics>;
  readonly bounds: Promise<BoundsByTopic>;
}

/** Which topics there are and where they begin and end: one look for all who want to know, whatever the number of topics. */
@Injectable()
export class ClusterBounds {
  private readonly cluster: ClusterLook;
  private last: Look | undefined;

  constructor(@Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions, shutdown: Shutdown) {
    this.cluster = new ClusterLook(kafka);
    shutdown.register('connections', 'looks at topics', () => this.cluster.close());
  }

  /**
   * @param ageMaxMs what another look of this age saw will do; 0: as it is now
   * @throws when no broker answers
   */
  latest(ageMaxMs = 0): Promise<BoundsByTopic> {
    return this.look(ageMaxMs).bounds;
  }

  /** The first offset of each partition whose record has that time or a later one; the end where none has. */
  async offsetsFrom(topic: string, timeMs: number): Promise<ReadonlyMap<number, bigint>> {
    const { topics, bounds } = this.look(Infinity);
    const described = (await topics).get(topic);
    if (described === undefined) return new Map();
    const found = (await this.cluster.offsets(new Map([[topic, described]]), () => Math.floor(timeMs))).get(topic);
    const ends = (await bounds).get(topic);
    return new Map(
      [...(found ?? [])].map(([partition, offset]) => [
        partition,
        offset < 0n ? (ends?.get(partition)?.high ?? 0n) : offset,
      ]),
    );
  }

  private look(ageMaxMs: number): Look {
    if (this.last !== undefined && performance.now() - this.last.atMs < ageMaxMs) return this.last;
    const topics = this.topics();
    const look: Look = { atMs: performance.now(), topics, bounds: topics.then((seen) => this.bounds(seen)) };
    this.last = look;
    look.bounds.catch(() => {
      if (this.last === look) this.last = undefined;
    });
    return look;
  }

  private async topics(): Promise<ClusterTopics> {
    const all = await this.cluster.topics();
    return new Map([...all].filter(([name]) => !name.startsWith('__')));
  }

  private async bounds(topics: ClusterTopics): Promise<BoundsByTopic> {
    const [lows, highs] = await Promise.all([
      this.cluster.offsets(topics, () => beginning),
      this.cluster.offsets(topics, () => end),
    ]);
    return new Map(
      [...topics.keys()].map((name) => [
        name,
        new Map(
          [...(highs.get(name) ?? [])].map(([partition, high]) => [
            partition,
            { low: lows.get(name)?.get(partition) ?? 0n, high },
          ]),
        ),
      ]),
    );
  }
}
