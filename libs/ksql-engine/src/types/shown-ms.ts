/** A time as it was written; one of so many digits that a number does not hold them all is not said to be another. */
export const shownMs = (timestampMs: number): string =>
  Number.isSafeInteger(timestampMs) ? String(timestampMs) : `of about ${timestampMs.toExponential(2)}`;
