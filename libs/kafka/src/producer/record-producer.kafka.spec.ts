import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTopics } from '../admin/ensure-topics.js';
import type { IncomingRecord } from '../consumer/incoming-record.js';
import { readTopic } from '../consumer/read-topic.js';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import { silentLog } from '../log.js';
import { DiskQueue } from './disk-queue.js';
import type { OutgoingRecord } from './outgoing-record.js';
import { RecordRefusedError } from './producer-errors.js';
import { parseProducerSettings } from './producer-settings.js';
import { RecordProducer } from './record-producer.js';

const partitions = 4;
const goodCount = 40;
const hourMs = 3_600_000;

describe('the producer', () => {
  let stack: TestStack;
  let options: KafkaClientOptions;
  let topicNumber = 0;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  const topic = async (config: Record<string, string> = {}): Promise<string> => {
    topicNumber += 1;
    const name = `topic-${topicNumber}`;
    await ensureTopics(options, [{ name, partitions, config }]);
    return name;
  };
  const read = async (name: string): Promise<IncomingRecord[]> => {
    const records: IncomingRecord[] = [];
    await readTopic(options, name, (record) => records.push(record));
    return records;
  };
  const good = (name: string, n: number): OutgoingRecord => ({ topic: name, key: `key-${n % 7}`, value: String(n) });
  const expectAllOnce = async (name: string, count: number): Promise<void> => {
    const records = await read(name);
    const values = records.map(({ value }) => Number(value?.toString()));
    expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
    for (let key = 0; key < 7; key += 1) {
      const ofKey = records.filter((one) => one.key?.toString() === `key-${key}`).map(({ value }) => Number(value));
      expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
    }
  };

  const refusals: Record<string, { config: Record<string, string>; record: Partial<OutgoingRecord>; reason: string }> =
    {
      'is too large': {
        config: { 'max.message.bytes': '2000' },
        record: { value: 'x'.repeat(5_000) },
        reason: 'MESSAGE_TOO_LARGE',
      },
      'is of a time too far ahead': {
        config: { 'message.timestamp.after.max.ms': String(hourMs) },
        record: { timestamp: String(Date.now() + 3 * hourMs) },
        reason: 'INVALID_TIMESTAMP',
      },
      'has no key on a compacted topic': {
        config: { 'cleanup.policy': 'compact' },
        record: { key: null },
        reason: 'INVALID_RECORD',
      },
      'names a partition that is not there': { config: {}, record: { partition: 99 }, reason: 'no partition 99' },
    };

  describe.each(['all', '1'])('with acks=%s', (acks) => {
    it.each(Object.keys(refusals))(
      'delivers all others once, in order per key, when one record %s, wherever it stands',
      async (name) => {
        const { config, record, reason } = refusals[name] ?? { config: {}, record: {}, reason: '' };
        for (const position of [0, 1, 13, 20, 39, goodCount]) {
          const [own, other] = [await topic(config), await topic()];
          const producer = new RecordProducer(options, parseProducerSettings(`acks=${acks},compression.type=none`));
          const sends: Promise<void>[] = [];
          let refused: Promise<void> = Promise.resolve();
          for (let n = 0; n <= goodCount; n += 1) {
            if (n === position) {
              refused = producer.send({ ...good(own, 3), value: 'refused', ...record });
              refused.catch(() => undefined);
            }
            if (n < goodCount) sends.push(producer.send(good(own, n)), producer.send(good(other, n)));
          }
          await Promise.all(sends);
          await expect(refused).rejects.toThrow(RecordRefusedError);
          await expect(refused).rejects.toThrow(reason);
          expect(producer.refusedRecords).toBe(1);
          await until('no trouble', 5_000, () => producer.trouble === undefined);
          expect(await producer.close()).toBe(0);
          await expectAllOnce(own, goodCount);
          await expectAllOnce(other, goodCount);
        }
      },
      240_000,
    );
  });

  it('delivers records without a key once', async () => {
    const name = await topic({ 'max.message.bytes': '2000' });
    const producer = new RecordProducer(options, parseProducerSettings('compression.type=none'));
    const sends = Array.from({ length: 200 }, (_, n) =>
      producer.send({ topic: name, key: null, value: n % 50 === 7 ? 'x'.repeat(5_000) : String(n) }),
    );
    const results = await Promise.allSettled(sends);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    await producer.close();
    const values = (await read(name)).map(({ value }) => Number(value)).sort((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: 200 }, (_, n) => n).filter((n) => n % 50 !== 7));
  }, 60_000);

  it('waits for a topic that is not there, refuses its records in the end, and holds up no other topic', async () => {
    const name = await topic();
    const producer = new RecordProducer(options, parseProducerSettings('max.block.ms=8000'));
    const late = producer.send({ topic: 'comes-later', key: 'k', value: '0' });
    const never = producer.send({ topic: 'never-comes', key: 'k', value: '0' });
    never.catch(() => undefined);
    await Promise.all(Array.from({ length: goodCount }, (_, n) => producer.send(good(name, n))));
    await ensureTopics(options, [{ name: 'comes-later', partitions: 1, config: {} }]);
    await late;
    await expect(never).rejects.toThrow('never-comes: UNKNOWN_TOPIC_OR_PARTITION');
    await producer.close();
    await expectAllOnce(name, goodCount);
  }, 60_000);

  it('goes on when its topic is made again with fewer partitions', async () => {
    const name = await topic();
    const producer = new RecordProducer(options, parseProducerSettings('linger.ms=0'));
    for (let n = 0; n < 14; n += 1) await producer.send(good(name, n));
    const admin = createKafka(options).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [name] });
    await until('it is gone', 20_000, async () => !(await admin.listTopics()).includes(name));
    await admin.disconnect();
    await ensureTopics(options, [{ name, partitions: 1, config: {} }]);
    await Promise.all(Array.from({ length: 14 }, (_, n) => producer.send(good(name, n))));
    await producer.close();
    await expectAllOnce(name, 14);
  }, 90_000);

  it('sends a batch again without doubling it when its answer was lost', async () => {
    const name = await topic();
    const producer = new RecordProducer(options, parseProducerSettings('linger.ms=1,batch.size=2000'));
    const sends: Promise<void>[] = [];
    for (let n = 0; n < 3_000; n += 1) {
      sends.push(producer.send(good(name, n)));
      if (n % 10 === 0) await sleep(1);
      if (n === 1_000) void stack.kill('kafka').then(() => stack.restart('kafka'));
    }
    await Promise.all(sends);
    await producer.close();
    await expectAllOnce(name, 3_000);
  }, 120_000);

  describe('with a queue on disk', () => {
    const program = (name: string, folder: string): string => `
      import { DiskQueue, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
      const producer = new RecordProducer(
        { brokers: ['${stack.kafkaBrokers}'], clientId: 'source', log: silentLog },
        parseProducerSettings(''),
        new DiskQueue('${folder}', 100_000_000, silentLog),
      );
      let n = 0;
      setInterval(() => {
        for (let i = 0; i < 10; i += 1) {
          const own = n++;
          producer.send({ topic: '${name}', key: 'key-' + (own % 7), value: String(own) }).then(
            () => process.stdout.write(own + '\\n'),
            () => undefined,
          );
        }
      }, 5);
    `;

    it.each(['while the broker is away', 'while all is well'])(
      'delivers everything that was taken before a kill of the process %s',
      async (when) => {
        const name = await topic();
        const folder = mkdtempSync(join(tmpdir(), 'kill-'));
        const source = spawn(process.execPath, ['--input-type=module', '-e', program(name, folder)], {
          cwd: join(import.meta.dirname, '../..'),
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let printed = '';
        source.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
        const takenNow = (): number => printed.split('\n').length - 1;
        await until('it has begun', 60_000, () => takenNow() > 500);
        const isAway = when === 'while the broker is away';
        if (isAway) {
          await stack.kill('kafka');
          const before = takenNow();
          await until('records are taken without a broker', 60_000, () => takenNow() > before + 2_000);
        }
        const ended = once(source, 'exit');
        source.kill('SIGKILL');
        await ended;
        await sleep(100);
        const taken = printed.split('\n').slice(0, -1).map(Number);
        if (isAway) await stack.restart('kafka');
        const next = new RecordProducer(
          options,
          parseProducerSettings(''),
          new DiskQueue(folder, 100_000_000, silentLog),
        );
        await until('all of it is delivered', 60_000, () => next.pendingBytes === 0);
        expect(await next.close()).toBe(0);
        const values = new Set((await read(name)).map(({ value }) => Number(value)));
        expect(taken.filter((n) => !values.has(n))).toEqual([]);
        rmSync(folder, { recursive: true });
      },
      180_000,
    );
  });
});
