import type { RecordColumns } from '../../ports/record-columns.js';
import { headerName, type RecordHeader } from '../../ports/record-header.js';
import { crc32c } from './protocol.js';

/**
 * One record batch (format 2), written straight into one buffer.
 *
 * first offset 8 · length 4 · leader epoch 4 · magic 1 · CRC-32C 4 · attributes 2 · last offset delta 4 · first timestamp 8 ·
 * greatest timestamp 8 · producer id 8 · producer epoch 2 · first sequence 4 · record count 4, then the records, each:
 * length · attributes 1 · timestamp delta · offset delta · key length · key · value length · value · header count · headers;
 * lengths and deltas are zigzag varints, −1 is a null.
 */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const HEADER_BYTES = 61;
const FIRST_BYTES = 16 * 1024;
const IS_TRANSACTIONAL = 1 << 4;
/** Attributes byte, and the longest varints of length, deltas, key, value and header counts. */
const RECORD_OVERHEAD_MAX = 1 + 5 + 10 + 5 + 5 + 5 + 5;
/** Below this a loop is quicker than the call of a native copy. */
const SHORT = 48;

export interface Producer {
  readonly id: bigint;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

/** Sequence numbers start again at 0 after this many. */
const SEQUENCES = 0x8000_0000;

/** The number of the record behind so many. */
export const nextSequence = (sequence: number, count: number): number => (sequence + count) % SEQUENCES;

export class RecordBatchWriter {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private position = HEADER_BYTES;
  private firstTimestamp = 0;
  private maxTimestamp = 0;
  count = 0;

  /** Bytes so far. */
  get length(): number {
    return this.position;
  }

  append(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly RecordHeader[]): void {
    const keyStart = key === null ? -1 : 0;
    const valueStart = value === null ? -1 : 0;
    const [keyBytes, valueBytes] = [key ?? NO_BYTES, value ?? NO_BYTES];
    this.write(timestamp, keyBytes, keyStart, keyBytes.length, valueBytes, valueStart, valueBytes.length, headers);
  }

  /** Appends the record of that number, from where its bytes are. */
  appendAt(timestamp: number, records: RecordColumns, index: number): void {
    const buffer = records.buffers[index] as Buffer;
    this.write(
      timestamp,
      buffer,
      records.keyStarts[index] as number,
      records.keyEnds[index] as number,
      buffer,
      records.valueStarts[index] as number,
      records.valueEnds[index] as number,
      records.headers[index] as readonly RecordHeader[],
    );
  }

  private write(
    timestamp: number,
    keyBuffer: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBuffer: Uint8Array,
    valueStart: number,
    valueEnd: number,
    headers: readonly RecordHeader[],
  ): void {
    if (this.count === 0) this.firstTimestamp = this.maxTimestamp = timestamp;
    else if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    const keyBytes = keyStart < 0 ? 0 : keyEnd - keyStart;
    const valueBytes = valueStart < 0 ? 0 : valueEnd - valueStart;
    let headerBytes = 0;
    for (let i = 0; i < headers.length; i++) headerBytes += bytesOfHeader(headers[i] as RecordHeader);
    this.reserve(RECORD_OVERHEAD_MAX + keyBytes + valueBytes + headerBytes);
    const delta = timestamp - this.firstTimestamp;
    const contentBytes =
      1 +
      varintBytes(delta) +
      varintBytes(this.count) +
      varintBytes(keyStart < 0 ? -1 : keyBytes) +
      keyBytes +
      varintBytes(valueStart < 0 ? -1 : valueBytes) +
      valueBytes +
      varintBytes(headers.length) +
      headerBytes;
    this.varint(contentBytes);
    this.buffer[this.position++] = 0;
    this.varint(delta);
    this.varint(this.count);
    this.part(keyBuffer, keyStart, keyEnd);
    this.part(valueBuffer, valueStart, valueEnd);
    this.varint(headers.length);
    for (let i = 0; i < headers.length; i++) {
      const { key: name, value: content, encoded } = headers[i] as RecordHeader;
      if (encoded !== undefined) this.copy(encoded, 0, encoded.length);
      else {
        this.nullable(headerName(name));
        this.nullable(content);
      }
    }
    this.count++;
  }

  /** The batch as it was last finished. */
  get finished(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  /** The finished batch; nothing may be appended after it. A second time it is finished anew, in the same bytes. */
  finish(producer: Producer | undefined): Buffer {
    const { buffer, position, count } = this;
    buffer.fill(0, 0, LENGTH_AT);
    buffer.writeInt32BE(position - LENGTH_AT - 4, LENGTH_AT);
    buffer.writeInt32BE(0, LENGTH_AT + 4);
    buffer[MAGIC_AT] = 2;
    let at = buffer.writeInt16BE(producer?.isTransactional ? IS_TRANSACTIONAL : 0, ATTRIBUTES_AT);
    at = buffer.writeInt32BE(count - 1, at);
    at = buffer.writeBigInt64BE(BigInt(this.firstTimestamp), at);
    at = buffer.writeBigInt64BE(BigInt(this.maxTimestamp), at);
    at = buffer.writeBigInt64BE(producer?.id ?? -1n, at);
    at = buffer.writeInt16BE(producer?.epoch ?? 0, at);
    at = buffer.writeInt32BE(producer?.firstSequence ?? 0, at);
    buffer.writeInt32BE(count, at);
    buffer.writeUInt32BE(crc32c(buffer.subarray(ATTRIBUTES_AT, position)), CRC_AT);
    return this.finished;
  }

  private nullable(bytes: Uint8Array | null): void {
    if (bytes === null) this.part(NO_BYTES, -1, 0);
    else this.part(bytes, 0, bytes.length);
  }

  /** The bytes from `start` to `end` behind their length; a start of −1 is a null. */
  private part(bytes: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      this.buffer[this.position++] = 1;
      return;
    }
    this.varint(end - start);
    this.copy(bytes, start, end);
  }

  private copy(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const { buffer, position } = this;
    if (length <= SHORT) for (let i = 0; i < length; i++) buffer[position + i] = bytes[start + i] as number;
    else buffer.set(bytes.subarray(start, end), position);
    this.position = position + length;
  }

  private varint(value: number): void {
    const { buffer } = this;
    if (value >= -0x4000_0000 && value < 0x4000_0000) {
      let rest = (value << 1) ^ (value >> 31);
      while (rest >= 0x80) {
        buffer[this.position++] = (rest & 0x7f) | 0x80;
        rest >>>= 7;
      }
      buffer[this.position++] = rest;
      return;
    }
    // Beyond 31 bits: doubles, exact for every difference of two times.
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest >= 0x80) {
      buffer[this.position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[this.position++] = rest;
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.position + bytes));
    larger.set(this.buffer.subarray(0, this.position));
    this.buffer = larger;
  }
}

const NO_BYTES = new Uint8Array(0);

function bytesOfHeader({ key, value, encoded }: RecordHeader): number {
  if (encoded !== undefined) return encoded.length;
  const name = headerName(key).length;
  const valueBytes = value === null ? 0 : value.length;
  return varintBytes(name) + name + varintBytes(value === null ? -1 : valueBytes) + valueBytes;
}

function varintBytes(value: number): number {
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  let bytes = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    bytes++;
  }
  return bytes;
}
