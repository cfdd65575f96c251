const LENGTH_MAX = 100;

/** A text from outside as a message may hold it: of a long one the beginning, and how long it is. */
export function shortened(text: string): string {
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX)}… (${text.length} characters)`;
}
