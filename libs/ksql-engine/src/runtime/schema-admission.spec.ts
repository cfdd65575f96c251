import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Broker, BrokerReader, FetchedPartition } from '../ports/broker.js';
import { FetchedRecords } from '../ports/record-columns.js';
import { sleep } from '../ports/scheduler.js';
import { InvalidSchemaError, RegistryUnreachableError, SchemaNotFoundError } from '../ports/schema-registry.js';
import { MemorySchemaRegistry } from '../testing/schema-registry/memory-schema-registry.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import { admitting, KnownSchemas } from './schema-admission.js';

const WAIT_MS = 1_000;

let registry: MemorySchemaRegistry;
let scheduler: SimulatedScheduler;
let known: KnownSchemas;
beforeEach(() => {
  registry = new MemorySchemaRegistry();
  for (const text of ['"int"', '"long"']) registry.contents.register(text, { type: 'AVRO', text, references: [] });
  scheduler = new SimulatedScheduler(new SeededRandom(1));
  known = new KnownSchemas(registry, scheduler, scheduler);
});

const withId = (id: number): Buffer => {
  const bytes = Buffer.alloc(6);
  bytes.writeInt32BE(id, 1);
  return bytes;
};

const batch = (topic: string, ...values: readonly (Buffer | null)[]): FetchedPartition => ({
  topic,
  partition: 0,
  records: FetchedRecords.of(
    values.map((value, offset) => ({ key: null, value, timestamp: 0, headers: [], partition: 0, offset })),
  ),
  nextOffset: values.length,
  endOffset: values.length,
  highWatermark: values.length,
  bytes: 0,
});

/** Readers hand out these, one after the other, and then nothing. */
async function reading(batches: FetchedPartition[], parts = { key: false, value: true }, schemas = known) {
  const moves: unknown[] = [];
  const source: BrokerReader = {
    poll: () => Promise.resolve(batches.splice(0, 1)),
    interrupt: () => undefined,
    moveTo: (position) => void moves.push(position),
    close: () => Promise.resolve(),
  };
  const broker: Pick<Broker, 'openReader'> = { openReader: () => Promise.resolve(source) };
  const waits: (readonly number[])[] = [];
  const way = admitting(broker, new Map([['t', parts]]), schemas, (ids) => waits.push(ids), scheduler);
  return { reader: await way.openReader([]), waits, moves };
}

describe('what is read', () => {
  it('is handed out once the schemas of its ids are known, each of which is asked for once', async () => {
    const { reader } = await reading([batch('t', withId(1), withId(2), withId(1)), batch('t', withId(2))]);
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    expect(registry.asked).toEqual(['byId 1', 'byId 2']);
    expect(known.table.find(1)).toMatchObject({ text: '"int"' });
  });

  it('is handed out with an id that the registry does not have, so that its record is told of', async () => {
    const { reader } = await reading([batch('t', withId(77))]);
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    expect(known.table.find(77)).toBe('the schema registry has no schema with id 77');
  });

  it('is handed out with an id that the registry refuses, as it would refuse it again', async () => {
    const { reader } = await reading([batch('t', withId(1))]);
    registry.trouble = new InvalidSchemaError('it imports itself');
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    expect(known.table.find(1)).toBe('the schema with id 1 cannot be had: it imports itself');
  });

  it('is not looked into where its format has no ids', async () => {
    const { reader } = await reading([batch('other', withId(1))]);
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    const values = await reading([batch('t', withId(1))], { key: true, value: false });
    expect(await values.reader.poll(WAIT_MS)).toHaveLength(1);
    expect(registry.asked).toEqual([]);
  });

  it('is handed out where it bears no id at all', async () => {
    const { reader } = await reading([batch('t', null, Buffer.alloc(0), Buffer.alloc(3), Buffer.from('{"A":1}'))]);
    expect(await reader.poll(WAIT_MS)).toHaveLength(1);
    expect(registry.asked).toEqual([]);
  });

  it('waits while the registry is away, says so, and loses nothing', async () => {
    const { reader, waits } = await reading([batch('t', withId(1)), batch('t', withId(2))]);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    expect(await polled(reader)).toEqual([]);
    expect(await polled(reader)).toEqual([]);
    expect(waits.at(-1)).toEqual([1]);
    expect(known.waitFor(1)).toMatchObject({ schemaId: 1, reason: 'the registry is away', sinceMs: 0 });
    registry.trouble = undefined;
    const [part] = await polled(reader, 60_000);
    expect([...(part?.records ?? [])].map(({ value }) => value)).toEqual([withId(1)]);
    expect(waits.at(-1)).toEqual([]);
    expect(known.waitFor(1)).toBeUndefined();
    expect(await polled(reader)).toHaveLength(1);
  });

  it('asks with pauses that grow', async () => {
    const { reader } = await reading([batch('t', withId(1))]);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    expect(await polled(reader, 60_000)).toEqual([]);
    expect(registry.asked.length).toBeGreaterThan(6);
    expect(registry.asked.length).toBeLessThan(14);
  });

  it('is asked about a few ids at a time, however many it names, and each of these is waited for once; of what is no id nobody is asked', async () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => i + 10);
    let atOnce = 0;
    let atOnceMax = 0;
    let asked = 0;
    const slow = new KnownSchemas(
      {
        byId: async () => {
          asked++;
          atOnceMax = Math.max(atOnceMax, ++atOnce);
          await sleep(scheduler, 1_000);
          atOnce--;
          throw new SchemaNotFoundError('no such id');
        },
      },
      scheduler,
      scheduler,
    );
    const looks = jest.spyOn(slow, 'look');
    const { reader } = await reading(
      [batch('t', ...ids.map(withId), withId(-5)), batch('t', withId(5_000))],
      undefined,
      slow,
    );
    let polls = 0;
    const read = async (): Promise<readonly FetchedPartition[]> => {
      while (++polls < 1_000) {
        const parts = await reader.poll(WAIT_MS);
        if (parts.length > 0) return parts;
      }
      return [];
    };
    expect(await scheduler.run(read())).toHaveLength(1);
    expect(polls).toBeGreaterThan(100);
    expect(looks).toHaveBeenCalledTimes(ids.length + 1);
    expect(asked).toBe(ids.length);
    expect(atOnceMax).toBe(16);
    expect(slow.table.find(-5)).toBe('the schema registry has no schema with id -5');
    expect(await scheduler.run(read())).toHaveLength(1);
  });

  it('lets its owner go at once', async () => {
    const { reader } = await reading([batch('t', withId(1))]);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    const poll = reader.poll(WAIT_MS);
    await Promise.resolve();
    await Promise.resolve();
    reader.interrupt();
    expect(await poll).toEqual([]);
  });

  it('lets its owner go that was interrupted while the batch came', async () => {
    registry.trouble = new RegistryUnreachableError('the registry is away');
    const fetched = Promise.withResolvers<readonly FetchedPartition[]>();
    const source: BrokerReader = {
      poll: () => fetched.promise,
      interrupt: () => fetched.resolve([batch('t', withId(1))]),
      moveTo: () => undefined,
      close: () => Promise.resolve(),
    };
    const way = admitting(
      { openReader: () => Promise.resolve(source) },
      new Map([['t', { key: false, value: true }]]),
      known,
      undefined,
      scheduler,
    );
    const reader = await way.openReader([]);
    const poll = reader.poll(WAIT_MS);
    reader.interrupt();
    const startedMs = scheduler.nowMs();
    expect(await scheduler.run(poll)).toEqual([]);
    expect(scheduler.nowMs() - startedMs).toBe(0);
  });

  it('keeps nobody busy once nothing is asked any more', async () => {
    const { reader } = await reading([batch('t', withId(1))]);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    expect(await polled(reader)).toEqual([]);
    known.close();
    for (let poll = 0; poll < 3; poll++) {
      const startedMs = scheduler.nowMs();
      expect(await polled(reader)).toEqual([]);
      expect(scheduler.nowMs() - startedMs).toBe(WAIT_MS);
    }
  });

  it('is dropped where its owner goes on elsewhere', async () => {
    const { reader, moves } = await reading([batch('t', withId(1))]);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    expect(await polled(reader)).toEqual([]);
    reader.moveTo({ topic: 't', partition: 0, offset: 5 });
    expect(moves).toEqual([{ topic: 't', partition: 0, offset: 5 }]);
    registry.trouble = undefined;
    expect(await polled(reader)).toEqual([]);
    expect(registry.asked.filter((asked) => asked === 'byId 1').length).toBeGreaterThan(0);
  });
});

/** Time passes until the poll is over. */
const polled = (reader: BrokerReader, waitMs = WAIT_MS): Promise<readonly FetchedPartition[]> =>
  scheduler.run(reader.poll(waitMs));
