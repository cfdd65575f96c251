import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { protocolErrorsCodesById, Writer } from '@platformatic/kafka';
import {
  BrokerRefusedError,
  BrokerUnavailableError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  type FetchedPartition,
} from '../../ports/broker.js';
import { FakeNode, metadataAnswer, type FakeRequest } from '../../testing/fake-node.js';
import { Cluster } from './cluster.js';
import { KafkaReader } from './kafka-reader.js';
import { RecordBatchWriter } from './record-batch-writer.js';

const METADATA = 3;
const TOPIC_ID = '00000000-0000-4000-8000-000000000001';
/** A number of fetches that no pause between them allows in three seconds: 10, 20, 40, … 640 ms, then a second each. */
const TOO_MANY = 15;

const codeOf = (name: string): number =>
  Number(Object.entries(protocolErrorsCodesById).find(([, other]) => other === name)?.[0]);

/** What a fetch asked of a partition, and what is answered. */
type Serve = (
  partition: number,
  offset: number,
) => { readonly error?: string; readonly bytes?: Buffer; readonly stableOffset?: bigint };

/** Nodes that serve partitions of the topic `t`, and tell who leads which. */
class FakeCluster {
  readonly nodes: FakeNode[] = [];
  leaders: readonly number[] = [0];
  fetches = 0;
  /** How long the last fetch was to wait, ms. */
  waitMs = -1;
  /** Nodes that a fetch has come to. */
  readonly asked = new Set<number>();
  /** Holds answers of a node back. */
  readonly held = new Map<number, Promise<unknown>>();
  #cluster: Cluster | undefined;

  constructor(public serve: Serve) {}

  async open(leaders: readonly number[] = [0]): Promise<KafkaReader> {
    this.leaders = leaders;
    const addresses: string[] = [];
    for (let id = 0; id <= Math.max(...leaders); id++) {
      const node = new FakeNode((request) => this.#answer(id, request));
      this.nodes.push(node);
      addresses.push(await node.listen());
    }
    this.#cluster = new Cluster({ bootstrap: addresses, clientId: 'spec' });
    return KafkaReader.open(
      this.#cluster,
      leaders.map((_, partition) => ({ topic: 't', partition, offset: 0 })),
    );
  }

  async close(): Promise<void> {
    await this.#cluster?.close();
    for (const node of this.nodes) node.close();
  }

  #answer(node: number, { apiKey, body }: FakeRequest): Buffer | undefined | Promise<Buffer | undefined> {
    if (apiKey === METADATA) return metadataAnswer(this.nodes, 't', TOPIC_ID, this.leaders);
    this.fetches++;
    this.waitMs = body.readInt32BE(4);
    this.asked.add(node);
    const answer = this.#fetched(node, body);
    const held = this.held.get(node);
    return held === undefined ? answer : held.then(() => answer);
  }

  /** A request for one topic: 25 bytes, the count and id of the topic, then partitions of 33 bytes each. */
  #fetched(node: number, body: Buffer): Buffer {
    const asked = Array.from({ length: (body[42] ?? 1) - 1 }, (_, i) => {
      const at = 43 + i * 33;
      return { partition: body.readInt32BE(at), offset: Number(body.readBigInt64BE(at + 8)) };
    });
    return Writer.create()
      .appendInt32(0)
      .appendInt16(0)
      .appendInt32(0)
      .appendArray([TOPIC_ID], (writer, id) =>
        writer.appendUUID(id).appendArray(asked, (inner, { partition, offset }) => {
          const leads = this.leaders[partition] === node;
          const {
            error = 'NONE',
            bytes = Buffer.alloc(0),
            stableOffset = 100n,
          } = leads ? this.serve(partition, offset) : { error: 'NOT_LEADER_OR_FOLLOWER' };
          inner
            .appendInt32(partition)
            .appendInt16(codeOf(error))
            .appendInt64(100n)
            .appendInt64(stableOffset)
            .appendInt64(0n)
            .appendArray<number>([], () => undefined)
            .appendInt32(-1)
            .appendUnsignedVarInt(bytes.length + 1)
            .append(bytes);
        }),
      )
      .appendTaggedFields().buffer;
  }
}

function batch(firstOffset: number, ...values: readonly string[]): Buffer {
  const writer = new RecordBatchWriter();
  for (const value of values) writer.append(1, null, Buffer.from(value), []);
  const bytes = writer.finish(undefined);
  bytes.writeBigInt64BE(BigInt(firstOffset), 0);
  return bytes;
}

/** One batch, whatever is asked for. */
const spoilt = (firstOffset: number, ...values: readonly string[]): Buffer =>
  batch(firstOffset, ...values).fill(0xff, 64, 65);

const valuesOf = (parts: readonly FetchedPartition[]): readonly string[] =>
  parts.flatMap(({ records }) => Array.from(records, ({ value }) => Buffer.from(value ?? []).toString()));

let clusters: FakeCluster[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(clusters.map((cluster) => cluster.close()));
  clusters = [];
});

function fake(serve: Serve): FakeCluster {
  const cluster = new FakeCluster(serve);
  clusters.push(cluster);
  return cluster;
}

/** Polls until something comes. */
async function next(reader: KafkaReader): Promise<readonly string[]> {
  for (;;) {
    const values = valuesOf(await reader.poll(1_000));
    if (values.length > 0) return values;
  }
}

const caught = async (work: () => Promise<unknown>): Promise<unknown> => {
  for (;;) {
    try {
      await work();
    } catch (error) {
      return error;
    }
  }
};

describe('an error of a fetch', () => {
  it('that may pass is tried again with growing pauses, and reading goes on where it was', async () => {
    const names = [
      'NOT_LEADER_OR_FOLLOWER',
      'LEADER_NOT_AVAILABLE',
      'FENCED_LEADER_EPOCH',
      'UNKNOWN_LEADER_EPOCH',
      'KAFKA_STORAGE_ERROR',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_ID',
      'INCONSISTENT_TOPIC_ID',
      'OFFSET_NOT_AVAILABLE',
      'REPLICA_NOT_AVAILABLE',
      'UNKNOWN_SERVER_ERROR',
    ];
    const counts = await Promise.all(
      names.map(async (name) => {
        const cluster = fake(() => ({ error: name }));
        const reader = await cluster.open();
        for (const startedMs = performance.now(); performance.now() - startedMs < 3_000;) {
          expect(valuesOf(await reader.poll(1_000))).toEqual([]);
        }
        const { fetches } = cluster;
        cluster.serve = (_, offset) => (offset === 0 ? { bytes: batch(0, 'a') } : {});
        expect(await next(reader)).toEqual(['a']);
        return [name, fetches] as const;
      }),
    );
    expect(counts.filter(([, fetches]) => fetches < 2 || fetches > TOO_MANY)).toEqual([]);
  }, 30_000);

  it('of the connection is tried again with growing pauses, too', async () => {
    const cluster = fake(() => {
      for (const socket of cluster.nodes[0]?.sockets ?? []) socket.destroy();
      return {};
    });
    const reader = await cluster.open();
    for (const startedMs = performance.now(); performance.now() - startedMs < 3_000;) await reader.poll(1_000);
    expect(cluster.fetches).toBeLessThanOrEqual(TOO_MANY);
    cluster.serve = (_, offset) => (offset === 0 ? { bytes: batch(0, 'a') } : {});
    expect(await next(reader)).toEqual(['a']);
  }, 30_000);

  it('that lasts for half a minute is told, with its place and name', async () => {
    const cluster = fake(() => ({ error: 'NOT_LEADER_OR_FOLLOWER' }));
    const reader = await cluster.open();
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
    const error = await caught(() => {
      aheadMs += 5_000;
      return reader.poll(1_000);
    });
    expect(error).toBeInstanceOf(BrokerUnavailableError);
    expect(String(error)).toMatch(/t-0 could not be read for \d\d s: NOT_LEADER_OR_FOLLOWER/);
  });

  it.each([
    ['OFFSET_OUT_OF_RANGE', OffsetOutOfRangeError, /offset 0 of t-0 is out of range/],
    ['TOPIC_AUTHORIZATION_FAILED', BrokerRefusedError, /^BrokerRefusedError: read t-0: TOPIC_AUTHORIZATION_FAILED/],
    ['CORRUPT_MESSAGE', CorruptRecordsError, /t-0 cannot be read from offset 0 on: CORRUPT_MESSAGE: .*checksum/],
  ])('that never passes is told at once: %s', async (name, kind, text) => {
    const cluster = fake(() => ({ error: name }));
    const reader = await cluster.open();
    const error = await caught(() => reader.poll(1_000));
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toMatch(text);
    expect(cluster.fetches).toBe(1);
  });

  it('of one partition neither loses nor delays what its neighbours bring', async () => {
    const cluster = fake((partition, offset) => {
      if (partition === 1) return { error: 'NOT_LEADER_OR_FOLLOWER' };
      if (partition === 2) return { error: 'OFFSET_OUT_OF_RANGE' };
      return offset < 5 ? { bytes: batch(offset, String(offset)) } : {};
    });
    const reader = await cluster.open([0, 0, 0]);
    expect(await next(reader)).toEqual(['0']);
    await expect(reader.poll(1_000)).rejects.toThrow(OffsetOutOfRangeError);
    const startedMs = performance.now();
    for (const value of ['1', '2', '3', '4']) {
      let found: readonly string[] = [];
      while (found.length === 0) found = valuesOf(await reader.poll(1_000, (_, partition) => partition < 2));
      expect(found).toEqual([value]);
    }
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('a batch that cannot be read', () => {
  it('is told of with its place, one request each time that it is asked for; what lies before it comes first', async () => {
    const cluster = fake((_, offset) => {
      return { bytes: offset < 2 ? Buffer.concat([batch(0, 'a', 'b'), spoilt(2, 'c', 'd')]) : spoilt(2, 'c', 'd') };
    });
    const reader = await cluster.open();
    expect(await next(reader)).toEqual(['a', 'b']);
    for (let ask = 2; ask <= 4; ask++) {
      const error = await caught(() => reader.poll(1_000));
      expect(error).toBeInstanceOf(CorruptRecordsError);
      expect(error).toMatchObject({ topic: 't', partition: 0, offset: 2, nextOffset: 4 });
      expect(String(error)).toContain('t-0 cannot be read from offset 2 on: its checksum does not match its bytes');
      expect(cluster.fetches).toBe(ask);
    }
  });

  it('ends nowhere that is known when it says that it reaches behind what is decided', async () => {
    const cluster = fake(() => ({ bytes: spoilt(0, 'a', 'b'), stableOffset: 1n }));
    const reader = await cluster.open();
    expect(await caught(() => reader.poll(1_000))).toMatchObject({ offset: 0, nextOffset: undefined });
  });

  it('can be skipped', async () => {
    const cluster = fake((_, offset) => {
      if (offset < 2) return { bytes: spoilt(0, 'a', 'b') };
      return offset === 2 ? { bytes: batch(2, 'c') } : {};
    });
    const reader = await cluster.open();
    const error = await caught(() => reader.poll(1_000));
    const { topic, partition, nextOffset } = error as CorruptRecordsError;
    reader.moveTo({ topic, partition, offset: nextOffset as number });
    expect(await next(reader)).toEqual(['c']);
  });

  it('does not lose what other partitions bring with it', async () => {
    const cluster = fake((partition, offset) => {
      if (partition === 0) return { bytes: spoilt(0, 'a') };
      return offset === 0 ? { bytes: batch(0, 'b') } : {};
    });
    const reader = await cluster.open([0, 0]);
    expect(await next(reader)).toEqual(['b']);
    await expect(caught(() => reader.poll(1_000))).resolves.toBeInstanceOf(CorruptRecordsError);
  });
});

it('partitions that were served have their turn after the others, so that none starves', async () => {
  let [request, left] = [0, 0];
  // A node fills an answer in the order of the request, and four partitions fill it.
  const cluster = fake((_, offset) => {
    if (cluster.fetches !== request) [request, left] = [cluster.fetches, 4];
    return left-- > 0 ? { bytes: batch(offset, 'x') } : {};
  });
  const reader = await cluster.open([0, 0, 0, 0, 0, 0]);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 3; i++)
    for (const { partition, records } of await reader.poll(1_000))
      counts[partition] = (counts[partition] ?? 0) + records.length;
  expect(counts).toEqual([2, 2, 2, 2, 2, 2]);
});

describe('several leaders', () => {
  it('a request that leaves partitions out is soon over, so that they are asked for once they are wanted', async () => {
    const cluster = fake(() => ({}));
    const reader = await cluster.open([0, 0]);
    await reader.poll(4_000);
    expect(cluster.waitMs).toBe(4_000);
    await reader.poll(4_000, (_, partition) => partition === 0);
    expect(cluster.waitMs).toBeLessThanOrEqual(200);
    await reader.poll(10, (_, partition) => partition === 0);
    expect(cluster.waitMs).toBe(10);
  });

  it('what fails is told once, behind all that came with it, also when nobody was asking', async () => {
    const cluster = fake((partition, offset) => {
      if (partition === 2) return { error: 'OFFSET_OUT_OF_RANGE' };
      return offset === 0 ? { bytes: batch(0, `of ${partition}`) } : {};
    });
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    cluster.held.set(0, first.promise).set(1, second.promise);
    const reader = await cluster.open([0, 1, 1]);
    const interrupted = reader.poll(1_000);
    reader.interrupt();
    expect(await interrupted).toEqual([]);
    second.resolve();
    // Long enough for the answer to come, or it comes with the poll.
    await delay(100);
    expect(await next(reader)).toEqual(['of 1']);
    await expect(reader.poll(1_000)).rejects.toThrow(OffsetOutOfRangeError);
    expect(cluster.fetches).toBe(2);
    first.resolve();
    expect(await next(reader)).toEqual(['of 0']);
  });

  it('none waits for another', async () => {
    const cluster = fake((partition, offset) => (offset === 0 ? { bytes: batch(0, `of ${partition}`) } : {}));
    const release = Promise.withResolvers<void>();
    cluster.held.set(1, release.promise);
    const reader = await cluster.open([0, 1]);
    expect(await next(reader)).toEqual(['of 0']);
    release.resolve();
    expect(await next(reader)).toEqual(['of 1']);
  });

  it('nothing comes twice when one moves while it is asked', async () => {
    let isMoved = false;
    const cluster = fake((partition, offset) => {
      if (partition === 2 && !isMoved) return { error: 'NOT_LEADER_OR_FOLLOWER' };
      return offset === 0 ? { bytes: batch(0, `of ${partition}`) } : {};
    });
    const release = Promise.withResolvers<void>();
    cluster.held.set(1, release.promise);
    const reader = await cluster.open([0, 1, 0]);
    expect(await next(reader)).toEqual(['of 0']);
    while (!cluster.asked.has(1)) await reader.poll(10);
    // Its old leader has read it already, and the new one would give the same.
    cluster.leaders = [0, 0, 0];
    isMoved = true;
    expect(await next(reader)).toEqual(['of 2']);
    for (let i = 0; i < 3; i++) expect(valuesOf(await reader.poll(20))).toEqual([]);
    release.resolve();
    expect(await next(reader)).toEqual(['of 1']);
    for (let i = 0; i < 3; i++) expect(valuesOf(await reader.poll(20))).toEqual([]);
  });
});
