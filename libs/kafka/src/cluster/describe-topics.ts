import { CompactReader } from './compact-reader.js';
import type { KafkaJsBroker } from './kafkajs-cluster.js';

/** A topic as a broker describes it. */
export interface ClusterTopic {
  /** Tells it from one of the same name that was deleted before: 32 hexadecimal digits. */
  readonly id: string;
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
}

/** By name, those that exist. */
export type ClusterTopics = ReadonlyMap<string, ClusterTopic>;

const metadataKey = 3;
const metadataVersion = 12;
const unknownTopic = 3;

/**
 * What a broker knows of topics, by one request. kafkajs speaks older versions of the protocol only, where topics have no ids.
 *
 * @param names all topics when absent
 * @throws when the broker cannot tell of one of them for another reason than that it is not there
 */
export async function describeTopics(broker: KafkaJsBroker, names?: readonly string[]): Promise<ClusterTopics> {
  if (names?.length === 0) return new Map();
  const { topics } = await broker.connectionPool.send({
    request: {
      apiKey: metadataKey,
      apiVersion: metadataVersion,
      apiName: 'Metadata',
      encode: async () => {
        const buf = encodeRequest(names);
        return { buf, buffer: buf };
      },
    },
    response: { decode: async (bytes) => ({ topics: decodeAnswer(bytes) }), parse: async (answer) => answer },
  });
  return topics;
}

/**
 * ```
 * header tags | topics: n + 1, 0 for all; each: id (16 bytes, zero: by name), name, tags
 * | may create it (0) | with what the client may do (0) | tags
 * ```
 */
function encodeRequest(names: readonly string[] | undefined): Buffer {
  const wanted = (names ?? []).flatMap((text) => {
    const name = Buffer.from(text);
    return [Buffer.alloc(16), unsignedVarint(name.length + 1), name, Buffer.from([0])];
  });
  const count = names === undefined ? 0 : names.length + 1;
  return Buffer.concat([Buffer.from([0]), unsignedVarint(count), ...wanted, Buffer.from([0, 0, 0])]);
}

/**
 * ```
 * header tags | throttle ms: int32 | brokers: each node int32, host, port int32, rack, tags | cluster id | controller: int32
 * | topics: each error int16, name, id, is internal, partitions, operations int32, tags
 * partition: error int16, index int32, leader int32, epoch int32, replicas, in sync, offline (int32 each), tags
 * ```
 */
function decodeAnswer(bytes: Buffer): ClusterTopics {
  const reader = new CompactReader(bytes);
  const skipNodes = (): void => void reader.array(() => reader.int32());
  reader.skipTags();
  reader.int32();
  reader.array(() => {
    reader.int32();
    reader.string();
    reader.int32();
    reader.string();
    reader.skipTags();
  });
  reader.string();
  reader.int32();
  const topics = reader.array(() => {
    const error = reader.int16();
    const name = reader.string();
    const id = reader.uuid();
    reader.boolean();
    const partitions = reader.array(() => {
      reader.int16();
      const partition = reader.int32();
      const leader = reader.int32();
      reader.int32();
      skipNodes();
      skipNodes();
      skipNodes();
      reader.skipTags();
      return { partition, leader };
    });
    reader.int32();
    reader.skipTags();
    return { error, name, id, partitions };
  });
  const existing = topics.filter(({ error }) => error !== unknownTopic);
  for (const { error, name } of existing)
    if (error !== 0) throw new Error(`Kafka answers with error ${error} when it is asked for the topic ${name}`);
  return new Map(existing.map(({ name, id, partitions }) => [name, { id, partitions }]));
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
