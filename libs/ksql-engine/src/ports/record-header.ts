/** A header of a Kafka record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}
