/** Reads Kafka's flexible encoding: lengths as unsigned varints of one more than there are, 0 for null. */
export class CompactReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  int16(): number {
    this.#at += 2;
    return this.bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.bytes.readInt32BE(this.#at - 4);
  }

  /** Times and ids of producers are far from the limit of a number. */
  int64(): number {
    this.#at += 8;
    return Number(this.bytes.readBigInt64BE(this.#at - 8));
  }

  boolean(): boolean {
    return this.bytes.readInt8(this.#at++) !== 0;
  }

  /** 32 hexadecimal digits. */
  uuid(): string {
    this.#at += 16;
    return this.bytes.toString('hex', this.#at - 16, this.#at);
  }

  string(): string {
    const length = Math.max(0, this.#varint() - 1);
    this.#at += length;
    return this.bytes.toString('utf8', this.#at - length, this.#at);
  }

  array<T>(readItem: () => T): T[] {
    return Array.from({ length: Math.max(0, this.#varint() - 1) }, readItem);
  }

  /** Fields of versions to come. */
  skipTags(): void {
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.#at += this.#varint();
    }
  }

  #varint(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.#at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}
