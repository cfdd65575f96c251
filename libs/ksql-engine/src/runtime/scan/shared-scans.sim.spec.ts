import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../../adapters/memory/memory-cluster.js';
import {
  BrokerUnavailableError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  type BrokerReader,
} from '../../ports/broker.js';
import type { FetchedRecords } from '../../ports/record-columns.js';
import { sleep } from '../../ports/scheduler.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';
import { simulateTime } from '../../testing/simulated-time.js';
import { pollReadable } from '../corrupt-batches.js';
import { SharedScans } from './shared-scans.js';

/*
 * Readers of one topic that share their scans, each with its own pace, pauses, end and way with what cannot be read, while transactions are aborted, leaders move, batches
 * spoil, the log is cut and the topic is made again. Each must read what the log has from its position on: all of it, in order, once.
 */

const TOPIC = 't';
const CHUNK_BYTES = 16 * 1024;

class Run {
  readonly random: SeededRandom;
  readonly scheduler: SimulatedScheduler;
  readonly cluster: MemoryCluster;
  readonly admin: MemoryBroker;
  readonly scans: SharedScans;
  readonly partitions: number;
  readonly seen = { corrupt: 0, skipped: 0, outOfRange: 0, replaced: 0, ended: 0, aborted: 0, shared: 0 };
  readonly #handedOut = new WeakSet<FetchedRecords>();
  /** What the log had that was never deleted unread: by incarnation, partition and offset. */
  readonly written = new Map<string, string>();
  incarnation = 0;
  isOver = false;

  constructor(seed: number) {
    const random = (this.random = new SeededRandom(seed));
    const scheduler = (this.scheduler = new SimulatedScheduler(random, 1_700_000_000_000));
    simulateTime(scheduler);
    const fetchBytesMax = random.pick([150, 1_000, 100_000]);
    const nodes = random.pick([1, 3]);
    this.cluster = new MemoryCluster({ clock: scheduler, scheduler, random, nodes, fetchBytesMax });
    this.admin = new MemoryBroker(this.cluster);
    this.partitions = random.pick([1, 3]);
    const keptBytesMax = random.pick([3_000, 15_000, 1_000_000]);
    this.scans = new SharedScans({ broker: this.admin, scheduler, chunkBytes: CHUNK_BYTES, keptBytesMax });
  }

  async createTopic(): Promise<void> {
    this.incarnation++;
    await this.admin.createTopics([{ topic: TOPIC, partitions: this.partitions, replicas: 1, config: {} }]);
  }

  #records() {
    const partition = this.random.below(this.partitions);
    return Array.from({ length: 1 + this.random.below(4) }, (_, n) => {
      const value = Buffer.from(`${this.incarnation} ${this.scheduler.nowMs()} ${n}`);
      return { topic: TOPIC, partition, key: null, value, timestamp: this.scheduler.nowMs(), headers: [] };
    });
  }

  async write(): Promise<void> {
    const records = this.#records();
    const kind = this.random.next();
    if (kind < 0.6) return void (await this.admin.write(records));
    const faults: readonly Fault[] = [{ kind: 'stopsBefore', on: 'endTransaction', when: { nth: 1 } }];
    const client = new MemoryBroker(this.cluster, kind < 0.8 ? faults : []);
    const writer = await client.openWriter('tx');
    if (kind < 0.8) {
      this.seen.aborted++;
      void writer.commit(records, []).catch(() => undefined);
      await sleep(this.scheduler, 200);
    } else await writer.commit(records, []);
  }

  async trouble(): Promise<void> {
    const partition = this.random.below(this.partitions);
    const log = this.cluster.log(TOPIC, partition);
    const at = log.start + this.random.below(Math.max(1, log.stableEnd - log.start));
    const kind = this.random.next();
    if (kind < 0.4) this.cluster.moveLeader(log);
    else if (kind < 0.6 && at < log.stableEnd) this.cluster.corruptBatch(TOPIC, partition, at);
    else if (kind < 0.8) this.cluster.deleteRecords(TOPIC, partition, at);
    else if (kind < 0.9) {
      await this.admin.deleteTopics([TOPIC]);
      await sleep(this.scheduler, this.random.below(100));
      await this.createTopic();
    }
  }

  /** A query: reads from some positions on until it ends, and begins anew after what fails it. Gives what went wrong. */
  async query(): Promise<readonly string[]> {
    const { random, scheduler, seen } = this;
    const wrong: string[] = [];
    const pace = random.pick([0, 5, 300]);
    const skips = random.next() < 0.5;
    while (!this.isOver) {
      const bounds = await this.admin.bounds(TOPIC).catch(() => []);
      const incarnation = this.incarnation;
      const positions = bounds.map(({ partition, start, end }) => {
        return { topic: TOPIC, partition, offset: random.pick([start, end, start + random.below(end - start + 1)]) };
      });
      if (bounds.length < this.partitions) {
        await sleep(scheduler, 20);
        continue;
      }
      const at = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      let reader: BrokerReader | undefined;
      try {
        reader = await this.scans.openReader(positions);
        const { id } = (await this.admin.listTopics()).get(TOPIC) ?? {};
        if (incarnation !== this.incarnation || id === undefined) continue;
        let left = 1 + random.below(60);
        while (!this.isOver && left-- > 0) {
          const full = random.next() < 0.2 ? random.below(this.partitions) : -1;
          const waiting = reader.poll(random.pick([0, 50, 5_000]), (_, partition) => partition !== full);
          if (random.next() < 0.1) reader.interrupt();
          const parts = await pollReadable(() => waiting, reader, {
            skips,
            onSkipped: ({ message, partition, offset }, nextOffset) => {
              seen.skipped++;
              if (offset !== at.get(partition)) wrong.push(`corrupt elsewhere: ${message}`);
              at.set(partition, nextOffset);
            },
            onStop: () => Promise.resolve(),
          });
          for (const { partition, records, nextOffset } of parts) {
            if (records.length > 0 && this.#handedOut.has(records)) seen.shared++;
            this.#handedOut.add(records);
            let next = at.get(partition) as number;
            for (const { offset, value } of records) {
              const shown = `${incarnation}/${partition}/${offset}`;
              for (; next < offset; next++)
                if (this.#mustHave(incarnation, partition, next))
                  wrong.push(`lost ${incarnation}/${partition}/${next}`);
              if (offset < next) wrong.push(`again ${shown}`);
              if (this.written.get(shown) !== Buffer.from(value ?? []).toString()) wrong.push(`other ${shown}`);
              next = offset + 1;
            }
            for (; next < nextOffset; next++)
              if (this.#mustHave(incarnation, partition, next)) wrong.push(`lost ${incarnation}/${partition}/${next}`);
            at.set(partition, nextOffset);
          }
          if (random.next() < 0.1) await sleep(scheduler, 2_000);
          await sleep(scheduler, random.next() * pace);
        }
        if (left < 0) seen.ended++;
        else if (this.isOver) {
          // What is there by now must come.
          for (let tries = 0; tries < 400 && this.#lag(at) > 0; tries++)
            for (const { partition, nextOffset } of await reader.poll(200)) at.set(partition, nextOffset);
          if (this.#lag(at) > 0) wrong.push(`stands at ${JSON.stringify([...at])}`);
        }
      } catch (error) {
        if (error instanceof CorruptRecordsError) {
          seen.corrupt++;
          if (error.offset !== at.get(error.partition)) wrong.push(`corrupt elsewhere: ${error.message}`);
        } else if (error instanceof OffsetOutOfRangeError) {
          seen.outOfRange++;
          const { start } = this.cluster.findLog(TOPIC, error.partition) ?? { start: Infinity };
          if (incarnation === this.incarnation && error.offset >= start) wrong.push(`in range: ${error.message}`);
        } else if (error instanceof TopicReplacedError) seen.replaced++;
        else if (!(error instanceof BrokerUnavailableError)) wrong.push(String(error));
        await sleep(scheduler, 10);
      } finally {
        await reader?.close();
      }
    }
    return wrong;
  }

  /** What is committed and cannot be missed: it is still in the log, and can be read. */
  #mustHave(incarnation: number, partition: number, offset: number): boolean {
    return incarnation === this.incarnation && this.written.has(`${incarnation}/${partition}/${offset}`);
  }

  #lag(at: ReadonlyMap<number, number>): number {
    let lag = 0;
    for (const [partition, offset] of at) lag += Math.max(0, this.cluster.log(TOPIC, partition).stableEnd - offset);
    return lag;
  }

  /** Notes what is committed, before anybody can read it. */
  watch(): void {
    this.cluster.watch(() => {
      for (let partition = 0; partition < this.partitions; partition++) {
        const log = this.cluster.findLog(TOPIC, partition);
        if (log === undefined) continue;
        for (let offset = log.start; offset < log.stableEnd;) {
          const { records, nextOffset, corruptUntil } = log.read(offset, 1);
          for (const record of records)
            this.written.set(
              `${this.incarnation}/${partition}/${record.offset}`,
              Buffer.from(record.value ?? []).toString(),
            );
          offset = Math.max(offset + 1, nextOffset, corruptUntil ?? 0);
        }
      }
    });
  }
}

async function simulate(seed: number) {
  const run = new Run(seed);
  const { random, scheduler } = run;
  const wrong = await scheduler.run(
    (async () => {
      await run.createTopic();
      run.watch();
      for (let n = 0; n < 10; n++) await run.write().catch(() => undefined);
      const queries = Array.from({ length: 2 + random.below(6) }, async (_, n) => {
        await sleep(scheduler, n * random.below(300));
        return run.query();
      });
      for (let n = 0; n < 120; n++) {
        await run.write().catch(() => undefined);
        if (random.next() < 0.08) await run.trouble();
        await sleep(scheduler, random.next() * 60);
      }
      run.isOver = true;
      return (await Promise.all(queries)).flat();
    })(),
  );
  return { wrong, seen: run.seen };
}

describe('readers that share their scans', () => {
  it('read all that is committed from their positions on, in order, once, whatever happens', async () => {
    /** How often each thing happened. */
    const sum: Record<string, number> = {};
    for (let seed = 1; seed <= 40; seed++) {
      const { wrong, seen } = await simulate(seed);
      expect({ seed, wrong }).toEqual({ seed, wrong: [] });
      for (const [name, count] of Object.entries(seen)) sum[name] = (sum[name] ?? 0) + count;
    }
    for (const name of ['corrupt', 'skipped', 'outOfRange', 'replaced', 'ended', 'aborted', 'shared'])
      expect([name, sum[name] ?? 0]).toEqual([name, Math.max(20, sum[name] ?? 0)]);
  }, 120_000);

  it('repeat to the byte', async () => {
    expect(await simulate(7)).toEqual(await simulate(7));
  }, 60_000);
});
