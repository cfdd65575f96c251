import { describe, expect, it } from '@jest/globals';
import { DeadLetterHeaders, type DeadLetterFacts } from './dead-letter.js';

const FACTS: DeadLetterFacts = {
  topic: 'readings',
  partition: 3,
  offset: 41,
  timestampMs: 1_760_000_000_000,
  service: 'ksql-server Q',
  reason: 'bad',
  atMs: 1_760_000_000_007,
};

/** Name and value of an encoded header, by Kafka's rules: each behind its length, a zigzag varint. */
function decoded(bytes: Buffer): readonly [string, string] {
  let at = 0;
  const part = (): string => {
    let zigzag = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      zigzag += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += zigzag / 2;
    return bytes.toString('utf8', at - zigzag / 2, at);
  };
  const found = [part(), part()] as const;
  expect(at).toBe(bytes.length);
  return found;
}

describe('the headers of dead letters', () => {
  it('tell all, and most are shared with the letter before', () => {
    const headers = new DeadLetterHeaders();
    const first = headers.of(FACTS);
    expect(first.map(({ key, value }) => [key, value.toString()])).toEqual([
      ['dead-letter-topic', 'readings'],
      ['dead-letter-partition', '3'],
      ['dead-letter-offset', '41'],
      ['dead-letter-timestamp', '1760000000000'],
      ['dead-letter-service', 'ksql-server Q'],
      ['dead-letter-reason', 'bad'],
      ['dead-letter-at', '1760000000007'],
    ]);
    const second = headers.of({ ...FACTS, offset: 42, reason: 'worse' });
    expect(second.map((header, i) => header === first[i])).toEqual([true, true, false, true, true, false, true]);
  });

  it.each([
    ['short', 'bad'],
    ['longer than one byte of length says', 'ä'.repeat(50)],
    ['longer than two say', 'x'.repeat(9_000)],
  ])('are encoded as a record batch has them, with a reason that is %s', (_, reason) => {
    for (const offset of [0, 9_007_199_254_740_991, 'refused-1760000000000-123456789']) {
      const headers = new DeadLetterHeaders().of({ ...FACTS, offset, reason });
      expect(headers.map(({ encoded }) => decoded(encoded))).toEqual(
        headers.map(({ key, value }) => [key, value.toString()]),
      );
      expect(headers[2]?.value.toString()).toBe(String(offset));
    }
  });
});
