import { readFileSync, writeFileSync } from 'node:fs';
import type { StackHome } from './home.js';
import { optionalSteps, stepNames, type OptionalStep } from './plan.js';

export const isOptionalStep = (name: string): name is OptionalStep =>
  (optionalSteps as readonly string[]).includes(name);

/** What a start was asked for. */
export interface AskedSteps {
  /** These alone; without it, every step that is not optional, and the optional ones that were asked for before. */
  readonly only?: readonly string[];
  /** Optional ones to run besides, from now on. */
  readonly with?: readonly OptionalStep[];
  /** Optional ones to run no more. */
  readonly without?: readonly OptionalStep[];
}

export interface ChosenSteps {
  readonly steps: readonly string[];
  /** The optional ones that run because a start before asked for them. */
  readonly remembered: readonly OptionalStep[];
}

/** The steps of a start: schemas that queries read must not be away only because the second start was not asked for their registry. */
export function chooseSteps(home: StackHome, { only, with: added = [], without = [] }: AskedSteps): ChosenSteps {
  const remembered =
    only === undefined
      ? readOptionalSteps(home).filter((step) => !added.includes(step) && !without.includes(step))
      : [];
  const wanted = new Set<string>([
    ...(only ?? stepNames.filter((name) => !isOptionalStep(name))),
    ...added,
    ...remembered,
  ]);
  return { steps: stepNames.filter((name) => wanted.has(name)), remembered };
}

/** The optional steps that starts of this home were asked for. */
export function readOptionalSteps(home: StackHome): OptionalStep[] {
  try {
    const { with: steps } = JSON.parse(readFileSync(home.optionalParts, 'utf8')) as { with: readonly string[] };
    return steps.filter(isOptionalStep);
  } catch {
    return [];
  }
}

/** Notes for the next start what this one was asked for. */
export function rememberOptionalSteps(home: StackHome, { with: added = [], without = [] }: AskedSteps): void {
  if (added.length === 0 && without.length === 0) return;
  const steps = new Set([...readOptionalSteps(home), ...added].filter((step) => !without.includes(step)));
  writeFileSync(home.optionalParts, JSON.stringify({ with: [...steps] }));
}
