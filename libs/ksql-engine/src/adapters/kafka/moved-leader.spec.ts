import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Writer } from '@platformatic/kafka';
import { RecordColumns } from '../../ports/record-columns.js';
import { FakeNode, metadataAnswer, type FakeRequest } from '../../testing/fake-node.js';
import { Cluster } from './cluster.js';
import { KafkaTransactionalWriter } from './kafka-writer.js';
import { Partitioner } from './partitioner.js';
import { PlainWriter } from './plain-writer.js';

/** Requests by their numbers. */
const [PRODUCE, METADATA, FIND_COORDINATOR, INIT_PRODUCER, END_TRANSACTION, DESCRIBE_CONFIGS] = [0, 3, 10, 22, 26, 32];
const NOT_LEADER_OR_FOLLOWER = 6;
const PARTITIONS = 4;

/** Produce requests that each node took, and refused because another leads the partition. */
let taken: number[];
let refused: number[];
let leaders: readonly number[];
let nodes: readonly FakeNode[];
let cluster: Cluster;

beforeEach(async () => {
  [taken, refused, leaders] = [[0, 0], [0, 0], new Array<number>(PARTITIONS).fill(0)];
  nodes = [0, 1].map((id) => new FakeNode((request) => answer(id, request)));
  cluster = new Cluster({ bootstrap: await Promise.all(nodes.map((node) => node.listen())), clientId: 'spec' });
});
afterEach(async () => {
  await cluster.close();
  for (const node of nodes) node.close();
});

function answer(node: number, { apiKey, body }: FakeRequest): Buffer | undefined {
  switch (apiKey) {
    case METADATA:
      return metadataAnswer(nodes, 't', '00000000-0000-4000-8000-000000000001', leaders);
    case DESCRIBE_CONFIGS:
      return Writer.create()
        .appendInt32(0)
        .appendArray<number>([], () => undefined)
        .appendTaggedFields().buffer;
    case INIT_PRODUCER:
    case END_TRANSACTION:
      return Writer.create().appendInt32(0).appendInt16(0).appendInt64(7n).appendInt16(0).appendTaggedFields().buffer;
    case FIND_COORDINATOR:
      return Writer.create()
        .appendInt32(0)
        .appendArray(['id'], (writer, key) =>
          writer
            .appendString(key)
            .appendInt32(0)
            .appendString('127.0.0.1')
            .appendInt32(nodes[0]?.port ?? 0)
            .appendInt16(0)
            .appendString(null),
        )
        .appendTaggedFields().buffer;
    case PRODUCE:
      return produced(node, body);
    default:
      throw new Error(`request ${apiKey} is not expected`);
  }
}

/** Partitions stand behind the transactional id, the acknowledgements, the time limit, one topic of one letter and their count. */
function produced(node: number, body: Buffer): Buffer {
  let at = Math.max(1, body[0] ?? 0) + 6 + 1 + 2;
  const count = (body[at++] ?? 1) - 1;
  const partitions: number[] = [];
  while (partitions.length < count) {
    partitions.push(body.readInt32BE(at));
    at += 4;
    let bytes = 0;
    for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
      byte = body[at++] ?? 0;
      bytes |= (byte & 0x7f) << shift;
    }
    at += bytes - 1 + 1;
  }
  return Writer.create()
    .appendArray(['t'], (writer, topic) =>
      writer.appendString(topic).appendArray(partitions, (inner, partition) => {
        const leads = leaders[partition] === node;
        const counts = leads ? taken : refused;
        counts[node] = (counts[node] ?? 0) + 1;
        inner
          .appendInt32(partition)
          .appendInt16(leads ? 0 : NOT_LEADER_OR_FOLLOWER)
          .appendInt64(0n)
          .appendInt64(-1n)
          .appendInt64(0n)
          .appendArray<number>([], () => undefined)
          .appendString(null);
      }),
    )
    .appendInt32(0)
    .appendTaggedFields().buffer;
}

const records = Array.from({ length: PARTITIONS }, (_, partition) => {
  return { topic: 't', partition, key: null, value: Buffer.from('v'), timestamp: 1, headers: [] };
});

it('a record outside transactions goes to the new leader, the others where they went, within one write', async () => {
  const writer = new PlainWriter(cluster, new Partitioner(cluster));
  await writer.write(records);
  leaders = [0, 1, 1, 0];
  await writer.write(records);
  expect({ taken, refused }).toEqual({ taken: [6, 2], refused: [2, 0] });
  await writer.write(records);
  expect({ taken, refused }).toEqual({ taken: [8, 4], refused: [2, 0] });
});

it('so does what is written in a transaction', async () => {
  const writer = await KafkaTransactionalWriter.open(cluster, new Partitioner(cluster), 'id', async () =>
    Promise.resolve(true),
  );
  const batch = [...records, { topic: 't', records: RecordColumns.of([]) }];
  await writer.commit(batch, []);
  leaders = [0, 1, 1, 0];
  await writer.commit(batch, []);
  expect({ taken, refused }).toEqual({ taken: [6, 2], refused: [2, 0] });
});
