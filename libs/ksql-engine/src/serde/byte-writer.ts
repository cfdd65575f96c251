const FIRST_BYTES = 1024;
const CHUNK_BYTES = 64 * 1024;
/** Below this a loop is quicker than the call of a native write. */
const SHORT = 64;
const SHORT_QUOTED = 128;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Bytes of many records, one behind the other in shared chunks. What was written since `begin` is one record's: `keep` tells where
 * it is, `take` gives a view of it, and nothing is written there again; `begin` anew forgets what was not taken.
 */
export class ByteWriter {
  private chunk = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private start = 0;
  private end = 0;

  begin(): void {
    this.end = this.start;
  }

  /** How many bytes were written since `begin`. */
  get written(): number {
    return this.end - this.start;
  }

  /** Keeps the bytes since `begin` where they are: in `buffer`, from the place that this gives. */
  keep(): number {
    const { start } = this;
    this.start = this.end;
    return start;
  }

  /** Where the bytes since `begin` are. */
  get buffer(): Buffer {
    return this.chunk;
  }

  /** The bytes since `begin`. */
  take(): Buffer {
    const bytes = this.chunk.subarray(this.start, this.end);
    this.start = this.end;
    return bytes;
  }

  /** A copy of the bytes since `begin`, which are forgotten. */
  copy(): Uint8Array {
    const bytes = Buffer.from(this.chunk.subarray(this.start, this.end));
    this.end = this.start;
    return bytes;
  }

  byte(value: number): void {
    if (this.end === this.chunk.length) this.grow(1);
    this.chunk[this.end++] = value;
  }

  bytes(bytes: Uint8Array): void {
    this.part(bytes, 0, bytes.length);
  }

  /** The bytes from `from` to `to`. */
  part(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.end + length > this.chunk.length) this.grow(length);
    const { chunk, end } = this;
    if (length <= SHORT) for (let i = 0; i < length; i++) chunk[end + i] = bytes[from + i] as number;
    else chunk.set(bytes.subarray(from, to), end);
    this.end = end + length;
  }

  /** A text as UTF-8. */
  text(text: string): void {
    const { length } = text;
    if (this.end + 3 * length > this.chunk.length) this.grow(3 * length);
    const { chunk, end } = this;
    if (length <= SHORT) {
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        chunk[end + i] = code;
      }
      if (i === length) {
        this.end = end + length;
        return;
      }
    }
    this.end = end + chunk.write(text, end);
  }

  /**
   * A text in double quotes, if none of its characters is beyond ASCII, a control character, a quote or a backslash; else nothing is
   * written and the answer is false.
   */
  quoted(text: string): boolean {
    const { length } = text;
    if (length > SHORT_QUOTED) return false;
    if (this.end + length + 2 > this.chunk.length) this.grow(length + 2);
    const { chunk } = this;
    const first = this.end + 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code >= 0x80 || code === QUOTE || code === BACKSLASH) return false;
      chunk[first + i] = code;
    }
    chunk[first - 1] = QUOTE;
    chunk[first + length] = QUOTE;
    this.end = first + length + 1;
    return true;
  }

  /** A whole number in decimal digits. */
  integer(value: number): void {
    if (value < 0 || value >= 1e9 || value !== Math.floor(value)) {
      this.text(String(value));
      return;
    }
    if (this.end + 9 > this.chunk.length) this.grow(9);
    const { chunk } = this;
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    let rest = value;
    for (let i = this.end + digits - 1; i >= this.end; i--) {
      const tenth = (rest / 10) | 0;
      chunk[i] = 0x30 + rest - tenth * 10;
      rest = tenth;
    }
    this.end += digits;
  }

  int32(value: number): void {
    if (this.end + 4 > this.chunk.length) this.grow(4);
    this.end = this.chunk.writeInt32BE(value, this.end);
  }

  int64(value: number | bigint): void {
    if (this.end + 8 > this.chunk.length) this.grow(8);
    if (Number.isSafeInteger(value)) {
      this.end = this.chunk.writeInt32BE(Math.floor((value as number) / 0x1_0000_0000), this.end);
      this.end = this.chunk.writeUInt32BE((value as number) >>> 0, this.end);
    } else this.end = this.chunk.writeBigInt64BE(BigInt(value), this.end);
  }

  double(value: number): void {
    if (this.end + 8 > this.chunk.length) this.grow(8);
    this.end = this.chunk.writeDoubleBE(value, this.end);
  }

  /** What of the present record was written moves to a new chunk; the old one belongs to the records taken from it. */
  private grow(bytes: number): void {
    const written = this.end - this.start;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(Math.min(this.chunk.length * 2, CHUNK_BYTES), 2 * (written + bytes)),
    );
    larger.set(this.chunk.subarray(this.start, this.end));
    this.chunk = larger;
    this.start = 0;
    this.end = written;
  }
}
