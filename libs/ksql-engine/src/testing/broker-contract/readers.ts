import { expect } from '@jest/globals';
import {
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  type FetchedPartition,
} from '../../ports/broker.js';
import { TimeOrderedInput } from '../../runtime/time-ordered-input.js';
import { textOf, type Promises } from './harness.js';

const valuesOf = (parts: readonly FetchedPartition[]): readonly string[] =>
  parts.flatMap(({ records }) => Array.from(records, ({ value }) => textOf(value)));

export const readerPromises: Promises = (test) => {
  test('gives keys, values, tombstones, headers and times back, each at its offset', async (tools) => {
    const topic = await tools.topic();
    const headers = [
      { key: 'h', value: Buffer.from('x') },
      { key: 'h', value: null },
    ];
    const first = { ...tools.record(topic, 'a', 'v'), headers };
    expect(await tools.broker.write([first, tools.record(topic, 'a', null), tools.record(topic, null, 'w')])).toEqual([
      0, 1, 2,
    ]);
    const found = await tools.readAll(topic);
    expect(found.map(({ key, value, offset }) => [key && textOf(key), value && textOf(value), offset])).toEqual([
      ['a', 'v', 0],
      ['a', null, 1],
      [null, 'w', 2],
    ]);
    expect(found[0]?.timestamp).toBe(first.timestamp);
    expect(found[0]?.headers.map(({ key, value }) => [key, value && textOf(value)])).toEqual([
      ['h', 'x'],
      ['h', null],
    ]);
  });

  test('picks the partition by murmur2 of the key, unless told which', async (tools) => {
    const topic = await tools.topic(4);
    await tools.broker.write([tools.record(topic, 'foobar', 'picked'), tools.record(topic, 'foobar', 'told', 1)]);
    const found = await tools.readAll(topic);
    // Kafka's own vector: murmur2("foobar") = -790332482.
    const picked = (-790332482 & 0x7fffffff) % 4;
    expect(Object.fromEntries(found.map(({ value, partition }) => [textOf(value), partition]))).toEqual({
      picked,
      told: 1,
    });
  });

  test('reads from the offset that it was told, and tells of partitions without records too', async (tools) => {
    const topic = await tools.topic(2);
    await tools.broker.write(['a', 'b', 'c'].map((value) => tools.record(topic, 'k', value, 0)));
    const reader = await tools.broker.openReader([
      { topic, partition: 0, offset: 1 },
      { topic, partition: 1, offset: 0 },
    ]);
    const parts = await tools.eventually(
      () => reader.poll(500),
      ({ length }) => length === 2,
    );
    const facts = parts.map(({ partition, nextOffset, endOffset, highWatermark }) => {
      return { partition, nextOffset, endOffset, highWatermark };
    });
    expect([...facts].sort((a, b) => a.partition - b.partition)).toEqual([
      { partition: 0, nextOffset: 3, endOffset: 3, highWatermark: 3 },
      { partition: 1, nextOffset: 0, endOffset: 0, highWatermark: 0 },
    ]);
    expect(valuesOf(parts)).toEqual(['b', 'c']);
    await reader.close();
  });

  test('asks only for the partitions that are wanted, and goes on where it was with the others', async (tools) => {
    const topic = await tools.topic(2);
    await tools.broker.write([0, 1].map((partition) => tools.record(topic, 'k', `in ${partition}`, partition)));
    const positions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
    const reader = await tools.broker.openReader(positions);
    const only = (wanted: number) => reader.poll(500, (_, partition) => partition === wanted);
    const one = await tools.eventually(
      () => only(1),
      (parts) => valuesOf(parts).length > 0,
    );
    expect(one.map(({ partition }) => partition)).toEqual([1]);
    expect(valuesOf(one)).toEqual(['in 1']);
    expect(valuesOf(await only(0))).toEqual(['in 0']);
    await reader.close();
  });

  test('waits until something comes, no longer than it was told', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic();
    await broker.write([tools.record(topic, 'k', 'before')]);
    const reader = await broker.openReader([{ topic, partition: 0, offset: 1 }]);
    // The first answers may say that so new a topic is not known yet.
    await tools.eventually(
      () => reader.poll(10),
      ({ length }) => length > 0,
    );
    const startedMs = cluster.nowMs();
    expect(valuesOf(await reader.poll(300))).toEqual([]);
    expect(cluster.nowMs() - startedMs).toBeGreaterThanOrEqual(290);
    const waiting = reader.poll(20_000);
    await broker.write([tools.record(topic, 'k', 'now')]);
    expect(valuesOf(await waiting)).toEqual(['now']);
    expect(cluster.nowMs() - startedMs).toBeLessThan(15_000);
    await reader.close();
  });

  test('waits when no partition is wanted, and not a moment of it when one is', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic();
    await broker.write([tools.record(topic, 'k', 'v')]);
    const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
    const startedMs = cluster.nowMs();
    expect(await reader.poll(200, () => false)).toEqual([]);
    expect(cluster.nowMs() - startedMs).toBeGreaterThanOrEqual(190);
    const waiting = reader.poll(20_000, () => false);
    reader.interrupt();
    expect(await waiting).toEqual([]);
    const found = await tools.eventually(
      () => reader.poll(20_000),
      (parts) => valuesOf(parts).length > 0,
    );
    expect(valuesOf(found)).toEqual(['v']);
    expect(cluster.nowMs() - startedMs).toBeLessThan(15_000);
    await reader.close();
  });

  test('ends the wait of a poll when interrupted, and keeps what its request brings', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic();
    const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
    const startedMs = cluster.nowMs();
    const waiting = reader.poll(20_000);
    reader.interrupt();
    expect(await waiting).toEqual([]);
    await broker.write([tools.record(topic, 'k', 'v')]);
    const found = await tools.eventually(
      () => reader.poll(20_000),
      (parts) => valuesOf(parts).length > 0,
    );
    expect(valuesOf(found)).toEqual(['v']);
    expect(cluster.nowMs() - startedMs).toBeLessThan(15_000);
    await reader.close();
  });

  test('gives partitions their turns when not all of them fit into an answer, and no more than was asked for', async (tools) => {
    const { broker } = tools;
    const [partitions, rounds] = [6, 10];
    const topic = await tools.topic(partitions);
    const value = 'x'.repeat(40_000);
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    for (let round = 0; round < rounds; round++)
      await broker.write(all.map((partition) => tools.record(topic, 'k', value, partition)));
    // A request brings two records of a partition, and eight in all.
    const bytesMax = partitions * 2 * 100_000;
    const positions = all.map((partition) => ({ topic, partition, offset: 0 }));
    const [reader, input] = [
      await broker.openReader(positions, bytesMax),
      new TimeOrderedInput(positions, [{ topic, isTable: false }], bytesMax),
    ];
    const reached = new Map(all.map((partition) => [partition, 0]));
    let taken = 0;
    while (taken < partitions * rounds) {
      const parts = await reader.poll(500, input.wants);
      input.add(parts);
      for (const { partition, nextOffset } of parts) reached.set(partition, nextOffset);
      expect(Math.max(...reached.values()) - Math.min(...reached.values())).toBeLessThanOrEqual(4);
      expect(input.bytes).toBeLessThanOrEqual(bytesMax);
      for (const { from, to } of input.take()) taken += to - from;
    }
    await reader.close();
  });

  test('names the place of an offset that was deleted, or is not there yet', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic(2);
    await broker.write(
      [0, 1].flatMap((partition) => [1, 2, 3].map((n) => tools.record(topic, 'k', `${n}`, partition))),
    );
    await cluster.deleteRecords(topic, 1, 2);
    const failure = async (offsets: readonly number[]): Promise<unknown> => {
      const reader = await broker.openReader(offsets.map((offset, partition) => ({ topic, partition, offset })));
      try {
        for (;;) await reader.poll(200);
      } catch (error) {
        return error;
      } finally {
        await reader.close();
      }
    };
    for (const [offsets, place] of [
      [[0, 1], { topic, partition: 1, offset: 1 }],
      [[7, 2], { topic, partition: 0, offset: 7 }],
      [[0, 9], { topic, partition: 1, offset: 9 }],
    ] as const) {
      const error = await failure(offsets);
      expect(error).toBeInstanceOf(OffsetOutOfRangeError);
      expect(error).toMatchObject(place);
    }
  });

  test('names the place of a batch that cannot be read after what lies before it, and goes on behind it when told so', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic(2);
    await broker.write([tools.record(topic, 'k', '1', 0), tools.record(topic, 'k', '2', 0)]);
    await broker.write([tools.record(topic, 'k', 'bad', 0), tools.record(topic, 'k', 'bad', 0)]);
    await broker.write([tools.record(topic, 'k', '3', 0), tools.record(topic, 'k', 'other', 1)]);
    await cluster.corruptBatch(topic, 0, 2);
    const reader = await broker.openReader([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
    const seen: string[] = [];
    const failure = async (): Promise<unknown> => {
      for (;;) {
        try {
          seen.push(...valuesOf(await reader.poll(200)));
        } catch (error) {
          return error;
        }
      }
    };
    for (let tries = 0; tries < 2; tries++) {
      const error = await failure();
      expect(error).toBeInstanceOf(CorruptRecordsError);
      expect(error).toMatchObject({ topic, partition: 0, offset: 2, nextOffset: 4 });
      expect([...seen].sort()).toEqual(['1', '2', 'other']);
    }
    const { partition, nextOffset } = (await failure()) as CorruptRecordsError;
    reader.moveTo({ topic, partition, offset: nextOffset as number });
    await tools.eventually(
      async () => seen.push(...valuesOf(await reader.poll(200))),
      (count) => count >= 4,
    );
    expect([...seen].sort()).toEqual(['1', '2', '3', 'other']);
    await reader.close();
  });

  test('goes on at another offset when told so, also while a request for the one before is under way', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic();
    await broker.write(['a', 'b', 'c'].map((value) => tools.record(topic, 'k', value)));
    const reader = await broker.openReader([{ topic, partition: 0, offset: 2 }]);
    const next = (count: number) => {
      const seen: string[] = [];
      return tools.eventually(
        async () => {
          seen.push(...valuesOf(await reader.poll(200)));
          return seen;
        },
        ({ length }) => length >= count,
      );
    };
    expect(await next(1)).toEqual(['c']);
    const waiting = reader.poll(200);
    reader.interrupt();
    await waiting;
    reader.moveTo({ topic, partition: 0, offset: 0 });
    expect(await next(3)).toEqual(['a', 'b', 'c']);
    reader.moveTo({ topic, partition: 0, offset: 1 });
    expect(await next(2)).toEqual(['b', 'c']);
    await reader.close();
  });

  test('goes on from what is left when records behind its position are deleted', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic();
    await broker.write([1, 2, 3].map((n) => tools.record(topic, 'k', `${n}`)));
    await cluster.deleteRecords(topic, 0, 2);
    const found = await tools.readAll(topic, [{ topic, partition: 0, offset: 2 }]);
    expect(found.map(({ value, offset }) => [textOf(value), offset])).toEqual([['3', 2]]);
  });

  test('says so when the topic was deleted and made again', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic();
    await broker.write([tools.record(topic, 'k', 'old')]);
    const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
    await tools.eventually(
      () => reader.poll(500),
      (parts) => valuesOf(parts).length > 0,
    );
    await broker.deleteTopics([topic]);
    await broker.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
    await broker.write([tools.record(topic, 'k', 'new'), tools.record(topic, 'k', 'newer')]);
    const seen: string[] = [];
    const failing = async (): Promise<void> => {
      for (const startedMs = tools.cluster.nowMs(); tools.cluster.nowMs() - startedMs < 10_000;) {
        seen.push(...valuesOf(await reader.poll(500)));
      }
    };
    await expect(failing()).rejects.toThrow(TopicReplacedError);
    expect(seen).toEqual([]);
    await reader.close();
  });
};
