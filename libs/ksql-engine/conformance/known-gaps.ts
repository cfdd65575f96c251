import type { CaseResult } from './suite.js';

/** Cases that are knowingly answered otherwise, `file - name` (the file without its ending) to the reason. */
export type KnownGaps = ReadonlyMap<string, string>;

interface NamedCase {
  /** The case file's base name. */
  readonly file: string;
  readonly name: string;
}

const baseName = ({ file }: NamedCase): string => file.replace(/\.json$/, '');
export const caseId = (testCase: NamedCase): string => `${baseName(testCase)} - ${testCase.name}`;

export const resultOf = (
  suite: string,
  { file, name }: NamedCase,
  outcome: CaseResult['outcome'],
  reason: string,
): CaseResult => ({ suite, file, name, outcome, reason });

/** What a failure (or its absence) means for a case; a gap that has closed is a failure too. */
export function verdict(suite: string, testCase: NamedCase, failure: string | undefined, gaps: KnownGaps): CaseResult {
  const gap = gaps.get(caseId(testCase));
  if (gap === undefined)
    return failure === undefined
      ? resultOf(suite, testCase, 'passed', '')
      : resultOf(suite, testCase, 'failed', failure);
  return failure === undefined
    ? resultOf(suite, testCase, 'failed', `a known gap has closed: take it from the list (${gap})`)
    : resultOf(suite, testCase, 'known-gap', gap);
}

/** A failure for each listed name that no case of its file bears. */
export function staleGaps(suite: string, cases: readonly NamedCase[], gaps: KnownGaps): readonly CaseResult[] {
  const known = new Set(cases.map(caseId));
  const files = new Set(cases.map(baseName));
  return [...gaps.keys()]
    .filter((id) => files.has(id.split(' - ')[0] ?? '') && !known.has(id))
    .map((id) => resultOf(suite, { file: 'known-gaps', name: id }, 'failed', 'no case has this name'));
}
