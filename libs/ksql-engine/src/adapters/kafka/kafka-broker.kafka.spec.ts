import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { WriterFencedError, type PartitionOffset, type WriteRecord } from '../../ports/broker.js';
import { RecordColumns, type FetchedRecord } from '../../ports/record-columns.js';
import { Cluster } from './cluster.js';
import { KafkaBroker } from './kafka-broker.js';
import { KafkaTransactionalWriter } from './kafka-writer.js';
import { Partitioner } from './partitioner.js';
import { beginsTransactionsImplicitly } from './transaction-protocol.js';

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
    return { found, extra: extra.flatMap((part) => [...part.records]) };
  };

  it('writes nothing twice when a part of a request fails and is tried again', async () => {
    const [kept, lost] = [await topic('partly-kept'), await topic('partly-lost')];
    await broker.write([record(kept, 'a', '1'), record(lost, 'a', '1')]);
    const other = new KafkaBroker({ bootstrap: [address], clientId: 'spec-other' });
    await other.deleteTopics([lost]);
    await other.close();
    await expect(broker.write([record(kept, 'a', '2'), record(lost, 'a', '2')])).rejects.toThrow(
      'UNKNOWN_TOPIC_OR_PARTITION',
    );
    expect((await broker.bounds(kept))[0]?.end).toBe(2);
  }, 30_000);

  it('gives a list of topics again to who takes an older one, and never without what it made or deleted itself', async () => {
    const [first, second] = await Promise.all([broker.listTopics(), broker.listTopics(60_000)]);
    expect(second).toBe(first);
    const other = new KafkaBroker({ bootstrap: [address], clientId: 'spec-other' });
    await other.createTopics([{ topic: 'of-another', partitions: 1, replicas: 1, config: {} }]);
    await other.close();
    expect((await broker.listTopics(60_000)).has('of-another')).toBe(false);
    expect((await broker.listTopics()).has('of-another')).toBe(true);
    await topic('own');
    expect((await broker.listTopics(60_000)).has('own')).toBe(true);
    await broker.deleteTopics(['own']);
    expect((await broker.listTopics(60_000)).has('own')).toBe(false);
  }, 30_000);

  it('finds the second transaction protocol on a broker that has it', async () => {
    const cluster = new Cluster({ bootstrap: [address], clientId: 'spec' });
    expect(await beginsTransactionsImplicitly(await cluster.any())).toBe(true);
    await cluster.close();
  });

  // The contract goes by the protocol that the broker has; this is that of older ones.
  describe('transactions whose parts are announced', () => {
    const open = (id: string) => {
      const cluster = new Cluster({ bootstrap: [address], clientId: 'spec' });
      return KafkaTransactionalWriter.open(cluster, new Partitioner(cluster), id, async () => Promise.resolve(false));
    };

    it('shows a transaction as a whole: records and offsets after the commit', async () => {
      const name = await topic('transactional');
      const input = await topic('transactional-in');
      const group = 'spec-group';
      const consumed = (offset: number, metadata: string) => [
        { groupId: group, offsets: [{ topic: input, partition: 0, offset, metadata }] },
      ];
      const writer = await open('spec-tx');
      await writer.commit([record(name, 'a', '1'), record(name, 'b', '2')], consumed(7, 'note'));
      await writer.commit([record(name, 'c', '3')], consumed(8, 'later'));
      const { found } = await readAll([{ topic: name, partition: 0, offset: 0 }], 3);
      expect(found.map((r) => Buffer.from(r.value!).toString())).toEqual(['1', '2', '3']);
      expect(await broker.committedOffsets(group, [input])).toEqual([
        { topic: input, partition: 0, offset: 8, metadata: 'later' },
      ]);
      // Markers take offsets too, so the end lies beyond the record count.
      expect((await broker.bounds(name))[0]!.end).toBeGreaterThan(3);
      await writer.close();
    });

    it('spreads results by columns over partitions like records one by one, beside these', async () => {
      const name = await topic('columns', 3);
      const results = Array.from({ length: 40 }, (_, i) => record(name, `key-${i}`, i % 7 === 0 ? null : `value ${i}`));
      const writer = await open('spec-columns');
      await writer.commit([{ topic: name, records: RecordColumns.of(results) }, record(name, 'key-0', 'beside')], []);
      await writer.close();
      await broker.write(results);
      const { found } = await readAll(
        [0, 1, 2].map((partition) => ({ topic: name, partition, offset: 0 })),
        81,
      );
      const shown = found.map(({ key, value, partition }) =>
        [Buffer.from(key!).toString(), value && Buffer.from(value).toString(), partition].join(' '),
      );
      expect(shown).toHaveLength(81);
      for (const text of new Set(shown.filter((line) => !line.includes('beside')))) {
        expect(shown.filter((line) => line === text)).toHaveLength(2);
      }
    });

    it('fences an older writer of the same transactional id', async () => {
      const name = await topic('fenced');
      const old = await open('spec-fence');
      await old.commit([record(name, 'a', 'old')], []);
      const fresh = await open('spec-fence');
      await fresh.commit([record(name, 'a', 'new')], []);
      await expect(old.commit([record(name, 'a', 'ghost')], [])).rejects.toThrow(WriterFencedError);
      const { found, extra } = await readAll([{ topic: name, partition: 0, offset: 0 }], 2);
      expect([...found, ...extra].map((r) => Buffer.from(r.value!).toString())).toEqual(['old', 'new']);
      await Promise.all([old.close(), fresh.close()]);
    });
  });

  it('survives a broker restart: the same reader and writer go on', async () => {
    const name = await topic('restart');
    const reader = await broker.openReader([{ topic: name, partition: 0, offset: 0 }]);
    await broker.write([record(name, 'a', 'before')]);
    expect((await reader.poll(2000)).flatMap((part) => [...part.records])).toHaveLength(1);
    await stack.kill('kafka');
    await stack.restart('kafka');
    await broker.write([record(name, 'a', 'after')]);
    const found: string[] = [];
    const deadline = Date.now() + 20_000;
    while (found.length === 0 && Date.now() < deadline) {
      for (const part of await reader.poll(200))
        found.push(...Array.from(part.records, (r) => Buffer.from(r.value!).toString()));
    }
    expect(found).toEqual(['after']);
    await reader.close();
  }, 90_000);
});
