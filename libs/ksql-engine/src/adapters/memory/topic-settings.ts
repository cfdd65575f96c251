import type { RecordParts } from '../../ports/record-columns.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Kafka's defaults. */
const RETENTION_MS = 7 * DAY_MS;
const MESSAGE_BYTES_MAX = 1_048_588;
const TIMESTAMP_AFTER_MAX_MS = HOUR_MS;
/** What a batch of one record takes besides its record. */
const BATCH_BYTES = 61;

/** What a topic's configuration says of its records. */
export class TopicSettings {
  readonly retentionMs: number;
  readonly messageBytesMax: number;
  /** Records have the time of their append, whatever their producer wrote. */
  readonly hasAppendTime: boolean;
  readonly #isCompacted: boolean;
  readonly #isDeleted: boolean;
  readonly #afterMaxMs: number;

  constructor(config: Readonly<Record<string, string>>) {
    const policies = (config['cleanup.policy'] ?? 'delete').split(',').map((policy) => policy.trim());
    this.#isCompacted = policies.includes('compact');
    this.#isDeleted = policies.includes('delete');
    this.retentionMs = Number(config['retention.ms'] ?? RETENTION_MS);
    this.hasAppendTime = config['message.timestamp.type'] === 'LogAppendTime';
    this.messageBytesMax = Number(config['max.message.bytes'] ?? MESSAGE_BYTES_MAX);
    this.#afterMaxMs = Number(config['message.timestamp.after.max.ms'] ?? TIMESTAMP_AFTER_MAX_MS);
  }

  /** Records before it are deleted; undefined when none are for their age. */
  oldestKeptMs(nowMs: number): number | undefined {
    return this.#isDeleted && this.retentionMs >= 0 ? nowMs - this.retentionMs : undefined;
  }

  /** Why a record is not taken, in Kafka's words. */
  refusalOf(record: RecordParts, nowMs: number): string | undefined {
    const bytes = BATCH_BYTES + encodedBytes(record);
    if (bytes > this.messageBytesMax) {
      return `MESSAGE_TOO_LARGE: ${bytes} bytes, it takes ${this.messageBytesMax} (max.message.bytes)`;
    }
    if (!this.hasAppendTime && record.timestamp > nowMs + this.#afterMaxMs) {
      return `INVALID_TIMESTAMP: Timestamp ${record.timestamp} of message is out of range: at most ${this.#afterMaxMs} ms after ${nowMs}`;
    }
    if (this.#isCompacted && record.key === null) {
      return 'INVALID_RECORD: Compacted topic cannot accept message without key';
    }
    return undefined;
  }
}

/** What a record takes in a batch of its own: lengths and numbers of headers are varints, in zigzag. */
function encodedBytes({ key, value, headers }: RecordParts): number {
  const sized = (bytes: number): number => varintBytes(bytes) + bytes;
  let bytes = 3 + sized(key?.length ?? 0) + sized(value?.length ?? 0) + varintBytes(headers.length);
  for (const header of headers) bytes += sized(Buffer.byteLength(header.key)) + sized(header.value?.length ?? 0);
  return sized(bytes);
}

function varintBytes(length: number): number {
  let count = 1;
  for (let rest = length * 2; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}
