import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { declaredTopics } from '@isobar/contracts';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTopics } from './admin/ensure-topics.js';
import { readTopic } from './consumer/read-topic.js';
import type { IncomingRecord } from './consumer/incoming-record.js';
import { RecordConsumer, RetryLaterError } from './consumer/record-consumer.js';
import { DeadLetterBox } from './dead-letters/dead-letter-box.js';
import { toDeadLetterRecord } from './dead-letters/dead-letter.js';
import type { KafkaClientOptions } from './kafka-client.js';
import { silentLog } from './log.js';
import { DiskQueue } from './producer/disk-queue.js';
import { parseProducerSettings } from './producer/producer-settings.js';
import { BufferFullError } from './producer/producer-errors.js';
import { RecordProducer } from './producer/record-producer.js';

describe('Kafka', () => {
  let stack: TestStack;
  let options: KafkaClientOptions;
  const read = async (topic: string): Promise<IncomingRecord[]> => {
    const records: IncomingRecord[] = [];
    await readTopic(options, topic, (record) => records.push(record));
    return records;
  };
  const topic = async (name: string, config: Record<string, string> = {}): Promise<string> => {
    await ensureTopics(options, [{ name, partitions: 3, config }]);
    return name;
  };

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
  }, 120_000);
  afterAll(() => stack?.stop(), 30_000);

  it('creates what is missing, once', async () => {
    expect(await ensureTopics(options, declaredTopics)).toEqual(declaredTopics.map(({ name }) => name));
    expect(await ensureTopics(options, declaredTopics)).toEqual([]);
  }, 30_000);

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'delivers records compressed with %s',
    async (codec) => {
      const name = await topic(`codec-${codec}`);
      const producer = new RecordProducer(options, parseProducerSettings(`compression.type=${codec}`));
      await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          producer.send({
            topic: name,
            key: `key-${i % 7}`,
            value: JSON.stringify({ i, text: 'weather '.repeat(20) }),
            headers: { 'event-id': String(i) },
            timestamp: '1700000000000',
          }),
        ),
      );
      expect(await producer.close()).toBe(0);
      const records = await read(name);
      expect(records).toHaveLength(500);
      expect(records.every(({ timestampMs }) => timestampMs === 1_700_000_000_000)).toBe(true);
      // Order per key.
      for (let key = 0; key < 7; key += 1) {
        const numbers = records
          .filter((record) => record.key?.toString() === `key-${key}`)
          .map(({ value }) => (JSON.parse(value?.toString() ?? '') as { i: number }).i);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
    },
    30_000,
  );

  it('sets bad records aside, handles the rest, and goes on where it was', async () => {
    const name = await topic('parcels');
    await ensureTopics(options, declaredTopics);
    const producer = new RecordProducer(options, parseProducerSettings('linger.ms=0'));
    const deadLetters = new DeadLetterBox(options);
    const handled: string[] = [];
    let isAway = true;
    const consumer = () =>
      new RecordConsumer({
        ...options,
        groupId: 'parcel-office',
        topics: [name],
        fromBeginning: true,
        handle: async (records) => {
          if (isAway) {
            isAway = false;
            throw new RetryLaterError('the office is closed');
          }
          const parsed = records.map(({ value }) => (JSON.parse(value?.toString() ?? 'nothing') as { n: string }).n);
          handled.push(...parsed);
        },
        onBadRecord: (record, error) =>
          producer.send(toDeadLetterRecord(record, error, 'parcel-office', 1_700_000_000_000)),
      });

    const first = consumer();
    await first.start();
    for (const value of ['{"n":"a"}', '{"n":', '{"n":"b"}'])
      await producer.send({ topic: name, key: 'k', value, headers: { trace: 't' }, timestamp: '1700000000001' });
    await until('both records', 20_000, () => handled.length === 2);
    await first.stop();

    const letters = await deadLetters.list();
    expect(letters).toMatchObject([
      {
        topic: name,
        offset: '1',
        service: 'parcel-office',
        timestampMs: 1_700_000_000_001,
        isReplayed: false,
        reason: expect.stringContaining('JSON'),
        stack: expect.stringContaining('SyntaxError'),
      },
    ]);
    const [letter] = letters;
    if (letter === undefined) throw new Error('there is a letter');
    expect(letter.value?.toString()).toBe('{"n":');
    expect(letter.key?.toString()).toBe('k');
    expect(letter.headers['trace']?.toString()).toBe('t');

    // Mended and replayed while nobody reads; a second replay is refused; the next member goes on behind what was committed.
    await deadLetters.replay(letter.id, { value: Buffer.from('{"n":"mended"}') });
    await expect(deadLetters.replay(letter.id)).rejects.toThrow('was replayed before');
    await expect(deadLetters.replay('nowhere:0:0')).rejects.toThrow('no dead letter');
    expect(await deadLetters.list()).toMatchObject([{ id: letter.id, isReplayed: true }]);
    const second = consumer();
    await second.start();
    await until('all records', 20_000, () => handled.length === 3);
    expect(handled).toEqual(['a', 'b', 'mended']);
    await second.stop();
    await deadLetters.close();
    await producer.close();
  }, 60_000);

  it('keeps records while the broker is away and delivers each once, in order', async () => {
    const name = await topic('patience');
    const producer = new RecordProducer(options, parseProducerSettings('buffer.memory=100000'));
    await producer.send({ topic: name, key: 'k', value: '0' });
    await stack.kill('kafka');
    const waiting = Array.from({ length: 100 }, (_, i) =>
      producer.send({ topic: name, key: 'k', value: String(i + 1) }),
    );
    await expect(producer.send({ topic: name, key: 'k', value: 'x'.repeat(100_000) })).rejects.toThrow(BufferFullError);
    await sleep(1_000);
    expect(producer.pendingBytes).toBeGreaterThan(0);
    await stack.restart('kafka');
    await Promise.all(waiting);
    expect(producer.trouble).toBeUndefined();
    expect(await producer.close()).toBe(0);
    expect((await read(name)).map(({ value }) => value?.toString())).toEqual(
      Array.from({ length: 101 }, (_, i) => String(i)),
    );
  }, 90_000);

  it('lets records wait on disk, over a restart of the process too, and delivers them in order', async () => {
    const name = await topic('endurance');
    const folder = mkdtempSync(join(tmpdir(), 'spool-'));
    const make = (): RecordProducer =>
      new RecordProducer(
        options,
        parseProducerSettings('buffer.memory=2000,linger.ms=0'),
        new DiskQueue(folder, 1_000_000, silentLog),
      );
    const first = make();
    await first.send({ topic: name, key: 'k', value: '0' });
    await stack.kill('kafka');
    // Some wait in memory (their promises with them), the others on disk, where they are safe.
    const waiting = Array.from({ length: 200 }, (_, i) => first.send({ topic: name, key: 'k', value: String(i + 1) }));
    await waiting.at(-1);
    const closingMs = Date.now();
    expect(await first.close(500)).toBe(0);
    expect(Date.now() - closingMs).toBeLessThan(2_500);
    await Promise.all(waiting);

    const second = make();
    const more = Array.from({ length: 100 }, (_, i) => second.send({ topic: name, key: 'k', value: String(i + 201) }));
    await stack.restart('kafka');
    await Promise.all(more);
    await second.send({ topic: name, key: 'k', value: '301' });
    expect(await second.close(10_000)).toBe(0);
    expect((await read(name)).map(({ value }) => value?.toString())).toEqual(
      Array.from({ length: 302 }, (_, i) => String(i)),
    );
    rmSync(folder, { recursive: true });
  }, 90_000);
});
