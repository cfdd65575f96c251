import { askBroker } from './kafka-request.js';

/**
 * Asks a broker for its cluster's metadata (Metadata request, version 4, no topics): the earliest sign that clients can work.
 * @returns the number of brokers that the answer names
 */
export async function countBrokers(host: string, port: number, timeoutMs = 1500): Promise<number> {
  // No topics; the last byte, 0, forbids creating any.
  const request = { apiKey: 3, version: 4, isFlexible: false, body: Buffer.from([0, 0, 0, 0, 0]) };
  const answer = await askBroker(host, port, request, timeoutMs);
  // throttle time, then the array of brokers
  return answer.readInt32BE(4);
}
