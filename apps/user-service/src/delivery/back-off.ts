const firstMs = 5_000;
const factor = 4;
const longestMs = 3_600_000;

/** A delivery that failed so often is dead. */
export const attemptsMax = 8;
/** A delivery that is so old is dead, however often it was tried: nobody acts on the warning of yesterday. */
export const ageMaxMs = 24 * 3_600_000;

/**
 * How long to wait after failures in a row: 5 s, 20 s, 80 s and so on up to an hour, each up to a fifth longer or shorter so that what failed
 * together is not tried together.
 *
 * @param random from 0 to 1
 */
export function backOffMs(failures: number, random: number, retryAfterMs = 0): number {
  const base = Math.min(firstMs * factor ** Math.max(0, failures - 1), longestMs);
  return Math.max(Math.round(base * (0.8 + 0.4 * random)), Math.min(retryAfterMs, longestMs));
}
