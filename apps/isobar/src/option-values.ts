import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import {
  isOptionalStep,
  optionalSteps,
  parsePortOptions,
  StackError,
  stepNames,
  type OptionalStep,
  type StackPorts,
} from '@isobar/local-stack';

/**
 * Reads the values of options: each gives what it means, or an error that says what it must be. Wrong usage is found here, before anything
 * happens.
 */
const number = (value: string): number => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value.trim()) ? Number(value) : NaN);

const inRange =
  (what: string, isWithin: (value: number) => boolean) =>
  (value: string): number => {
    const read = number(value);
    if (!Number.isFinite(read) || !isWithin(read)) throw new InvalidArgumentError(`It must be ${what}.`);
    return read;
  };

/** A timer takes no more than 2^31 ms. */
const secondsMax = 2_000_000;
export const seconds = inRange(`a number of seconds above 0, at most ${secondsMax}`, (n) => n > 0 && n <= secondsMax);
const inHours = inRange('a number of hours above 0, at most 168', (n) => n > 0 && n <= 168);
/** `24` or `24h`. */
export const hours = (value: string): number => inHours(value.replace(/h$/, ''));
export const count = inRange('a whole number above 0', (n) => Number.isSafeInteger(n) && n > 0);
export const countOrNone = inRange('a whole number, 0 or more', (n) => Number.isSafeInteger(n) && n >= 0);
export const degreesNorth = inRange('a number of degrees from -90 to 90', (n) => Math.abs(n) <= 90);
export const degreesEast = inRange('a number of degrees from -180 to 180', (n) => Math.abs(n) <= 180);

export function text(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return value;
}

/** `NAME=N`, repeatable. */
export function ports(value: string, previous: Partial<StackPorts> = {}): Partial<StackPorts> {
  try {
    return { ...previous, ...parsePortOptions([value]) };
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    throw new InvalidArgumentError(`${error.message}; ${error.details.fix ?? ''}.`);
  }
}

const listed = (value: string): string[] => value.split(',').map((name) => name.trim());

export function partNames(value: string): string[] {
  const names = listed(value);
  const unknown = names.find((name) => !(stepNames as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `There is no part called ${unknown === '' ? '""' : unknown}; use ${stepNames.join(', ')}.`,
    );
  return names;
}

export function optionalParts(value: string): OptionalStep[] {
  const names = listed(value);
  const isKnown = names.every(isOptionalStep);
  if (!isKnown)
    throw new InvalidArgumentError(
      `There is no optional part called ${names.find((name) => !isOptionalStep(name)) || '""'}; use ${optionalSteps.join(', ')}.`,
    );
  return names;
}

export function httpAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:3004.');
  return value;
}

export function timeZone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return value;
  } catch {
    throw new InvalidArgumentError('It must be an IANA name such as America/Boise.');
  }
}

/** A folder that may not be there yet. */
export function folder(value: string): string {
  if (text(value) && statSync(value, { throwIfNoEntry: false })?.isFile() === true)
    throw new InvalidArgumentError('It must be a folder; this is a file.');
  return value;
}
