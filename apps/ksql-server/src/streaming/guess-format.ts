import type { RegisteredTexts } from './registered-texts.js';

/** Guesses what a part of a topic's records is written in, from what fits all records so far. */
export interface FormatGuess {
  /** Narrows the guess by the records that came together. */
  see(parts: readonly (Uint8Array | null)[]): void;
  /** The text of a part in the best format that still fits. */
  read(bytes: Uint8Array | null): string;
  /** `Key format: …` when the guess is new or changed. */
  news(): string[];
}

interface Candidate {
  readonly name: string;
  /** The text, or undefined when the bytes are not of this format. */
  read(bytes: Buffer): string | undefined;
}

const WINDOW_START_BYTES = 8;

const textOf = (bytes: Buffer): string | undefined => {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
};

/** Printable text of four or eight characters is far more often text than a number. */
const isPrintable = (bytes: Buffer): boolean => {
  const text = textOf(bytes);
  return text !== undefined && !/\p{Cc}/u.test(text);
};

const numberOf = (length: number, read: (bytes: Buffer) => number | bigint) => (bytes: Buffer) =>
  bytes.length === length && !isPrintable(bytes) ? String(read(bytes)) : undefined;

/** Text, then the start of a window. */
const windowed = (name: string): Candidate => ({
  name,
  read(bytes) {
    if (bytes.length <= WINDOW_START_BYTES) return undefined;
    const text = textOf(bytes.subarray(0, -WINDOW_START_BYTES));
    const start = bytes.readBigInt64BE(bytes.length - WINDOW_START_BYTES);
    return text === undefined || start < 0n ? undefined : `[${text}@${start}/-]`;
  },
});

const numbers: readonly Candidate[] = [
  { name: 'KAFKA_INT', read: numberOf(4, (bytes) => bytes.readInt32BE()) },
  { name: 'KAFKA_BIGINT', read: numberOf(8, (bytes) => bytes.readBigInt64BE()) },
  { name: 'KAFKA_DOUBLE', read: numberOf(8, (bytes) => bytes.readDoubleBE()) },
];
const json: Candidate = {
  name: 'JSON',
  read(bytes) {
    const text = textOf(bytes);
    if (text === undefined || !/^\s*[{[]/.test(text)) return undefined;
    try {
      JSON.parse(text);
      return text;
    } catch {
      return undefined;
    }
  },
};
const string: Candidate = { name: 'KAFKA_STRING', read: textOf };

const REGISTERED = ['AVRO', 'PROTOBUF', 'JSON_SR'] as const;

/** A format whose records bear the ids of schemas, by those that were looked up. */
const registered = (name: (typeof REGISTERED)[number], texts: RegisteredTexts): Candidate => ({
  name,
  read(bytes) {
    const text = texts.of(bytes);
    return text?.format === name ? text.read(bytes) : undefined;
  },
});

const candidates: Readonly<Record<'Key' | 'Value', readonly Candidate[]>> = {
  Key: [json, ...numbers, windowed('HOPPING(KAFKA_STRING)'), windowed('TUMBLING(KAFKA_STRING)'), string],
  Value: [json, ...numbers, string],
};

export function guessFormat(part: 'Key' | 'Value', texts: RegisteredTexts): FormatGuess {
  let possible = [...REGISTERED.map((name) => registered(name, texts)), ...candidates[part]];
  let told = '';
  return {
    see(parts) {
      for (const bytes of parts) {
        if (bytes === null) continue;
        const buffer = Buffer.from(bytes);
        const fitting = possible.filter((candidate) => candidate.read(buffer) !== undefined);
        possible = fitting.length > 0 ? fitting : [string];
      }
    },
    read(bytes) {
      if (bytes === null) return '<null>';
      const buffer = Buffer.from(bytes);
      return possible[0]?.read(buffer) ?? buffer.toString('utf8');
    },
    news() {
      const now = `${part} format: ${possible.map((candidate) => candidate.name).join(' or ')}`;
      if (now === told) return [];
      told = now;
      return [now];
    },
  };
}
