import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { RecordsRefusedError, type RefusedRecord, type WriteRecord } from '../../ports/broker.js';
import { RecordColumns } from '../../ports/record-columns.js';
import { Cluster } from './cluster.js';
import { KafkaBroker } from './kafka-broker.js';
import { KafkaTransactionalWriter } from './kafka-writer.js';
import { Partitioner } from './partitioner.js';

const PARTITIONS = 3;
const PER_PARTITION = 6;
const NOW_MS = Date.now();
const DAY_MS = 86_400_000;

/** What Kafka does not take, and how it says so. */
const KINDS = {
  'a time out of bounds': {
    config: {},
    spoil: (record: WriteRecord): WriteRecord => ({ ...record, timestamp: NOW_MS + DAY_MS }),
    reason: /^INVALID_TIMESTAMP: Timestamp \d+ of message with offset \d+ is out of range/,
  },
  'a size that the topic does not take': {
    config: { 'max.message.bytes': '20000' },
    spoil: (record: WriteRecord): WriteRecord => ({ ...record, value: Buffer.alloc(30_000, record.value ?? '') }),
    reason: /^MESSAGE_TOO_LARGE/,
  },
  'a size so large that it is not even sent': {
    config: { 'max.message.bytes': '20000' },
    spoil: (record: WriteRecord): WriteRecord => ({ ...record, value: Buffer.alloc(2_000_000, record.value ?? '') }),
    reason: /^MESSAGE_TOO_LARGE: \d+ bytes, it takes 20000/,
  },
  'no key where one is needed': {
    config: { 'cleanup.policy': 'compact' },
    spoil: (record: WriteRecord): WriteRecord => ({ ...record, key: null }),
    reason: /^INVALID_RECORD: Compacted topic cannot accept message without key/,
  },
};

let stack: TestStack;
let broker: KafkaBroker;
let topics = 0;

beforeAll(async () => {
  stack = await startTestStack({ parts: ['kafka'] });
  broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers!], clientId: 'spec' });
}, 120_000);
afterAll(async () => {
  await broker?.close();
  await stack?.stop();
}, 60_000);

const topic = async (config: Readonly<Record<string, string>>): Promise<string> => {
  const name = `refusing-${topics++}`;
  await broker.createTopics([{ topic: name, partitions: PARTITIONS, replicas: 1, config }]);
  return name;
};

const good = (name: string, partition: number, n: number): WriteRecord => ({
  topic: name,
  partition,
  key: Buffer.from(`key-${partition}-${n}`),
  value: Buffer.from(`${partition}:${n}`),
  timestamp: NOW_MS,
  headers: [{ key: 'h', value: Buffer.from('x') }],
});

/** The first characters of all values, by partition, in order. */
async function valuesIn(name: string): Promise<readonly (readonly string[])[]> {
  const bounds = await broker.bounds(name);
  const reader = await broker.openReader(
    bounds.map(({ partition, start }) => ({ topic: name, partition, offset: start })),
  );
  const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
  const found: string[][] = bounds.map(() => []);
  while (left.size > 0) {
    for (const part of await reader.poll(500)) {
      for (const { value } of part.records)
        found[part.partition]?.push(Buffer.from(value ?? []).toString('utf8', 0, 20));
      if (part.nextOffset >= (left.get(part.partition) ?? 0)) left.delete(part.partition);
    }
  }
  await reader.close();
  return found;
}

describe.each(['announced', 'implicit'])(
  'a transaction (%s) with records that the broker does not take',
  (protocol) => {
    const openOn = (cluster: Cluster) =>
      KafkaTransactionalWriter.open(cluster, new Partitioner(cluster), `refused-${protocol}`, async () =>
        Promise.resolve(protocol === 'implicit'),
      );
    const open = () => openOn(new Cluster({ bootstrap: [stack.kafkaBrokers], clientId: 'spec' }));
    /** Kafka answers a commit before its marker stands in the partitions, and the next writer of the id after that. */
    const valuesCommittedTo = async (name: string) => {
      await (await open()).close();
      return valuesIn(name);
    };

    describe.each(Object.entries(KINDS))('for %s', (_, { config, spoil, reason }) => {
      it('leaves out these alone, at every place in every partition, and writes the others once', async () => {
        const name = await topic(config);
        const writer = await open();
        const told: RefusedRecord[] = [];
        const expected = Array.from({ length: PARTITIONS }, (): string[] => []);
        let bad = 0;
        for (let place = 0; place < PER_PARTITION; place++) {
          const records: WriteRecord[] = [];
          for (let n = 0; n < PER_PARTITION; n++) {
            for (let partition = 0; partition < PARTITIONS; partition++) {
              const record = good(name, partition, place * PER_PARTITION + n);
              // One bad place in the first partition, all but one in the second, none in the third.
              const isBad = partition === 0 ? n === place : partition === 1 && n !== place;
              records.push(isBad ? spoil(record) : record);
              if (isBad) bad++;
              else expected[partition]?.push(`${partition}:${place * PER_PARTITION + n}`);
            }
          }
          const before = told.length;
          await writer.commit(records, [], async (refused) => {
            told.push(...refused);
            return [good(name, 2, 1000 + place)];
          });
          for (const { entry, value, key, timestamp } of told.slice(before)) {
            const original = records[entry];
            expect([key, value?.length, timestamp]).toEqual([
              original?.key,
              original?.value?.length,
              original?.timestamp,
            ]);
          }
          expected[2]?.push(`2:${1000 + place}`);
        }
        await writer.close();
        expect(await valuesCommittedTo(name)).toEqual(expected);
        expect(told).toHaveLength(bad);
        for (const refused of told) expect(refused.reason).toMatch(reason);
        expect(told[0]).toMatchObject({ topic: name, partition: expect.any(Number) });
      }, 60_000);
    });

    it('leaves out all of a batch when it takes none, of several batches to one partition only the bad', async () => {
      const name = await topic({ 'max.message.bytes': '3000' });
      const writer = await open();
      const spoil = KINDS['a time out of bounds'].spoil;
      const wide = (n: number): WriteRecord => ({ ...good(name, 0, n), value: Buffer.alloc(900, `0:${n} `) });
      const records = Array.from({ length: 12 }, (_, n) => (n < 4 || n === 9 ? spoil(wide(n)) : wide(n)));
      const places: number[] = [];
      await writer.commit(records, [], async (refused) => {
        places.push(...refused.map(({ entry }) => entry));
        return [];
      });
      await writer.close();
      expect(places.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 9]);
      const [values] = await valuesCommittedTo(name);
      expect(values?.map((value) => value.split(' ')[0])).toEqual(['0:4', '0:5', '0:6', '0:7', '0:8', '0:10', '0:11']);
    }, 60_000);

    it('tells which entry each record of columns is of', async () => {
      const name = await topic({});
      const writer = await open();
      const spoil = KINDS['a time out of bounds'].spoil;
      const columns = (from: number, bad: number) =>
        RecordColumns.of([0, 1, 2].map((n) => (n === bad ? spoil : (r: WriteRecord) => r)(good(name, 0, from + n))));
      const entries: number[] = [];
      await writer.commit(
        [
          { topic: name, records: columns(0, 1) },
          good(name, 0, 3),
          { topic: name, records: columns(4, -1) },
          { topic: name, records: columns(7, 2) },
        ],
        [],
        async (refused) => {
          entries.push(...refused.map(({ entry }) => entry));
          return [];
        },
      );
      await writer.close();
      expect(entries.sort((a, b) => a - b)).toEqual([0, 3]);
      expect((await valuesCommittedTo(name)).flat()).toHaveLength(8);
    }, 60_000);

    it('goes on over a new connection when the one that it began over is lost', async () => {
      const name = await topic({});
      const cluster = new Cluster({ bootstrap: [stack.kafkaBrokers], clientId: 'spec' });
      const writer = await openOn(cluster);
      const spoil = KINDS['a time out of bounds'].spoil;
      await writer.commit([good(name, 0, 0), spoil(good(name, 0, 1))], [], async () => {
        (await cluster.coordinator('transaction', `refused-${protocol}`)).socket.destroy();
        return [];
      });
      await writer.commit([good(name, 0, 2)], []);
      await writer.close();
      expect((await valuesCommittedTo(name)).flat()).toEqual(['0:0', '0:2']);
    }, 20_000);

    it('fails as a whole, and shows nothing, where nobody is told', async () => {
      const name = await topic({});
      const writer = await open();
      const spoil = KINDS['a time out of bounds'].spoil;
      await expect(writer.commit([good(name, 0, 0), spoil(good(name, 1, 1))], [])).rejects.toThrow(RecordsRefusedError);
      await writer.close();
      const next = await open();
      await next.commit([good(name, 0, 2)], []);
      await next.close();
      expect((await valuesCommittedTo(name)).flat()).toEqual(['0:2']);
    }, 60_000);
  },
);

it('a write outside transactions names what is refused', async () => {
  const name = await topic({});
  await expect(broker.write([KINDS['a time out of bounds'].spoil(good(name, 0, 0))])).rejects.toThrow(
    `Topic ${name} does not take a record: INVALID_TIMESTAMP: Timestamp`,
  );
}, 60_000);
