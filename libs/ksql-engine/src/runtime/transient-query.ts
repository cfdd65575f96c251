import type { Broker, BrokerReader, FetchedPartition, PartitionOffset } from '../ports/broker.js';
import type { ProcessingLogEntry } from '../ports/ports.js';
import type { ResultRow, Topology } from '../topology/topology.js';
import { TimeOrderedInput } from './time-ordered-input.js';
import { recordsAtOnce, SliceSize, Turn } from './turns.js';

export interface TransientQueryOptions {
  readonly broker: Pick<Broker, 'bounds' | 'openReader'>;
  readonly sources: readonly { readonly topic: string; readonly isTable: boolean }[];
  readonly offsetReset: 'earliest' | 'latest';
  readonly limit: number | undefined;
  /** The latest event time that is taken now, ms. */
  readonly latestMs: () => number;
  /** Ends by itself at the offsets that were the end when it began (a pull query over a stream). */
  readonly isBounded: boolean;
  /** Whether one record may take a thousand times what another took. */
  readonly hasLambda: boolean;
  createTopology(hooks: { onRows(rows: readonly ResultRow[]): void; onLog(entry: ProcessingLogEntry): void }): Topology;
  onLog(entry: ProcessingLogEntry): void;
}

const POLL_WAIT_MS = 500;
/** What a query of a client keeps of what was read and not yet processed; a server may have a hundred of them. */
const INPUT_BYTES_MAX = 2 * 1024 * 1024;
/** So many rows are handed out at once: they become text in one go, and wait with a client that takes nothing. */
const ROWS_MAX = 500;

/**
 * A push query of one client: no group, no transaction, no state that outlives it. Rows come out in batches; nothing more is processed
 * until the consumer has taken them, so a slow client slows its own query only, and keeps a batch of rows and what was read of its topics.
 */
export class TransientQuery {
  #closed = false;
  #reader: BrokerReader | undefined;

  constructor(private readonly options: TransientQueryOptions) {}

  /** At most `ROWS_MAX` rows each; an empty batch says that nothing came for a while (a moment to see whether the client is still there). */
  async *rows(): AsyncGenerator<readonly ResultRow[]> {
    const { options } = this;
    let left = options.limit ?? Infinity;
    if (left <= 0) return;
    const rows: ResultRow[] = [];
    const take = (): readonly ResultRow[] => {
      const batch = rows.splice(0, Math.min(ROWS_MAX, left));
      left -= batch.length;
      return batch;
    };
    const topology = options.createTopology({
      onRows: (batch) => {
        for (const row of batch) rows.push(row);
      },
      onLog: (entry) => options.onLog(entry),
    });
    const { positions, ends } = await this.#start();
    if (this.#closed) return;
    if (options.isBounded && ends.size === 0) return;
    const input = new TimeOrderedInput(positions, options.sources, INPUT_BYTES_MAX);
    this.#reader = await options.broker.openReader(positions, INPUT_BYTES_MAX);
    try {
      const slice = new SliceSize(options.hasLambda);
      while (!this.#closed) {
        input.add(await this.#poll(this.#reader, input));
        const turn = new Turn();
        const atOnce = (): number => recordsAtOnce(topology.rowsOfRecordMax());
        for (const run of input.take(options.latestMs(), atOnce)) {
          const own = topology.sources.filter(({ topic }) => topic === run.topic);
          for (let from = run.from; from < run.to && !this.#closed;) {
            const to = Math.min(run.to, from + Math.min(slice.value, atOnce()));
            const startedMs = performance.now();
            for (const source of own) source.push(run.records, from, to);
            slice.took(to - from, performance.now() - startedMs);
            from = to;
            while (rows.length >= ROWS_MAX) {
              yield take();
              if (left <= 0) return;
              if (turn.isOver) await turn.next();
            }
            if (turn.isOver) await turn.next();
          }
        }
        for (const { topic, partition, offset } of input.positions) {
          const key = `${topic}/${partition}`;
          if (offset >= (ends.get(key) ?? Infinity)) ends.delete(key);
        }
        yield take();
        if (left <= 0 || (options.isBounded && ends.size === 0)) return;
      }
    } finally {
      await this.close();
    }
  }

  /** Nothing more comes of a reader that was closed under way. */
  async #poll(reader: BrokerReader, input: TimeOrderedInput): Promise<readonly FetchedPartition[]> {
    try {
      return await reader.poll(POLL_WAIT_MS, input.wants);
    } catch (error) {
      if (this.#closed) return [];
      throw error;
    }
  }

  async #start(): Promise<{ positions: PartitionOffset[]; ends: Map<string, number> }> {
    const positions: PartitionOffset[] = [];
    const ends = new Map<string, number>();
    for (const { topic, isTable } of this.options.sources) {
      for (const bound of await this.options.broker.bounds(topic)) {
        const fromStart = isTable || this.options.offsetReset === 'earliest' || this.options.isBounded;
        positions.push({ topic, partition: bound.partition, offset: fromStart ? bound.start : bound.end });
        if (bound.end > bound.start) ends.set(`${topic}/${bound.partition}`, bound.end);
      }
    }
    return { positions, ends };
  }

  /** Ends the query; a pending `rows()` finishes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
  }
}
