import { describe, expect, it } from '@jest/globals';
import { murmur2 as referenceHash, Reader, readRecordsBatches } from '@platformatic/kafka';
import { SeededRandom } from '../../testing/seeded-random.js';
import { murmur2 } from './murmur2.js';
import { committedRecords } from './record-batch-reader.js';
import { RecordBatchWriter } from './record-batch-writer.js';

interface Sample {
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

function randomBytes(random: SeededRandom): Buffer | null {
  if (random.below(5) === 0) return null;
  return Buffer.from(Array.from({ length: random.below(random.below(20) === 0 ? 9000 : 60) }, () => random.below(256)));
}

function randomSample(random: SeededRandom): Sample {
  return {
    timestamp: random.below(3) === 0 ? random.below(4_000_000_000_000) : 1_760_000_000_000 + random.below(1000),
    key: randomBytes(random),
    value: randomBytes(random),
    headers: Array.from({ length: random.below(3) }, (_, i) => ({ key: `h${i}é`, value: randomBytes(random) })),
  };
}

function batchOf(samples: readonly Sample[], producer?: Parameters<RecordBatchWriter['finish']>[0]): Buffer {
  const writer = new RecordBatchWriter();
  for (const { timestamp, key, value, headers } of samples) writer.append(timestamp, key, value, headers);
  return writer.finish(producer);
}

describe('a record batch', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is what the library reads, and comes back whole (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const samples = Array.from({ length: 1 + random.below(80) }, () => randomSample(random));
    const bytes = batchOf(samples, { id: 77n, epoch: 3, firstSequence: 12, isTransactional: true });
    const [batch] = readRecordsBatches(Reader.from(bytes));
    expect(batch).toMatchObject({ magic: 2, attributes: 16, producerId: 77n, producerEpoch: 3, firstSequence: 12 });
    expect(batch?.maxTimestamp).toBe(BigInt(Math.max(...samples.map(({ timestamp }) => timestamp))));
    expect(
      batch?.records.map(({ timestampDelta, key, value }) => {
        return { timestamp: Number(batch.firstTimestamp + timestampDelta), key, value };
      }),
    ).toEqual(samples.map(({ timestamp, key, value }) => ({ timestamp, key, value })));
    const { records, nextOffset } = committedRecords(bytes, [], 2, 0);
    expect(nextOffset).toBe(samples.length);
    expect(
      Array.from(records, ({ timestamp, key, value, headers, offset, partition }) => {
        return { timestamp, key, value, headers, offset, partition };
      }),
    ).toEqual(samples.map((sample, offset) => ({ ...sample, offset, partition: 2 })));
  });

  it('that is cut off is left for the next fetch', () => {
    const random = new SeededRandom(9);
    const first = batchOf([randomSample(random)]);
    const second = batchOf([randomSample(random)]);
    second.writeBigInt64BE(1n, 0);
    const bytes = Buffer.concat([first, second]).subarray(0, first.length + second.length - 1);
    expect(committedRecords(bytes, [], 0, 0)).toMatchObject({ nextOffset: 1, records: { offsets: [0] } });
  });

  it('of an aborted transaction is passed over until its marker', () => {
    const sample = { timestamp: 5, key: null, value: Buffer.from('x'), headers: [] };
    const at = (offset: bigint, bytes: Buffer): Buffer => {
      bytes.writeBigInt64BE(offset, 0);
      return bytes;
    };
    const producer = { id: 7n, epoch: 0, firstSequence: 0, isTransactional: true };
    const marker = at(1n, batchOf([{ ...sample, key: Buffer.from([0, 0, 0, 0]) }], producer));
    marker.writeInt16BE(0b110000, 21);
    const bytes = Buffer.concat([at(0n, batchOf([sample], producer)), marker, at(2n, batchOf([sample], producer))]);
    const { records, nextOffset } = committedRecords(bytes, [{ producerId: 7n, firstOffset: 0n }], 0, 0);
    expect(Array.from(records, ({ offset }) => offset)).toEqual([2]);
    expect(nextOffset).toBe(3);
  });
});

describe('murmur2', () => {
  it('picks the partitions that Kafka’s producer picks', () => {
    const random = new SeededRandom(4);
    for (let i = 0; i < 500; i++) {
      const key = randomBytes(random) ?? Buffer.alloc(0);
      expect(murmur2(key)).toBe(referenceHash(key));
    }
    // From the tests of Kafka's own client.
    expect(murmur2(Buffer.from('21'))).toBe(-973932308);
    expect(murmur2(Buffer.from('foobar'))).toBe(-790332482);
    expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536);
    expect(murmur2(Buffer.from('a-little-bit-longer-string'))).toBe(-1486304829);
    expect(murmur2(Buffer.from('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'))).toBe(-58897971);
    expect(murmur2(Buffer.from('abc'))).toBe(479470107);
  });
});
