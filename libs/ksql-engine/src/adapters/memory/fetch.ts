import {
  BrokerUnavailableError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  type FetchedPartition,
  type PartitionOffset,
} from '../../ports/broker.js';
import type { MemoryCluster } from './memory-cluster.js';
import type { PartitionLog } from './partition-log.js';

/** How many partitions fill an answer. */
const PARTITIONS_FULL = 4;

/** A place that is read, with the topic and the leader that were found when it was looked for. */
export interface WantedPartition extends PartitionOffset {
  readonly topicId: number;
  readonly leaderEpoch: number;
}

/** Another node leads a partition by now, or its topic is gone. */
export class StaleLeaderError extends BrokerUnavailableError {}

/** Answers when a partition has something, or when the time is over. */
export function fetch(
  cluster: MemoryCluster,
  wanted: readonly WantedPartition[],
  maxWaitMs: number,
  partitionBytes: number,
): Promise<readonly FetchedPartition[]> {
  const answer = Promise.withResolvers<readonly FetchedPartition[]>();
  const look = (isOver: boolean): void => {
    try {
      const logs = wanted.map((place) => logOf(cluster, place));
      if (!isOver && logs.every((log, index) => log.stableEnd <= (wanted[index] as WantedPartition).offset)) return;
      answer.resolve(readAll(logs, wanted, partitionBytes));
    } catch (error) {
      answer.reject(error);
    }
    stopTimer();
    stopWatching();
  };
  const stopTimer = cluster.options.scheduler.after(maxWaitMs, () => look(true));
  const stopWatching = cluster.watch(() => look(false));
  look(false);
  return answer.promise;
}

function logOf(cluster: MemoryCluster, { topic, topicId, partition, leaderEpoch, offset }: WantedPartition) {
  if (cluster.topic(topic).id !== topicId) {
    cluster.occurrences.add('topicReplaced');
    throw new TopicReplacedError(topic);
  }
  const log = cluster.log(topic, partition);
  if (log.leaderEpoch !== leaderEpoch) {
    cluster.occurrences.add('leaderStale');
    throw new StaleLeaderError(`${topic}-${partition}: NOT_LEADER_OR_FOLLOWER`);
  }
  if (offset < log.start || offset > log.end) {
    cluster.occurrences.add('offsetOutOfRange');
    throw new OffsetOutOfRangeError(topic, partition, offset);
  }
  return log;
}

function readAll(
  logs: readonly PartitionLog[],
  wanted: readonly PartitionOffset[],
  bytesMax: number,
): readonly FetchedPartition[] {
  let left = PARTITIONS_FULL * bytesMax;
  let corrupt: CorruptRecordsError | undefined;
  const found: FetchedPartition[] = [];
  logs.forEach((log, index) => {
    const { topic, partition, offset } = wanted[index] as PartitionOffset;
    const { records, nextOffset, bytes, corruptUntil } = log.read(
      left > 0 ? offset : log.end,
      Math.min(left, bytesMax),
    );
    left -= bytes;
    if (corruptUntil !== undefined && bytes === 0) {
      corrupt ??= new CorruptRecordsError(
        topic,
        partition,
        offset,
        corruptUntil,
        'its checksum does not match its bytes',
      );
      return;
    }
    const facts = { topic, partition, endOffset: log.stableEnd, highWatermark: log.end };
    found.push({ ...facts, records, bytes, nextOffset: bytes > 0 ? nextOffset : offset });
  });
  // It comes again with the next request, alone.
  if (corrupt && found.every(({ bytes }) => bytes === 0)) throw corrupt;
  return found;
}
