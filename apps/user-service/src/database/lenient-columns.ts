import type { ValueTransformer } from 'typeorm';

/**
 * A row may hold what this service would never write: others change the database too, and a column can be given another type. Each
 * value that cannot be shown becomes null by itself, so that no row takes the others of a list down.
 */
const leniently = (from: (value: unknown) => unknown): ValueTransformer => ({ to: (value: unknown) => value, from });

/** PostgreSQL hands 64 bits and decimals over as text, and knows NaN and infinity. */
export const asNumber = leniently((value) => {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
});

export const asText = leniently((value) => (typeof value === 'string' || value === null ? value : textOf(value)));

/** `infinity` comes as a number, a year that JavaScript does not have as an invalid date. */
export const asDate = leniently((value) => {
  const date = value instanceof Date ? value : typeof value === 'string' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? null : date;
});

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
