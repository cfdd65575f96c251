import { topics } from '@isobar/contracts';
import type { IHeaders } from 'kafkajs';
import type { IncomingRecord } from '../consumer/incoming-record.js';
import type { OutgoingRecord } from '../producer/outgoing-record.js';

/**
 * The one convention for records that could not be handled. Topic `dead-letters`: key and value are the original bytes, the
 * original headers stay, and these tell the rest:
 *
 * | header                   | holds                                             |
 * | ------------------------ | ------------------------------------------------- |
 * | `dead-letter-topic`      | where the record was                              |
 * | `dead-letter-partition`  | "                                                 |
 * | `dead-letter-offset`     | "                                                 |
 * | `dead-letter-timestamp`  | the record's own time, epoch milliseconds         |
 * | `dead-letter-service`    | who set it aside                                  |
 * | `dead-letter-reason`     | the error's message                               |
 * | `dead-letter-stack`      | the error's stack, where it tells something       |
 * | `dead-letter-at`         | when, epoch milliseconds                          |
 *
 * A replay leaves a marker there: no value, `dead-letter-replayed` holds the id.
 */
export interface DeadLetter {
  /** `topic:partition:offset` of the original record. */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The original headers. */
  readonly headers: IHeaders;
  readonly service: string;
  readonly reason: string;
  readonly stack: string;
  readonly at: number;
}

const prefix = 'dead-letter-';
export const replayedHeader = `${prefix}replayed`;
/** A replayed record says where it came from. */
export const replayOfHeader = 'replay-of';

const stackCharactersMax = 4_000;

/** The dead letter of a record that failed with `error`. */
export function toDeadLetterRecord(
  record: IncomingRecord,
  error: Error,
  service: string,
  atMs: number,
): OutgoingRecord {
  return {
    topic: topics.deadLetters.name,
    key: record.key,
    value: record.value,
    headers: {
      ...definedHeaders(record.headers),
      [`${prefix}topic`]: record.topic,
      [`${prefix}partition`]: String(record.partition),
      [`${prefix}offset`]: record.offset,
      [`${prefix}timestamp`]: String(record.timestampMs),
      [`${prefix}service`]: service,
      [`${prefix}reason`]: error.message,
      [`${prefix}stack`]: (error.stack ?? '').slice(0, stackCharactersMax),
      [`${prefix}at`]: String(atMs),
    },
  };
}

/** The dead letter in a record of the topic; undefined when it is a marker or not of this convention. */
export function fromDeadLetterRecord(record: IncomingRecord): DeadLetter | undefined {
  const own = (name: string): string | undefined => headerText(record.headers, `${prefix}${name}`);
  const topic = own('topic');
  const partition = own('partition');
  const offset = own('offset');
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return {
    id: `${topic}:${partition}:${offset}`,
    topic,
    partition: Number(partition),
    offset,
    timestampMs: Number(own('timestamp') ?? record.timestampMs),
    key: record.key,
    value: record.value,
    headers: Object.fromEntries(Object.entries(record.headers).filter(([name]) => !name.startsWith(prefix))),
    service: own('service') ?? '',
    reason: own('reason') ?? '',
    stack: own('stack') ?? '',
    at: Number(own('at') ?? record.timestampMs),
  };
}

/** The first value of a header as text. */
export function headerText(headers: IHeaders, name: string): string | undefined {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first?.toString();
}

export const definedHeaders = (headers: IHeaders): NonNullable<OutgoingRecord['headers']> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));

/** What the headers of a dead letter tell. */
export interface DeadLetterFacts {
  readonly topic: string;
  readonly partition: number;
  /** A number, or what stands for the offset of what never had one. */
  readonly offset: number | string;
  readonly timestampMs: number;
  readonly service: string;
  readonly reason: string;
  readonly atMs: number;
}

/** A header of a Kafka record. */
interface TextHeader {
  readonly key: string;
  readonly value: Buffer;
  /** Both as a record batch has them: each behind its length as a zigzag varint. */
  readonly encoded: Buffer;
}

/** Texts of one header that come again and again. */
const textsMax = 1_000;

/**
 * The headers of dead letters, without a stack, for who sets aside so many that each must cost little: a device that sends nothing but
 * garbage makes as many letters as a healthy one readings. Most headers are the same as those of the letter before, and are shared.
 */
export class DeadLetterHeaders {
  private readonly topic = new SharedHeader('topic');
  private readonly partition = new SharedHeader('partition');
  private readonly service = new SharedHeader('service');
  private readonly reason = new SharedHeader('reason');
  private readonly at = new SharedHeader('at');
  private lastTimestampMs = NaN;
  private lastTimestamp: TextHeader = new OwnHeader(timestampName, '');

  /** Own headers that a record brings along, of an earlier letter, give way. */
  static isOwn(name: string): boolean {
    return name.startsWith(prefix);
  }

  of(facts: DeadLetterFacts): TextHeader[] {
    return [
      this.topic.of(facts.topic),
      this.partition.of(facts.partition),
      new OwnHeader(offsetName, String(facts.offset)),
      this.timestampOf(facts.timestampMs),
      this.service.of(facts.service),
      this.reason.of(facts.reason),
      this.at.of(facts.atMs),
    ];
  }

  /** Records that were written together often have one time; other times do not come again. */
  private timestampOf(timestampMs: number): TextHeader {
    if (timestampMs !== this.lastTimestampMs) {
      this.lastTimestampMs = timestampMs;
      this.lastTimestamp = new OwnHeader(timestampName, String(timestampMs));
    }
    return this.lastTimestamp;
  }
}

class SharedHeader {
  private readonly key: string;
  private readonly known = new Map<string | number, TextHeader>();
  private lastText: string | number | undefined;
  private last: TextHeader = { key: '', value: Buffer.alloc(0), encoded: Buffer.alloc(0) };

  constructor(name: string) {
    this.key = `${prefix}${name}`;
  }

  of(text: string | number): TextHeader {
    if (text === this.lastText) return this.last;
    this.lastText = text;
    this.last = this.known.get(text) ?? this.make(text);
    return this.last;
  }

  private make(text: string | number): TextHeader {
    if (this.known.size >= textsMax) this.known.clear();
    const [name, value] = [Buffer.from(this.key), Buffer.from(String(text))];
    const encoded = Buffer.concat([varint(name.length), name, varint(value.length), value]);
    const header = { key: this.key, value, encoded };
    this.known.set(text, header);
    return header;
  }
}

/** A header that each letter has for itself: its bytes are made once, and looked at where they are. */
class OwnHeader implements TextHeader {
  readonly encoded: Buffer;

  constructor(
    private readonly name: OwnName,
    text: string,
  ) {
    // No number, and nothing that stands for one, is longer than a length of one byte says.
    const valueAt = name.encoded.length + 1;
    const encoded = Buffer.allocUnsafe(valueAt + text.length);
    encoded.set(name.encoded);
    encoded[valueAt - 1] = text.length << 1;
    for (let i = 0; i < text.length; i++) encoded[valueAt + i] = text.charCodeAt(i);
    this.encoded = encoded;
  }

  get key(): string {
    return this.name.key;
  }
  get value(): Buffer {
    return this.encoded.subarray(this.name.encoded.length + 1);
  }
}

interface OwnName {
  readonly key: string;
  readonly encoded: Buffer;
}

function ownName(name: string): OwnName {
  const key = `${prefix}${name}`;
  return { key, encoded: Buffer.concat([varint(key.length), Buffer.from(key)]) };
}

const offsetName = ownName('offset');
const timestampName = ownName('timestamp');

/** A length as a zigzag varint. */
function varint(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
