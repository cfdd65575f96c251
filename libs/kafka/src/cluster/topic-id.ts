import type { KafkaJsBroker } from './kafkajs-cluster.js';

const metadataKey = 3;
const metadataVersion = 12;
const unknownTopic = 3;

/**
 * The id of a topic, which tells it from one of the same name that was deleted before: 32 hexadecimal digits, undefined when there is
 * no such topic. kafkajs speaks older versions of the protocol only, where topics have no ids.
 */
export async function topicId(broker: KafkaJsBroker, topic: string): Promise<string | undefined> {
  const { id } = await broker.connectionPool.send({
    request: {
      apiKey: metadataKey,
      apiVersion: metadataVersion,
      apiName: 'Metadata',
      encode: async () => {
        const buf = encodeRequest(topic);
        return { buf, buffer: buf };
      },
    },
    response: { decode: async (bytes) => ({ id: decodeAnswer(bytes) }), parse: async (answer) => answer },
  });
  return id;
}

/**
 * ```
 * header tags | topics: n + 1, then each: id (16 bytes, zero: by name), name, tags
 * | may create it (0) | with what the client may do (0) | tags
 * ```
 */
function encodeRequest(topic: string): Buffer {
  const name = Buffer.from(topic);
  return Buffer.concat([
    Buffer.from([0, 2]),
    Buffer.alloc(16),
    unsignedVarint(name.length + 1),
    name,
    Buffer.from([0, 0, 0, 0]),
  ]);
}

/**
 * ```
 * header tags | throttle ms: int32 | brokers: each node int32, host, port int32, rack, tags | cluster id | controller: int32
 * | topics: n + 1, then of the first: error int16, name, id (16 bytes)
 * ```
 */
function decodeAnswer(bytes: Buffer): string | undefined {
  let at = 5;
  const varint = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skipText = (): void => {
    const bytesOfIt = Math.max(varint() - 1, 0);
    at += bytesOfIt;
  };
  const skipTags = (): void => {
    for (let left = varint(); left > 0; left -= 1) {
      varint();
      const bytesOfIt = varint();
      at += bytesOfIt;
    }
  };
  for (let left = varint() - 1; left > 0; left -= 1) {
    at += 4;
    skipText();
    at += 4;
    skipText();
    skipTags();
  }
  skipText();
  at += 4;
  if (varint() < 2) return undefined;
  const error = bytes.readInt16BE(at);
  if (error === unknownTopic) return undefined;
  if (error !== 0) throw new Error(`Kafka answers with error ${error} when it is asked for the topic`);
  at += 2;
  skipText();
  return bytes.subarray(at, at + 16).toString('hex');
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
