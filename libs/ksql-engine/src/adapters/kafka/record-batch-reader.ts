import type { RecordHeader } from '../../ports/record-header.js';
import { FetchedRecords } from '../../ports/record-columns.js';
import { compressionsAlgorithmsByBitmask, crc32c } from './protocol.js';

/** Layout: see record-batch-writer.ts. */
const BATCH_HEAD_BYTES = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const MAGIC = 2;
const COMPRESSION = 0b111;
/** The broker has set the greatest timestamp of the batch to the time of its append, and that is the time of each record. */
const IS_APPEND_TIME = 1 << 3;
const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;
const SNAPPY_BLOCKS = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const NO_HEADERS: readonly RecordHeader[] = [];
/** Room is made beforehand for at most so many; what a batch says of itself need not be true. */
const CAPACITY_MAX = 1 << 20;

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** A batch that cannot be read. */
export interface CorruptBatch {
  /** The first wanted offset in it. */
  readonly offset: number;
  /** The offset after it, unless it does not tell. */
  readonly nextOffset: number | undefined;
  readonly reason: string;
}

export interface CommittedRecords {
  readonly records: FetchedRecords;
  readonly nextOffset: number;
  /** What the records keep in memory: those of compressed batches unpacked. */
  readonly bytes: number;
  /** What follows the records; `nextOffset` is where it begins. */
  readonly corrupt: CorruptBatch | undefined;
}

/**
 * The committed records of one partition's part of a fetch answer: control batches, the records of aborted transactions and what lies
 * before the wanted offset are dropped. A batch that is cut off at the end is left for the next fetch. Reading ends before a batch that
 * is not what its producer made. Bytes are not copied, save those of compressed batches.
 */
export function committedRecords(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  partition: number,
  fromOffset: number,
): CommittedRecords {
  const pending = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const abortedProducers = new Set<bigint>();
  const records = new FetchedRecords(Math.min(recordCount(bytes), CAPACITY_MAX));
  let nextOffset = fromOffset;
  let unpackedBytes = bytes.length;
  let at = 0;
  while (at + BATCH_HEAD_BYTES <= bytes.length) {
    const end = at + BATCH_HEAD_BYTES + bytes.readInt32BE(at + 8);
    if (end > bytes.length && at > 0) break;
    try {
      checkBatch(bytes, at, end);
      const firstOffset = Number(bytes.readBigInt64BE(at));
      const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
      const lastOffset = firstOffset + bytes.readInt32BE(at + 23);
      const producerId = bytes.readBigInt64BE(at + 43);
      while (pending[0] !== undefined && pending[0].firstOffset <= BigInt(lastOffset)) {
        abortedProducers.add(pending[0].producerId);
        pending.shift();
      }
      const isControl = (attributes & IS_CONTROL) !== 0;
      const isAborted = (attributes & IS_TRANSACTIONAL) !== 0 && abortedProducers.has(producerId);
      if (isControl) {
        if (isAbortMarker(bytes, at)) abortedProducers.delete(producerId);
      } else if (!isAborted) {
        unpackedBytes += readBatch(bytes, at, end, partition, fromOffset, records);
      }
      nextOffset = Math.max(nextOffset, lastOffset + 1);
    } catch (error) {
      if (!(error instanceof CorruptBatchError)) throw error;
      const following = end > at ? readableStart(bytes, end) : undefined;
      // It lies before what is wanted: a broker that takes its word for where it ends gives it again.
      const isPassed = following !== undefined && following <= nextOffset;
      if (!isPassed) {
        const afterIt = endOffsetOf(bytes, at, nextOffset, following);
        const corrupt = { offset: nextOffset, nextOffset: afterIt, reason: error.message };
        return { records, nextOffset, bytes: unpackedBytes, corrupt };
      }
    }
    at = end;
  }
  return { records, nextOffset, bytes: unpackedBytes, corrupt: undefined };
}

class CorruptBatchError extends Error {}

/** A broker gives whole batches first of all, so that only what follows one may be cut off. */
function checkBatch(bytes: Buffer, at: number, end: number): void {
  if (end > bytes.length) throw new CorruptBatchError(`its batch is cut off after ${bytes.length - at} bytes`);
  if (end < at + RECORDS_AT) throw new CorruptBatchError(`its batch has ${end - at} bytes, less than a header`);
  const magic = bytes[at + MAGIC_AT];
  if (magic !== MAGIC) throw new CorruptBatchError(`its batch has the unknown format ${magic}`);
  if (crc32c(bytes.subarray(at + ATTRIBUTES_AT, end)) !== bytes.readUInt32BE(at + CRC_AT))
    throw new CorruptBatchError('its checksum does not match its bytes');
}

/** The first offset of the batch that begins there, if it can be read. */
function readableStart(bytes: Buffer, at: number): number | undefined {
  if (at + RECORDS_AT > bytes.length) return undefined;
  const end = at + BATCH_HEAD_BYTES + bytes.readInt32BE(at + 8);
  try {
    checkBatch(bytes, at, end);
  } catch {
    return undefined;
  }
  return Number(bytes.readBigInt64BE(at));
}

/** Where the batch ends by its own word, if that can be, which is spoilt like the rest of it; never behind where `following` begins. */
function endOffsetOf(bytes: Buffer, at: number, fromOffset: number, following: number | undefined): number | undefined {
  if (at + RECORDS_AT > bytes.length) return following;
  const end = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + 23) + 1;
  return end > fromOffset && end <= (following ?? Infinity) ? end : following;
}

/** The records of all whole batches, wanted or not. */
function recordCount(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + RECORDS_AT <= bytes.length;) {
    const end = at + BATCH_HEAD_BYTES + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end <= at) break;
    count += Math.max(0, bytes.readInt32BE(at + COUNT_AT));
    at = end;
  }
  return count;
}

/** Key of a control record: version (2 bytes), type (2 bytes): 0 is an abort, which ends the aborted range. */
function isAbortMarker(bytes: Buffer, batchAt: number): boolean {
  const reader = new VarintReader(bytes, batchAt + RECORDS_AT);
  reader.next();
  reader.position++;
  reader.next();
  reader.next();
  return reader.next() >= 4 && bytes.readInt16BE(reader.position + 2) === 0;
}

/** Gives the bytes that were made for it. */
function readBatch(
  bytes: Buffer,
  batchAt: number,
  batchEnd: number,
  partition: number,
  fromOffset: number,
  records: FetchedRecords,
): number {
  const firstOffset = Number(bytes.readBigInt64BE(batchAt));
  const attributes = bytes.readInt16BE(batchAt + ATTRIBUTES_AT);
  const hasAppendTime = (attributes & IS_APPEND_TIME) !== 0;
  const firstTimestamp = Number(bytes.readBigInt64BE(batchAt + (hasAppendTime ? 35 : 27)));
  const count = bytes.readInt32BE(batchAt + COUNT_AT);
  const compression = attributes & COMPRESSION;
  let content = bytes;
  let position = batchAt + RECORDS_AT;
  if (compression !== 0) {
    content = decompress(compression, bytes.subarray(position, batchEnd));
    position = 0;
  }
  const before = records.length;
  const contentEnd = compression === 0 ? batchEnd : content.length;
  const reader = new VarintReader(content, position);
  for (let i = 0; i < count; i++) {
    reader.next();
    reader.position++; // attributes, unused
    const timestampDelta = reader.next();
    const timestamp = hasAppendTime ? firstTimestamp : firstTimestamp + timestampDelta;
    const offset = firstOffset + reader.next();
    const keyBytes = reader.next();
    const keyStart = keyBytes < 0 ? -1 : reader.position;
    if (keyBytes > 0) reader.position += keyBytes;
    const valueBytes = reader.next();
    const keyEnd = keyStart + keyBytes;
    const valueStart = valueBytes < 0 ? -1 : reader.position;
    if (valueBytes > 0) reader.position += valueBytes;
    const headers = readHeaders(content, reader);
    if (reader.position > contentEnd) {
      records.parts.length = before;
      throw new CorruptBatchError(`record ${i + 1} of ${count} of its batch goes beyond the batch`);
    }
    if (offset < fromOffset) continue;
    records.parts.append(content, keyStart, keyEnd, valueStart, valueStart + valueBytes, timestamp, headers);
    records.place(partition, offset);
  }
  return content === bytes ? 0 : content.length;
}

function readHeaders(bytes: Buffer, reader: VarintReader): readonly RecordHeader[] {
  const count = reader.next();
  if (count <= 0) return NO_HEADERS;
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count && reader.position <= bytes.length; i++) {
    const key = readBytes(bytes, reader);
    headers.push({ key: key?.toString('utf8') ?? '', value: readBytes(bytes, reader) });
  }
  return headers;
}

function readBytes(bytes: Buffer, reader: VarintReader): Buffer | null {
  const length = reader.next();
  if (length < 0) return null;
  reader.position += length;
  return bytes.subarray(reader.position - length, reader.position);
}

function decompress(compression: number, bytes: Buffer): Buffer {
  const algorithm = compressionsAlgorithmsByBitmask[compression as keyof typeof compressionsAlgorithmsByBitmask];
  if (algorithm === undefined) throw new CorruptBatchError(`its batch has the unknown compression ${compression}`);
  try {
    const whole = (part: Buffer): Buffer => algorithm.decompressSync(part) as Buffer;
    return bytes.subarray(0, SNAPPY_BLOCKS.length).equals(SNAPPY_BLOCKS) ? inSnappyBlocks(bytes, whole) : whole(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CorruptBatchError(`its batch cannot be decompressed (codec ${compression}): ${reason}`);
  }
}

/**
 * Java's producers cut what they compress with snappy into blocks: behind the name and two versions of 4 bytes follow the blocks, each
 * behind its length (4 bytes).
 */
function inSnappyBlocks(bytes: Buffer, decompressed: (block: Buffer) => Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = SNAPPY_BLOCKS.length + 8; at < bytes.length;) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end < at + 4 || end > bytes.length) throw new Error('a block goes beyond the batch');
    blocks.push(decompressed(bytes.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}

/** Zigzag varints. */
class VarintReader {
  constructor(
    private readonly bytes: Buffer,
    public position: number,
  ) {}

  next(): number {
    const { bytes } = this;
    let byte = bytes[this.position++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = bytes[this.position++] as number;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 28);
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    return this.wide(value);
  }

  /** The rest of a number beyond 28 bits, whose low 28 bits are known: doubles are exact to 2^53. */
  private wide(low: number): number {
    let value = low;
    let factor = 2 ** 28;
    let byte: number;
    do {
      byte = this.bytes[this.position++] as number;
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
