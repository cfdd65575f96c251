import { createConnection } from 'node:net';

/** One request to a broker, by hand: a client library retries, logs and takes longer to load than the broker to answer. */
export interface KafkaRequest {
  readonly apiKey: number;
  readonly version: number;
  /** Whether the version has tagged fields and compact lengths. */
  readonly isFlexible: boolean;
  readonly body: Buffer;
}

const correlationId = 1;
const clientId = 'isobar-probe';

/** @returns the answer behind its header @throws when there is none in time */
export function askBroker(host: string, port: number, request: KafkaRequest, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    const chunks: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('connect', () => socket.write(framed(request)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      socket.destroy();
      // length, correlation id, and in flexible versions a count of tagged fields
      resolve(answer.subarray(request.isFlexible ? 9 : 8));
    });
    socket.once('close', () => reject(new Error('connection closed')));
  });
}

/** length, API key, version, correlation id, client id, in flexible versions a count of tagged fields, body */
function framed({ apiKey, version, isFlexible, body }: KafkaRequest): Buffer {
  const header = Buffer.alloc(14);
  header.writeInt16BE(apiKey, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(correlationId, 8);
  header.writeInt16BE(clientId.length, 12);
  const frame = Buffer.concat([header, Buffer.from(clientId), Buffer.alloc(isFlexible ? 1 : 0), body]);
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}
