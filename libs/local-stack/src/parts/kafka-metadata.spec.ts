import { describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { countBrokers } from './kafka-metadata.js';

async function serverAnswering(
  answer: (request: Buffer) => Buffer | undefined,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('data', (request) => {
      const bytes = answer(Buffer.from(request));
      if (bytes !== undefined) socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

describe('countBrokers', () => {
  it('sends a metadata request that creates no topic, and reads the number of brokers', async () => {
    let seen: Buffer | undefined;
    const { server, port } = await serverAnswering((request) => {
      seen = request;
      const answer = Buffer.alloc(20);
      answer.writeInt32BE(16, 0);
      answer.writeInt32BE(1, 4);
      answer.writeInt32BE(3, 12);
      return answer;
    });
    expect(await countBrokers('127.0.0.1', port)).toBe(3);
    expect(seen?.readInt32BE(0)).toBe((seen?.length ?? 0) - 4);
    expect(seen?.readInt16BE(4)).toBe(3);
    expect(seen?.at(-1)).toBe(0);
    server.close();
  });

  it('rejects when nobody listens or nobody answers', async () => {
    const { server, port } = await serverAnswering(() => undefined);
    await expect(countBrokers('127.0.0.1', port, 100)).rejects.toThrow('no answer');
    server.close();
    await expect(countBrokers('127.0.0.1', port, 100)).rejects.toThrow(/ECONNREFUSED|closed/);
  });
});
