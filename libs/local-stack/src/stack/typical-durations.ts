import { readFileSync, writeFileSync } from 'node:fs';
import type { StackHome } from '../home.js';

/** How long each step's start took in the last run that got ready, in milliseconds. */
export type TypicalDurations = Readonly<Record<string, number>>;

export function readTypicalDurations(home: StackHome): TypicalDurations {
  try {
    return JSON.parse(readFileSync(home.typicalDurations, 'utf8')) as TypicalDurations;
  } catch {
    return {};
  }
}

export function writeTypicalDurations(home: StackHome, durations: TypicalDurations): void {
  writeFileSync(home.typicalDurations, JSON.stringify({ ...readTypicalDurations(home), ...durations }, undefined, 2));
}
