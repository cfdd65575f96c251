import { describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../../adapters/memory/memory-cluster.js';
import {
  BrokerUnavailableError,
  TopicReplacedError,
  type BrokerReader,
  type FetchedPartition,
} from '../../ports/broker.js';
import { sleep } from '../../ports/scheduler.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { SimulatedScheduler } from '../../testing/simulated-scheduler.js';
import { ScanLane, type Waiter } from './scan-lane.js';
import { SharedScans, type SharedScansOptions } from './shared-scans.js';

const BATCHES = 40;

/** Shared scans over a topic `t` of two partitions, and what is asked of the broker for them. */
class Setting {
  readonly scheduler = new SimulatedScheduler(new SeededRandom(1), 1_700_000_000_000);
  readonly cluster = new MemoryCluster({
    clock: this.scheduler,
    scheduler: this.scheduler,
    random: new SeededRandom(2),
    fetchBytesMax: 100,
  });
  readonly broker = new MemoryBroker(this.cluster);
  readonly scans: SharedScans;
  fetches = 0;
  readers = 0;
  /** Whether no topic is listed, as to whom none may be described. */
  isHidden = false;
  /** How long it takes to close a reader. */
  closeMs = 0;

  constructor(options: Partial<SharedScansOptions> = {}) {
    const { broker, scheduler } = this;
    const counting = {
      listTopics: async () => (this.isHidden ? new Map() : broker.listTopics()),
      openReader: async (...args: Parameters<MemoryBroker['openReader']>) => {
        const reader = await broker.openReader(...args);
        this.readers++;
        return this.#counting(reader);
      },
    };
    this.scans = new SharedScans({ broker: counting, scheduler, ...options });
  }

  #counting(reader: BrokerReader): BrokerReader {
    return {
      poll: async (...args) => {
        const parts = await reader.poll(...args);
        if (parts.some(({ bytes }) => bytes > 0)) this.fetches++;
        return parts;
      },
      interrupt: () => reader.interrupt(),
      moveTo: (position) => reader.moveTo(position),
      close: async () => {
        if (this.closeMs > 0) await sleep(this.scheduler, this.closeMs);
        this.readers--;
        await reader.close();
      },
    };
  }

  static run(work: (setting: Setting) => Promise<void>, options?: Partial<SharedScansOptions>): Promise<void> {
    const setting = new Setting(options);
    return setting.scheduler.run(
      (async () => {
        await setting.broker.createTopics([{ topic: 't', partitions: 2, replicas: 1, config: {} }]);
        await work(setting);
      })(),
    );
  }

  async write(count = BATCHES): Promise<void> {
    for (let n = 0; n < count; n++)
      for (const partition of [0, 1])
        await this.broker.write([
          { topic: 't', partition, key: null, value: Buffer.alloc(60), timestamp: this.scheduler.nowMs(), headers: [] },
        ]);
  }

  open(offset = 0): Promise<BrokerReader> {
    return this.scans.openReader([0, 1].map((partition) => ({ topic: 't', partition, offset })));
  }

  /** Reads until so many records came; each poll is followed by a pause. */
  async read(reader: BrokerReader, count: number, pauseMs = 0): Promise<readonly FetchedPartition[]> {
    const found: FetchedPartition[] = [];
    for (let read = 0; read < count;) {
      const parts = await reader.poll(1_000);
      for (const { records } of parts) read += records.length;
      found.push(...parts);
      if (pauseMs > 0) await sleep(this.scheduler, pauseMs);
    }
    return found;
  }
}

describe('shared scans', () => {
  it('fetch for fifty what they fetch for one, with one reader', async () => {
    const fetches: number[] = [];
    for (const count of [1, 50])
      await Setting.run(async (setting) => {
        await setting.write();
        const readers = await Promise.all(Array.from({ length: count }, () => setting.open()));
        await Promise.all(readers.map((reader, n) => setting.read(reader, 2 * BATCHES, n % 7)));
        expect(setting.readers).toBe(1);
        fetches.push(setting.fetches);
        await Promise.all(readers.map((reader) => reader.close()));
        expect(setting.readers).toBe(0);
      });
    expect(fetches[1]).toBe(fetches[0]);
  });

  it('hand out to all the same records, and to one in the middle of them the rest', () =>
    Setting.run(async (setting) => {
      await setting.write(8);
      const [ahead, same, between] = [await setting.open(), await setting.open(), await setting.open(3)];
      const [found, again] = [await setting.read(ahead, 16), await setting.read(same, 16)];
      expect(again.map(({ records }) => records)).toEqual(found.map(({ records }) => records));
      expect(again.every(({ records }, n) => records.length === 0 || records === found[n]?.records)).toBe(true);
      const fetches = setting.fetches;
      const rest = await setting.read(between, 10);
      expect(rest.flatMap(({ records }) => Array.from(records, ({ offset }) => offset)).sort()).toEqual(
        [3, 4, 5, 6, 7].flatMap((offset) => [offset, offset]),
      );
      expect(setting.fetches).toBe(fetches);
      await Promise.all([ahead, same, between].map((reader) => reader.close()));
    }));

  it('let nobody wait for one that is far behind, which reads by itself until it is there', () =>
    Setting.run(
      async (setting) => {
        await setting.write();
        const [behind, live] = [await setting.open(), await setting.open(BATCHES)];
        const catchingUp = setting.read(behind, 2 * BATCHES, 100);
        const startedMs = setting.scheduler.nowMs();
        const waiting = setting.read(live, 2);
        await setting.write(1);
        await waiting;
        expect(setting.scheduler.nowMs() - startedMs).toBeLessThan(500);
        await catchingUp;
        await setting.read(behind, 2);
        const { fetches } = setting;
        const both = [setting.read(behind, 2), setting.read(live, 2)];
        await setting.write(1);
        await Promise.all(both);
        // Both stand at the end and are told of each batch by one fetch, of one reader.
        expect(setting.fetches - fetches).toBeLessThanOrEqual(2);
        await sleep(setting.scheduler, 20_000);
        expect(setting.readers).toBe(1);
        expect(setting.scans.keptBytes).toBeLessThanOrEqual(3_000);
        await Promise.all([behind, live].map((reader) => reader.close()));
      },
      { keptBytesMax: 3_000 },
    ));

  it('go on for those who stay when others pause or end', () =>
    Setting.run(async (setting) => {
      await setting.write();
      const [paused, ended, stays] = [await setting.open(), await setting.open(), await setting.open()];
      void paused.poll(1_000).catch(() => undefined);
      await setting.read(ended, 4);
      await ended.close();
      await setting.read(stays, 2 * BATCHES);
      expect(setting.scans.keptBytes).toBeGreaterThan(0);
      await stays.close();
      expect((await setting.read(paused, 2 * BATCHES - 2)).length).toBeGreaterThan(0);
      await paused.close();
      expect(setting.scans.keptBytes).toBe(0);
    }));

  it('tell one that comes to the end of a quiet topic that it is there at once, while others wait there', () =>
    Setting.run(async (setting) => {
      await setting.write(1);
      const [first, second] = [await setting.open(), await setting.open(1)];
      await setting.read(first, 2);
      const waiting = first.poll(60_000);
      await sleep(setting.scheduler, 700);
      const startedMs = setting.scheduler.nowMs();
      const parts = await second.poll(60_000);
      expect(parts.map(({ nextOffset, endOffset }) => [nextOffset, endOffset])).toEqual([
        [1, 1],
        [1, 1],
      ]);
      expect(setting.scheduler.nowMs()).toBe(startedMs);
      first.interrupt();
      await waiting;
      await Promise.all([first, second].map((reader) => reader.close()));
    }));

  it('hand out nothing of a topic to readers of another that was made in its place', () =>
    Setting.run(async (setting) => {
      await setting.write(3);
      const old = [await setting.open(), await setting.open()];
      for (const reader of old) await setting.read(reader, 6);
      await setting.broker.deleteTopics(['t']);
      await setting.broker.createTopics([{ topic: 't', partitions: 2, replicas: 1, config: {} }]);
      await setting.write(1);
      const young = await setting.open();
      const found = await setting.read(young, 2);
      expect(found.flatMap(({ records }) => Array.from(records, ({ offset }) => offset))).toEqual([0, 0]);
      expect(await young.poll(100)).toEqual([]);
      for (const reader of old) await expect(setting.read(reader, 1)).rejects.toThrow(TopicReplacedError);
      await Promise.all([...old, young].map((reader) => reader.close()));
    }));

  it('are shared by those who come while the last of those before goes', () =>
    Setting.run(async (setting) => {
      await setting.write();
      const last = await setting.open();
      await setting.read(last, 4);
      setting.closeMs = 1_000;
      const closing = last.close();
      const first = await setting.open();
      await closing;
      const second = await setting.open();
      await Promise.all([first, second].map((reader) => setting.read(reader, 2 * BATCHES)));
      expect(setting.readers).toBe(1);
      await Promise.all([first, second].map((reader) => reader.close()));
      expect(setting.readers).toBe(0);
    }));

  it('take a topic that is not listed for one that cannot be read now, and not for another', () =>
    Setting.run(async (setting) => {
      await setting.write(1);
      const reader = await setting.open();
      setting.isHidden = true;
      await expect(reader.poll(100)).rejects.toThrow(BrokerUnavailableError);
      await reader.close();
      setting.isHidden = false;
      const again = await setting.open();
      await setting.read(again, 2);
      await again.close();
    }));

  it('leave a reader alone whose share is smaller than what they fetch', () =>
    Setting.run(async (setting) => {
      await setting.write(1);
      const positions = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 }));
      const readers = [0, 1].map(() => setting.scans.openReader(positions, 64 * 1024));
      await Promise.all(readers);
      expect(setting.readers).toBe(2);
      for (const reader of readers) await (await reader).close();
    }));
});

describe('a lane', () => {
  it('reads from where it was moved to while its reader was being opened', () =>
    Setting.run(async ({ broker, scheduler }) => {
      for (let n = 0; n < 6; n++)
        await broker.write([
          { topic: 't', partition: 0, key: null, value: Buffer.alloc(60), timestamp: scheduler.nowMs(), headers: [] },
        ]);
      const opening = Promise.withResolvers<undefined>();
      const lane = new ScanLane({
        positions: [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })),
        open: async (positions) => {
          const reader = await broker.openReader(positions);
          await opening.promise;
          return reader;
        },
        onFetched: () => undefined,
        onOutOfRange: () => undefined,
        onIdle: () => undefined,
        onFailed: () => undefined,
      });
      const waiter = (partition: number, offset: number, arrived: Waiter['arrived']): Waiter => {
        return { partition, offset, lane: undefined, arrived, failed: () => undefined };
      };
      lane.wait(waiter(1, 0, () => undefined));
      await sleep(scheduler, 10);
      expect(lane.isFree(0)).toBe(true);
      lane.moveTo({ topic: 't', partition: 0, offset: 4 });
      const part = await new Promise<FetchedPartition>((resolve) => {
        lane.wait(waiter(0, 4, resolve));
        opening.resolve(undefined);
      });
      expect(part.records.offsets.slice(0, part.records.length)[0]).toBe(4);
      await lane.close();
    }));
});
