import { severities, type RuleVersion, type Sample, type Severity } from './types.js';

/** A snooze ends after a week at the latest. */
export const snoozeMaxMs = 7 * 24 * 3_600_000;
/** A delay may be so many times the longest gap: it bounds what an alert must cite. */
export const gapsPerDelayMax = 32;
const dayMs = 24 * 3_600_000;

export const severityRank = (severity: Severity): number => severities.indexOf(severity);

export const levelsOf = (rule: RuleVersion): number => 1 + rule.escalations.length;

const thresholdOf = (rule: RuleVersion, level: number): number =>
  level === 0 ? rule.threshold : (rule.escalations[level - 1]?.threshold ?? rule.threshold);

export const severityOf = (rule: RuleVersion, level: number): Severity =>
  level === 0 ? rule.severity : (rule.escalations[level - 1]?.severity ?? rule.severity);

/** Is the limit of that level crossed? At the limit it is not. */
export function isOver(rule: RuleVersion, level: number, value: number): boolean {
  const threshold = thresholdOf(rule, level);
  return rule.comparison === 'ABOVE' ? value > threshold : value < threshold;
}

/** Is the value on the good side of the limit of that level, and of its deadband? */
export function isWellUnder(rule: RuleVersion, level: number, value: number): boolean {
  const threshold = thresholdOf(rule, level);
  return rule.comparison === 'ABOVE' ? value < threshold - rule.deadband : value > threshold + rule.deadband;
}

/** The more extreme of two samples; of equals the earlier one. */
export function moreExtreme(rule: RuleVersion, a: Sample, b: Sample): Sample {
  if (a.value === b.value) return b.atMs < a.atMs ? b : a;
  return (rule.comparison === 'ABOVE') === b.value > a.value ? b : a;
}

/** What is out of range of a rule, in words: field, value and what is allowed; empty when it may run. */
export function checkRule(rule: RuleVersion): readonly string[] {
  const problems: string[] = [];
  const within = (field: string, value: number, min: number, max: number): void => {
    if (!(value >= min && value <= max)) problems.push(`${field} is ${value}: it must be from ${min} to ${max}`);
  };
  within('threshold', rule.threshold, -1e9, 1e9);
  within('deadband', rule.deadband, 0, 1e9);
  within('maxGapMs', rule.maxGapMs, 1_000, dayMs);
  within('onDelayMs', rule.onDelayMs, 0, gapsPerDelayMax * rule.maxGapMs);
  within('offDelayMs', rule.offDelayMs, 0, gapsPerDelayMax * rule.maxGapMs);
  within('staleAfterMs', rule.staleAfterMs, 1_000, 7 * dayMs);
  within('maxUnknownMs', rule.maxUnknownMs, 0, 30 * dayMs);
  within('coolDownMs', rule.coolDownMs, 0, 7 * dayMs);
  within('latenessMs', rule.latenessMs, 0, dayMs);
  within('maxReminders', rule.maxReminders, 0, 100);
  if (rule.maxReminders > 0) within('remindEveryMs', rule.remindEveryMs, 60_000, 7 * dayMs);
  if (rule.escalations.length > 4)
    problems.push(`escalations are ${rule.escalations.length}: there must be no more than 4`);
  rule.escalations.forEach((escalation, index) => {
    const field = `escalations[${index}]`;
    const before = thresholdOf(rule, index);
    within(`${field}.threshold`, escalation.threshold, -1e9, 1e9);
    if (rule.comparison === 'ABOVE' ? escalation.threshold < before : escalation.threshold > before)
      problems.push(`${field}.threshold is ${escalation.threshold}: it must not be easier to cross than ${before}`);
    if (severityRank(escalation.severity) <= severityRank(severityOf(rule, index)))
      problems.push(`${field}.severity is ${escalation.severity}: it must be above ${severityOf(rule, index)}`);
  });
  return problems;
}
