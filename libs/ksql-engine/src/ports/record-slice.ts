import type { RecordHeader } from './record-header.js';

/**
 * A record whose key and value are parts of a larger buffer that many records share. `key` and `value` make views on demand;
 * who reads bytes in place takes `buffer` and the bounds instead. A start of −1 is a null.
 */
export class RecordSlice {
  constructor(
    readonly buffer: Buffer,
    readonly keyStart: number,
    readonly keyEnd: number,
    readonly valueStart: number,
    readonly valueEnd: number,
    readonly timestamp: number,
    readonly partition: number,
    readonly offset: number,
    readonly headers: readonly RecordHeader[],
  ) {}

  get key(): Uint8Array | null {
    return this.keyStart < 0 ? null : this.buffer.subarray(this.keyStart, this.keyEnd);
  }
  get value(): Uint8Array | null {
    return this.valueStart < 0 ? null : this.buffer.subarray(this.valueStart, this.valueEnd);
  }
}
