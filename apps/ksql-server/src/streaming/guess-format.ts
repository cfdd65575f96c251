/** Guesses what a part of a topic's records is written in, from what fits all records so far. */
export interface FormatGuess {
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

const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);

const candidates: readonly Candidate[] = [
  {
    name: 'JSON',
    read(bytes) {
      if (!isText(bytes)) return undefined;
      const text = bytes.toString('utf8');
      if (!/^\s*[{[]/.test(text)) return undefined;
      try {
        JSON.parse(text);
        return text;
      } catch {
        return undefined;
      }
    },
  },
  { name: 'KAFKA_INT', read: (bytes) => (bytes.length === 4 ? String(bytes.readInt32BE()) : undefined) },
  { name: 'KAFKA_BIGINT', read: (bytes) => (bytes.length === 8 ? String(bytes.readBigInt64BE()) : undefined) },
  { name: 'KAFKA_DOUBLE', read: (bytes) => (bytes.length === 8 ? String(bytes.readDoubleBE()) : undefined) },
  { name: 'KAFKA_STRING', read: (bytes) => bytes.toString('utf8') },
];

export function guessFormat(part: 'Key' | 'Value'): FormatGuess {
  let possible = candidates;
  let told = '';
  return {
    read(bytes) {
      if (bytes === null) return '<null>';
      const buffer = Buffer.from(bytes);
      const fitting = possible.filter((candidate) => candidate.read(buffer) !== undefined);
      // Printable text of four or eight characters is far more often text than a number.
      const looksTextual = isText(buffer) && !/[\u0000-\u001f]/.test(buffer.toString('utf8'));
      possible = looksTextual ? fitting.filter((c) => c.name === 'JSON' || c.name === 'KAFKA_STRING') : fitting;
      if (possible.length === 0) possible = candidates.slice(-1);
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
