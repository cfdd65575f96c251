import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { createService, Readiness, serviceConfig, Shutdown, type RunningService } from '@isobar/service-kit';
import { Controller, Module, type Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTopics } from '../../admin/ensure-topics.js';
import type { IncomingRecord } from '../../consumer/incoming-record.js';
import { RetryLaterError } from '../../consumer/record-consumer.js';
import { DeadLetterBox } from '../../dead-letters/dead-letter-box.js';
import { toDeadLetterRecord } from '../../dead-letters/dead-letter.js';
import { createKafka, type KafkaClientOptions } from '../../kafka-client.js';
import { silentLog } from '../../log.js';
import { parseProducerSettings } from '../../producer/producer-settings.js';
import { RecordProducer } from '../../producer/record-producer.js';
import { KafkaTransport, type KafkaTransportOptions } from './kafka-transport.js';
import { RecordContext } from './record-context.js';

/** What the handlers of a test saw, and what they shall do. */
interface Desk {
  seen: string[];
  contexts: RecordContext[];
  batches: number[];
  handle: (record: IncomingRecord) => Promise<void>;
}

describe('the Kafka transport of Nest', () => {
  let stack: TestStack;
  let client: KafkaClientOptions;
  let producer: RecordProducer;
  const services: RunningService[] = [];

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    client = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    producer = new RecordProducer(client, parseProducerSettings(''));
    await ensureTopics(client, [
      { name: 'orders', partitions: 4, config: {} },
      { name: 'bulk', partitions: 1, config: {} },
      { name: 'careful', partitions: 1, config: {} },
      { name: 'dead-letters', partitions: 1, config: {} },
    ]);
  }, 120_000);
  afterEach(() => Promise.all(services.splice(0).map((service) => service.stop())), 60_000);
  afterAll(async () => {
    await producer?.close(500);
    await stack?.stop();
  }, 60_000);

  const desk = (): Desk => ({ seen: [], contexts: [], batches: [], handle: async () => undefined });

  function ordersController(own: Desk): Type<unknown> {
    @Controller()
    class OrdersController {
      @EventPattern<string>('orders')
      async order(@Payload() record: IncomingRecord, @Ctx() context: RecordContext): Promise<void> {
        await own.handle(record);
        own.seen.push(String(record.value));
        own.contexts.push(context);
      }
    }
    return OrdersController;
  }

  function bulkController(own: Desk): Type<unknown> {
    @Controller()
    class BulkController {
      @EventPattern('bulk', { batch: true })
      async bulk(@Payload() records: readonly IncomingRecord[]): Promise<void> {
        own.batches.push(records.length);
        for (const record of records) await own.handle(record);
        own.seen.push(...records.map(({ value }) => String(value)));
      }
    }
    return BulkController;
  }

  function carefulController(own: Desk): Type<unknown> {
    @Controller()
    class CarefulController {
      @EventPattern<string>('careful', { commits: 'handler' })
      async careful(@Payload() record: IncomingRecord, @Ctx() context: RecordContext): Promise<void> {
        own.seen.push(String(record.value));
        if (String(record.value).startsWith('done')) await context.commit();
      }
    }
    return CarefulController;
  }

  async function start(
    controller: Type<unknown>,
    group: KafkaTransportOptions['group'] | undefined,
  ): Promise<RunningService> {
    @Module({
      controllers: [controller],
      providers: [
        {
          provide: KafkaTransport,
          inject: [Readiness, Shutdown],
          useFactory: (readiness: Readiness, shutdown: Shutdown) =>
            new KafkaTransport({
              client,
              ...(group === undefined ? {} : { group }),
              onBadRecord: (record, error) => producer.send(toDeadLetterRecord(record, error, 'test', Date.now())),
              readiness,
              shutdown,
            }),
        },
      ],
    })
    class TestModule {}
    const service = await createService(
      {
        name: 'test',
        module: TestModule,
        config: serviceConfig(0),
        prepare: (app) => KafkaTransport.connect(app, app.get(KafkaTransport)),
      },
      { LOG_LEVEL: 'silent', PORT: '0' },
    );
    services.push(service);
    return service;
  }

  const isReady = async (service: RunningService): Promise<boolean> => (await fetch(`${service.url}/readyz`)).ok;
  const send = (topic: string, from: number, to: number, text = ''): Promise<unknown> =>
    Promise.all(
      Array.from({ length: to - from }, (_, index) =>
        producer.send({
          topic,
          key: `key-${(from + index) % 16}`,
          value: `${text}${from + index}`,
          headers: { trace: 't' },
        }),
      ),
    );
  const numbers = (seen: readonly string[]): number[] => [...new Set(seen.map(Number))].sort((a, b) => a - b);

  it('shares partitions among members, and loses nothing when one of them vanishes', async () => {
    const group = { id: 'sharing', fromBeginning: true, sessionTimeoutMs: 6_000 };
    const [one, two] = [desk(), desk()];
    const first = await start(ordersController(one), group);
    const second = await start(ordersController(two), group);
    await until('both have joined', 60_000, async () => (await isReady(first)) && (await isReady(second)));
    await until('both get records', 60_000, async () => {
      await send('orders', 0, 200);
      return one.seen.length > 0 && two.seen.length > 0;
    });
    expect(one.contexts[0]).toMatchObject({ topic: 'orders', offset: expect.any(String) });
    expect(String(one.contexts[0]?.headers['trace'])).toBe('t');

    // It vanishes in the middle of its work: what it has not finished is never committed.
    let isHanging = false;
    two.handle = () => {
      isHanging = true;
      return new Promise(() => undefined);
    };
    await send('orders', 200, 1_000);
    await until('it is in the middle of its work', 60_000, () => isHanging);
    services.splice(services.indexOf(second), 1);
    void second.stop();
    await until('the other has all of it', 90_000, () => numbers([...one.seen, ...two.seen]).length === 1_000);
    await send('orders', 1_000, 1_200);
    await until('the other goes on', 60_000, () => numbers([...one.seen, ...two.seen]).length === 1_200);
  }, 240_000);

  it('sets a bad record aside with its error, and waits when it shall try again later', async () => {
    const own = desk();
    let isAway = true;
    own.handle = async ({ value }) => {
      if (String(value) === 'bad') throw new SyntaxError('it is no order');
      if (String(value) === '7777' && isAway) {
        isAway = false;
        throw new RetryLaterError('the database is away');
      }
    };
    const service = await start(ordersController(own), { id: 'bad-records', fromBeginning: false });
    await until('ready', 60_000, () => isReady(service));
    await until('it reads', 60_000, async () => {
      await producer.send({ topic: 'orders', key: 'k', value: '1' });
      return own.seen.length > 0;
    });
    // Together, so that they come in one fetch: what was handled before the bad one is not handled again.
    await Promise.all(
      ['7776', 'bad', '7777', '7778'].map((value) => producer.send({ topic: 'orders', key: 'k', value })),
    );
    await until('the last', 60_000, () => own.seen.includes('7778'));
    expect(own.seen.filter((value) => value.startsWith('77'))).toEqual(['7776', '7777', '7778']);
    expect(isAway).toBe(false);
    const box = new DeadLetterBox(client);
    expect(await box.list()).toMatchObject([{ topic: 'orders', reason: 'it is no order', service: 'test' }]);
    await box.close();
  }, 180_000);

  it('commits where the handler says, so that the rest comes again', async () => {
    const own = desk();
    const group = { id: 'careful-group', fromBeginning: true };
    for (const value of ['done 1', 'done 2', 'open 3', 'open 4'])
      await producer.send({ topic: 'careful', key: 'k', value });
    const service = await start(carefulController(own), group);
    await until('all', 60_000, () => own.seen.length === 4);
    services.length = 0;
    expect(await service.stop()).toBe(true);
    const next = desk();
    await start(carefulController(next), group);
    await until('the rest', 60_000, () => next.seen.length === 2);
    expect(next.seen).toEqual(['open 3', 'open 4']);
  }, 180_000);

  it('without a group reads all of a topic in each process, in batches, and leaves no group behind', async () => {
    await send('bulk', 0, 3_000);
    const [one, two] = [desk(), desk()];
    const first = await start(bulkController(one), undefined);
    const second = await start(bulkController(two), undefined);
    await until('both are complete', 60_000, async () => (await isReady(first)) && (await isReady(second)));
    expect(numbers(one.seen)).toHaveLength(3_000);
    expect(numbers(two.seen)).toHaveLength(3_000);
    expect(Math.max(...one.batches)).toBeGreaterThan(1);
    const admin = createKafka(client).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    expect(
      groups.map(({ groupId }) => groupId).filter((id) => !/^(sharing|bad-records|careful-group)$/.test(id)),
    ).toEqual([]);
  }, 120_000);

  it('reads no further than a slow handler gets, so that memory is bounded', async () => {
    const text = 'x'.repeat(10_000);
    await ensureTopics(client, [{ name: 'heavy', partitions: 4, config: {} }]);
    const wide = new RecordProducer(client, parseProducerSettings('compression.type=none,buffer.memory=200000000'));
    await Promise.all(
      Array.from({ length: 10_000 }, (_, n) => wide.send({ topic: 'heavy', key: `key-${n}`, value: text })),
    );
    await wide.close();
    let count = 0;
    @Controller()
    class HeavyController {
      @EventPattern<string>('heavy')
      async heavy(): Promise<void> {
        count += 1;
        await sleep(20);
      }
    }
    for (const group of [undefined, { id: 'heavy-group', fromBeginning: true }]) {
      count = 0;
      const before = process.memoryUsage().arrayBuffers;
      const service = await start(HeavyController, group);
      await until('it has begun', 60_000, () => count > 5);
      let most = 0;
      for (let look = 0; look < 30; look += 1) {
        await sleep(100);
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
      expect(count).toBeLessThan(2_000);
      // A hundred megabytes wait on the broker; a few fetches of four partitions are here.
      expect(most).toBeLessThan(60_000_000);
      services.length = 0;
      await service.stop();
    }
  }, 180_000);
});
