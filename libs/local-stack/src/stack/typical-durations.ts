import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';

/** How long each step's start took in the last run that got ready, in milliseconds. */
export type TypicalDurations = Readonly<Record<string, number>>;

const fileOf = (home: StackHome): string => join(home.root, 'typical-durations.json');

export function readTypicalDurations(home: StackHome): TypicalDurations {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8')) as TypicalDurations;
  } catch {
    return {};
  }
}

export function writeTypicalDurations(home: StackHome, durations: TypicalDurations): void {
  writeFileSync(fileOf(home), JSON.stringify({ ...readTypicalDurations(home), ...durations }, undefined, 2));
}
