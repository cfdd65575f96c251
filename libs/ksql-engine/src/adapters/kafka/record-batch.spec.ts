import { describe, expect, it } from '@jest/globals';
import { compressionsAlgorithms, murmur2 as referenceHash, Reader, readRecordsBatches } from '@platformatic/kafka';
import { SeededRandom } from '../../testing/seeded-random.js';
import { murmur2 } from './murmur2.js';
import { crc32c } from './protocol.js';
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

/** With the checksum of what it holds now. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** As Java's producers write snappy: blocks behind a header, not one whole. */
function inJavaBlocks(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1')];
  for (let at = 0; at < content.length; at += 500) {
    const block = compressionsAlgorithms.snappy.compressSync(content.subarray(at, at + 500));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
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

  it('has headers that come encoded as it has others', () => {
    const sample = (encoded: Uint8Array | undefined) => ({
      timestamp: 5,
      key: null,
      value: Buffer.from('v'),
      headers: [
        { key: 'why', value: Buffer.from('so'), encoded },
        { key: 'plain', value: null },
      ],
    });
    const encoded = Buffer.from([6, ...Buffer.from('why'), 4, ...Buffer.from('so')]);
    expect(batchOf([sample(encoded)])).toEqual(batchOf([sample(undefined)]));
  });

  // Made with MemoryRecords.withRecords of kafka-clients 4.3.1.
  it.each([
    [
      'gzip',
      'AAAAAAAAAAAAAABv/////wIE61GFAAEAAAACAAAAAAAAA+gAAAAAAAAD6v//////////////////AAAAAx+LCAAAAAAAAP8LY2BgYMk2cCtLzClNVTDARzGEMTAxsWQbQtUa4qOAallYWLKNoGqN8FEMAOczwr2EAAAA',
    ],
    [
      'snappy',
      'AAAAAAAAAAAAAACA/////wJxRGMWAAIAAAACAAAAAAAAA+gAAAAAAAAD6v//////////////////AAAAA4JTTkFQUFkAAAAAAQAAAAEAAAA7hAE4VgAAAARrMEZ2YWx1ZSAwbgcAHABWAAICBGsxDSwAMQksVgcAHABWAAQEBGsyDSwAMgksVgcAAAA=',
    ],
    [
      'lz4',
      'AAAAAAAAAAAAAAB//////wL5qeujAAMAAAACAAAAAAAAA+gAAAAAAAAD6v//////////////////AAAAAwQiTRhgQII/AAAA/wBWAAAABGswRnZhbHVlIDAHAAmDAFYAAgIEazEsABIxLAAPBwADgwBWAAQEBGsyLAASMiwADgcAUHVlIDIAAAAAAA==',
    ],
    [
      'zstd',
      'AAAAAAAAAAAAAABz/////wK4o3SLAAQAAAACAAAAAAAAA+gAAAAAAAAD6v//////////////////AAAAAyi1L/0AWLQBACQCVgAAAARrMEZ2YWx1ZSAwAFYAAgIEazExAFYABAQEazIyAAcAQAEY96mMgQow7lMZJ6bUAQEAAA==',
    ],
  ])('that Kafka’s Java producer compressed with %s is read', (_, bytes) => {
    const { records, corrupt } = committedRecords(Buffer.from(bytes, 'base64'), [], 0, 0);
    expect(corrupt).toBeUndefined();
    expect(Array.from(records, ({ key, timestamp }) => [Buffer.from(key ?? []).toString(), timestamp])).toEqual([
      ['k0', 1000],
      ['k1', 1001],
      ['k2', 1002],
    ]);
  });

  it('that is cut off is left for the next fetch', () => {
    const random = new SeededRandom(9);
    const first = batchOf([randomSample(random)]);
    const second = batchOf([randomSample(random)]);
    second.writeBigInt64BE(1n, 0);
    const bytes = Buffer.concat([first, second]).subarray(0, first.length + second.length - 1);
    expect(committedRecords(bytes, [], 0, 0)).toMatchObject({ nextOffset: 1, records: { offsets: [0] } });
  });

  it.each<[string, (content: Buffer) => Buffer]>([
    ['gzip', (content) => compressionsAlgorithms.gzip.compressSync(content)],
    ['snappy', (content) => compressionsAlgorithms.snappy.compressSync(content)],
    ['snappy', inJavaBlocks],
    ['lz4', (content) => compressionsAlgorithms.lz4.compressSync(content)],
    ['zstd', (content) => compressionsAlgorithms.zstd.compressSync(content)],
  ])('compressed with %s comes back whole (%#)', (codec, compressed) => {
    const samples = Array.from({ length: 30 }, (_, n) => {
      return { timestamp: n, key: null, value: Buffer.from(`value ${n}`.repeat(9)), headers: [] };
    });
    const plain = batchOf(samples);
    const content = compressed(plain.subarray(61));
    const batch = Buffer.concat([plain.subarray(0, 61), content]);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt16BE(compressionsAlgorithms[codec as 'gzip'].bitmask, 21);
    const { records, corrupt, bytes } = committedRecords(sealed(batch), [], 0, 0);
    expect(corrupt).toBeUndefined();
    expect(Array.from(records, ({ value }) => value)).toEqual(samples.map(({ value }) => value));
    expect(bytes).toBe(batch.length + plain.length - 61);
  });

  it.each<[string, RegExp, (batch: Buffer) => Buffer]>([
    ['with a changed byte', /checksum does not match/, (batch) => batch.fill(0xff, 70, 71)],
    ['cut off', /cut off after 65 bytes/, (batch) => batch.subarray(0, 65)],
    ['with too small a length', /60 bytes, less than a header/, (batch) => batch.fill(batch.writeInt32BE(48, 8), 0, 0)],
    ['of an old format', /unknown format 1/, (batch) => batch.fill(1, 16, 17)],
    ['of an unknown codec', /unknown compression 6/, (batch) => sealed(batch.fill(6, 22, 23))],
    ...[1, 2, 3, 4].map((codec): [string, RegExp, (batch: Buffer) => Buffer] => [
      `not compressed as codec ${codec} would`,
      new RegExp(`cannot be decompressed \\(codec ${codec}\\)`),
      (batch) => sealed(batch.fill(codec, 22, 23)),
    ]),
    [
      'with a snappy block beyond its end',
      /a block goes beyond the batch/,
      (batch) => {
        const blocks = inJavaBlocks(Buffer.alloc(1));
        blocks.writeInt32BE(-4, 16);
        const spoilt = Buffer.concat([batch.subarray(0, 61), blocks]);
        spoilt.writeInt32BE(spoilt.length - 12, 8);
        return sealed(spoilt.fill(2, 22, 23));
      },
    ],
    [
      'with more records than bytes',
      /record 4 of 99 of its batch goes beyond/,
      (batch) => {
        batch.writeInt32BE(99, 57);
        return sealed(batch);
      },
    ],
    [
      'with a value beyond its end',
      /record 1 of 3 of its batch goes beyond/,
      (batch) => {
        // Behind the key of one byte: the length of the value, now of two bytes.
        batch.fill(0xfe, 67, 68);
        return sealed(batch);
      },
    ],
    ['with no end of headers', /of 3 of its batch goes beyond/, (batch) => sealed(batch.fill(0xfe, 69))],
  ])('%s is told of with its place, and what lies before it is read', (_, reason, spoil) => {
    const batch = (firstOffset: number): Buffer => {
      const bytes = batchOf(
        ['x', 'y', 'z'].map((text) => {
          return { timestamp: 5, key: Buffer.from('k'), value: Buffer.from(text), headers: [] };
        }),
      );
      bytes.writeBigInt64BE(BigInt(firstOffset), 0);
      return bytes;
    };
    const { corrupt, records, nextOffset } = committedRecords(Buffer.concat([batch(7), spoil(batch(10))]), [], 0, 8);
    expect(Array.from(records, ({ offset }) => offset)).toEqual([8, 9]);
    expect(nextOffset).toBe(10);
    // What is cut off behind another may come whole with the next fetch.
    const alone = committedRecords(spoil(batch(10)), [], 0, 11);
    expect(alone).toMatchObject({ nextOffset: 11, corrupt: { offset: 11 } });
    expect(alone.corrupt?.reason).toMatch(reason);
    expect(alone.records.length).toBe(0);
    if (!/cut off/.test(String(reason))) expect(corrupt?.reason).toMatch(reason);
  });

  it('of a topic with LogAppendTime has the time of its append, whatever its producer wrote', () => {
    const batch = batchOf(
      [100, 300, 200].map((timestamp) => ({ timestamp, key: null, value: Buffer.from('x'), headers: [] })),
    );
    const timesOf = (bytes: Buffer) =>
      Array.from(committedRecords(bytes, [], 0, 0).records, ({ timestamp }) => timestamp);
    batch.writeBigInt64BE(5_000n, 35);
    expect(timesOf(sealed(batch))).toEqual([100, 300, 200]);
    batch.writeInt16BE(1 << 3, 21);
    expect(timesOf(sealed(batch))).toEqual([5_000, 5_000, 5_000]);
  });

  describe('whose header lies about its end', () => {
    const batch = (firstOffset: number): Buffer => {
      const samples = ['x', 'y'].map((text) => ({ timestamp: 5, key: null, value: Buffer.from(text), headers: [] }));
      const bytes = batchOf(samples);
      bytes.writeBigInt64BE(BigInt(firstOffset), 0);
      return bytes;
    };
    const lying = (lastOffsetDelta: number): Buffer => {
      const bytes = batch(10);
      bytes.writeInt32BE(lastOffsetDelta, 23);
      return bytes;
    };

    it.each([
      ['behind the batch that follows', 7],
      ['before its own start', -3],
    ])('(%s) ends where the next one begins', (_, delta) => {
      const { corrupt } = committedRecords(Buffer.concat([lying(delta), batch(12)]), [], 0, 10);
      expect(corrupt).toMatchObject({ offset: 10, nextOffset: 12 });
    });

    it('is told of when its length leads back to one that was read', () => {
      const before = batch(10);
      const bytes = Buffer.concat([before, batch(12)]);
      bytes.writeInt32BE(-before.length - 12, before.length + 8);
      const { corrupt, nextOffset } = committedRecords(bytes, [], 0, 10);
      expect({ corrupt, nextOffset }).toMatchObject({ corrupt: { offset: 12, nextOffset: 14 }, nextOffset: 12 });
    });

    it('is believed where what follows cannot be read either', () => {
      const { corrupt } = committedRecords(Buffer.concat([lying(7), batch(12).fill(0xff, 64, 65)]), [], 0, 10);
      expect(corrupt).toMatchObject({ offset: 10, nextOffset: 18 });
    });

    it('is not told of when it comes again before what is wanted, as a broker that believes it gives it', () => {
      const { corrupt, records, nextOffset } = committedRecords(Buffer.concat([lying(7), batch(12)]), [], 0, 12);
      expect(corrupt).toBeUndefined();
      expect(Array.from(records, ({ offset }) => offset)).toEqual([12, 13]);
      expect(nextOffset).toBe(14);
    });
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
    sealed(marker);
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
