/** Colour only where a person looks, and not where they said no. */
const usesColour = (): boolean => process.stderr.isTTY === true && !process.env['NO_COLOR'];

const paint = (code: number, text: string): string => (usesColour() ? `\u001b[${code}m${text}\u001b[0m` : text);

export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);
export const yellow = (text: string): string => paint(33, text);
export const dim = (text: string): string => paint(2, text);
export const bold = (text: string): string => paint(1, text);

/** `0.4 s`, `12.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
