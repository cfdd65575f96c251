import { INPUT_BYTES_MAX, type FetchedPartition, type PartitionOffset, type TopicPartition } from '../ports/broker.js';
import { contentBytes } from '../ports/record-bytes.js';
import type { FetchedRecords } from '../ports/record-columns.js';
import type { Topology } from '../topology/topology.js';
import { TimeOrderedInput, type SourceRun } from './time-ordered-input.js';
import { recordsAtOnce } from './turns.js';

/** What one task of a query takes next. */
export interface TaskRun {
  readonly task: QueryTask;
  readonly run: SourceRun;
}

/** One partition of every source of a query, or all of them, with the operators and stores that they are for. */
export class QueryTask {
  readonly input: TimeOrderedInput;
  recordsIn = 0;
  /** Keys and values. */
  bytesIn = 0;
  /** Greatest broker timestamp of what was pushed that is not too far ahead, ms; -1 before the first. */
  newestMs = -1;

  constructor(
    /** Where its stores have their changelogs. */
    readonly partition: number,
    readonly topology: Topology,
    positions: readonly PartitionOffset[],
    sources: readonly { readonly topic: string; readonly isTable: boolean }[],
    /** What may wait in its input. */
    inputBytesMax: number,
  ) {
    this.input = new TimeOrderedInput(positions, sources, inputBytesMax);
  }

  /** How many records may be pushed at once. */
  readonly recordsAtOnce = (): number => recordsAtOnce(this.topology.rowsOfRecordMax());

  /** `latestMs`: the latest time that is taken. */
  push(topic: string, records: FetchedRecords, from: number, to: number, latestMs: number): void {
    this.#count(records, from, to, latestMs);
    for (const source of this.topology.sources) if (source.topic === topic) source.push(records, from, to);
  }

  #count({ parts }: FetchedRecords, from: number, to: number, latestMs: number): void {
    const { timestamps } = parts;
    this.recordsIn += to - from;
    this.bytesIn += contentBytes(parts, from, to);
    for (let i = from; i < to; i++) {
      const timestamp = timestamps[i] as number;
      if (timestamp > this.newestMs && timestamp <= latestMs) this.newestMs = timestamp;
    }
  }
}

/**
 * The tasks of a query, which share what is fetched and what is committed: partition p of each source belongs to task p, or every one to the
 * only task.
 */
export class QueryTasks {
  readonly all: readonly QueryTask[];

  constructor(
    topologies: readonly Topology[],
    positions: readonly PartitionOffset[],
    sources: readonly { readonly topic: string; readonly isTable: boolean }[],
    /** What may wait in the inputs of all tasks together. The reader is opened with the same. */
    inputBytesMax = INPUT_BYTES_MAX,
  ) {
    const share = inputBytesMax / Math.max(1, positions.length);
    this.all = topologies.map((topology, partition) => {
      const own = topologies.length === 1 ? positions : positions.filter((place) => place.partition === partition);
      return new QueryTask(partition, topology, own, sources, share * own.length);
    });
  }

  /** The next offset of each partition that was not taken. */
  get positions(): readonly PartitionOffset[] {
    return this.all.flatMap(({ input }) => input.positions);
  }

  /** What the operators of each task remember of time. */
  get notes(): readonly string[] {
    return this.all.map(({ topology }) => topology.snapshot());
  }

  /** Whether a fetch should ask for more of a partition. */
  readonly wants = (topic: string, partition: number): boolean =>
    this.ofPartition(partition)?.input.wants(topic, partition) ?? false;

  add(parts: readonly FetchedPartition[]): void {
    if (this.all.length === 1) this.all[0]?.input.add(parts);
    else for (const part of parts) this.ofPartition(part.partition)?.input.add([part]);
  }

  /** Goes on at an offset behind what was fetched. */
  skip({ topic, partition }: TopicPartition, nextOffset: number): void {
    this.ofPartition(partition)?.input.skip(topic, partition, nextOffset);
  }

  /**
   * Takes all that is ready, run by run: that of the task whose next record is oldest goes first. So the results of tasks come about in the
   * order of time, although no task waits for another. `positions` are behind what was handed out, as those of each input are.
   */
  *take(latestMs: number): Generator<TaskRun> {
    const open = this.all.map((task) => {
      return { task, runs: task.input.take(latestMs, task.recordsAtOnce), oldestMs: task.input.oldestMs(latestMs) };
    });
    while (open.length > 0) {
      const at = open.length === 1 ? 0 : oldestOf(open);
      const next = open[at] as (typeof open)[number];
      const run = next.runs.next();
      if (run.done === true) {
        open.splice(at, 1);
        continue;
      }
      // The others stay as they are while this one goes on.
      next.oldestMs = next.task.input.oldestMs(latestMs);
      yield { task: next.task, run: run.value };
    }
  }

  private ofPartition(partition: number): QueryTask | undefined {
    return this.all[this.all.length === 1 ? 0 : partition];
  }
}

function oldestOf(open: readonly { readonly oldestMs: number }[]): number {
  let oldest = 0;
  for (let i = 1; i < open.length; i++) if ((open[i]?.oldestMs ?? 0) < (open[oldest]?.oldestMs ?? 0)) oldest = i;
  return oldest;
}
