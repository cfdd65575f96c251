import { createConnection } from 'node:net';

/**
 * Asks a broker for its cluster's metadata (Metadata request, version 4, no topics): the earliest sign that clients can work.
 * Written by hand because a client library retries, logs and takes longer to load than the broker to answer.
 * @returns the number of brokers that the answer names
 */
export function countBrokers(host: string, port: number, timeoutMs = 1500): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    const chunks: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      socket.destroy();
      // length, correlation id, throttle time, then the array of brokers
      resolve(answer.readInt32BE(12));
    });
    socket.once('close', () => reject(new Error('connection closed')));
  });
}

function metadataRequest(): Buffer {
  const clientId = Buffer.from('isobar-probe');
  const body = Buffer.alloc(10 + clientId.length + 5);
  body.writeInt16BE(3, 0); // API key: Metadata
  body.writeInt16BE(4, 2); // version
  body.writeInt32BE(1, 4); // correlation id
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  body.writeInt32BE(0, 10 + clientId.length); // no topics; the last byte, 0, forbids creating any
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}
