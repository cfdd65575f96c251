import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { WriterFencedError, type FetchedRecord, type PartitionOffset, type WriteRecord } from '../../ports/broker.js';
import { KafkaBroker } from './kafka-broker.js';

const bytes = (text: string) => Buffer.from(text);
const record = (topic: string, key: string, value: string | null, partition?: number): WriteRecord => ({
  topic,
  partition,
  key: bytes(key),
  value: value === null ? null : bytes(value),
  timestamp: 1_700_000_000_000,
  headers: [],
});

describe('the Kafka broker adapter', () => {
  let stack: TestStack;
  let broker: KafkaBroker;
  let address: string;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    address = stack.kafkaBrokers!;
    broker = new KafkaBroker({ bootstrap: [address], clientId: 'spec' });
  }, 120_000);
  afterAll(async () => {
    await broker?.close();
    await stack?.stop();
  }, 60_000);

  const topic = async (name: string, partitions = 1) => {
    await broker.createTopics([{ topic: name, partitions, replicas: 1, config: {} }]);
    return name;
  };
  const readAll = async (positions: readonly PartitionOffset[], count: number) => {
    const reader = await broker.openReader(positions);
    const found: FetchedRecord[] = [];
    const deadline = Date.now() + 10_000;
    while (found.length < count && Date.now() < deadline) {
      for (const part of await reader.poll(200)) found.push(...part.records);
    }
    const extra = await reader.poll(100);
    await reader.close();
    return { found, extra: extra.flatMap((part) => part.records) };
  };

  it('creates topics twice without complaint, lists and deletes them', async () => {
    await topic('made-twice', 3);
    await topic('made-twice', 3);
    expect((await broker.listTopics()).get('made-twice')).toMatchObject({ partitions: 3, replicas: 1 });
    await broker.deleteTopics(['made-twice', 'never-there']);
    expect((await broker.listTopics()).has('made-twice')).toBe(false);
  });

  it('writes and reads back keys, tombstones, headers and timestamps, choosing the partition by murmur2 of the key', async () => {
    const name = await topic('plain', 4);
    await broker.write([
      {
        ...record(name, 'foobar', 'v1'),
        headers: [
          { key: 'h', value: bytes('x') },
          { key: 'h', value: null },
        ],
      },
      record(name, 'foobar', null),
    ]);
    const { found } = await readAll(
      [0, 1, 2, 3].map((partition) => ({ topic: name, partition, offset: 0 })),
      2,
    );
    // Kafka's own vector: murmur2("foobar") = -790332482.
    expect(found.map((r) => r.partition)).toEqual([(-790332482 & 0x7fffffff) % 4, (-790332482 & 0x7fffffff) % 4]);
    expect(found[0]!.timestamp).toBe(1_700_000_000_000);
    expect(found[0]!.headers.map((h) => [h.key, h.value && Buffer.from(h.value).toString()])).toEqual([
      ['h', 'x'],
      ['h', null],
    ]);
    expect(found[1]!.value).toBeNull();
  });

  it('shows a transaction as a whole: records and offsets after the commit', async () => {
    const name = await topic('transactional');
    const input = await topic('transactional-in');
    const writer = await broker.openWriter('spec-tx');
    await writer.commit([record(name, 'a', '1'), record(name, 'b', '2')], 'spec-group', [
      { topic: input, partition: 0, offset: 7, metadata: 'note' },
    ]);
    await writer.commit([record(name, 'c', '3')], 'spec-group', [
      { topic: input, partition: 0, offset: 8, metadata: 'later' },
    ]);
    const { found } = await readAll([{ topic: name, partition: 0, offset: 0 }], 3);
    expect(found.map((r) => Buffer.from(r.value!).toString())).toEqual(['1', '2', '3']);
    expect(await broker.committedOffsets('spec-group', [input])).toEqual([
      { topic: input, partition: 0, offset: 8, metadata: 'later' },
    ]);
    // Markers take offsets too, so the end lies beyond the record count.
    expect((await broker.bounds(name))[0]!.end).toBeGreaterThan(3);
    await writer.close();
  });

  it('fences an older writer of the same transactional id', async () => {
    const name = await topic('fenced');
    const old = await broker.openWriter('spec-fence');
    await old.commit([record(name, 'a', 'old')], 'spec-fence', []);
    const fresh = await broker.openWriter('spec-fence');
    await fresh.commit([record(name, 'a', 'new')], 'spec-fence', []);
    await expect(old.commit([record(name, 'a', 'ghost')], 'spec-fence', [])).rejects.toThrow(WriterFencedError);
    const { found, extra } = await readAll([{ topic: name, partition: 0, offset: 0 }], 2);
    expect([...found, ...extra].map((r) => Buffer.from(r.value!).toString())).toEqual(['old', 'new']);
    await Promise.all([old.close(), fresh.close()]);
  });

  it('survives a broker restart: the same reader and writer go on', async () => {
    const name = await topic('restart');
    const reader = await broker.openReader([{ topic: name, partition: 0, offset: 0 }]);
    await broker.write([record(name, 'a', 'before')]);
    expect((await reader.poll(2000)).flatMap((part) => part.records)).toHaveLength(1);
    await stack.kill('kafka');
    await stack.restart('kafka');
    await broker.write([record(name, 'a', 'after')]);
    const found: string[] = [];
    const deadline = Date.now() + 20_000;
    while (found.length === 0 && Date.now() < deadline) {
      for (const part of await reader.poll(200))
        found.push(...part.records.map((r) => Buffer.from(r.value!).toString()));
    }
    expect(found).toEqual(['after']);
    await reader.close();
  }, 90_000);
});
