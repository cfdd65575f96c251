/** The last time that a date can be, and with a minus the first; Kafka takes any 64 bits for the time of a record. */
const DATE_MS_MAX = 8.64e15;

const textOf = (timestampMs: number, dateText: (iso: string) => string): string =>
  Math.abs(timestampMs) <= DATE_MS_MAX ? dateText(new Date(timestampMs).toISOString()) : `${timestampMs} ms`;

/** `2020-01-01T00:00:00.000Z`; a time that is no date in milliseconds. */
export const isoText = (timestampMs: number): string => textOf(timestampMs, (iso) => iso);

/** `2020/01/01 00:00:00.000 Z`; a time that is no date in milliseconds. */
export const rowtimeText = (timestampMs: number): string =>
  textOf(timestampMs, (iso) => iso.replace('T', ' ').replace('Z', ' Z').replaceAll('-', '/'));
