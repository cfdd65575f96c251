import { levelsOf } from './rule.js';
import type { AlertState, RuleVersion } from './types.js';

/** The state of a rule at a place of which nothing was heard yet. */
export function newState(rule: RuleVersion, placeId: string): AlertState {
  return {
    format: 1,
    ruleVersion: rule.version,
    placeId,
    phase: 'NORMAL',
    unknown: null,
    settledMs: 0,
    last: null,
    recentMs: [],
    waiting: [],
    offsets: {},
    heardMs: 0,
    runs: Array.from({ length: levelsOf(rule) }, () => null),
    below: null,
    episode: null,
    cooling: null,
    past: [],
    late: [],
    ackedLevel: null,
    shelf: null,
    suppressedBy: null,
    maintenance: null,
    fleeting: 0,
    lateSamples: 0,
    hurried: 0,
    closed: null,
  };
}

/** What goes on when a new version of the rule begins: the causes outside it, and what was read. */
export function stateOfNextVersion(rule: RuleVersion, before: AlertState): AlertState {
  const { placeId, suppressedBy, maintenance, offsets, heardMs } = before;
  return { ...newState(rule, placeId), suppressedBy, maintenance, offsets, heardMs };
}
