/** Texts and byte strings that functions make. A record of Kafka is far smaller; what is longer could only exhaust memory. */
export const TEXT_LENGTH_MAX = 16 * 1024 * 1024;

/** @throws Error before a text of this length is made */
export function checkTextLength(length: number, what: string): void {
  if (length > TEXT_LENGTH_MAX) throw new Error(`${what} of ${length} characters exceeds ${TEXT_LENGTH_MAX}`);
}
