import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Equivalent {
  readonly file: string;
  readonly code: string;
  readonly mutator: string;
  readonly original?: string;
  readonly replacement?: string;
  readonly reason: string;
}
interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: Readonly<Record<'start' | 'end', { readonly line: number; readonly column: number }>>;
}
interface Verdict {
  readonly scorePercent: number;
  readonly equivalent: number;
  readonly survivors: readonly object[];
  readonly stale: readonly Equivalent[];
}
const { judge } = (await import(new URL('judge.mjs', import.meta.url).href)) as {
  judge(report: object, equivalent: readonly Equivalent[]): Verdict;
};
const { targets } = JSON.parse(readFileSync(join(import.meta.dirname, 'targets.json'), 'utf8')) as {
  targets: Readonly<
    Record<
      string,
      {
        readonly mutate: readonly string[];
        readonly specs: readonly string[];
        readonly equivalent: readonly Equivalent[];
      }
    >
  >;
};

const source = 'const a = 1;\nif (a > 0 && b) {\n  run();\n}\n';
const onLine2 = (status: string, replacement: string): Mutant => ({
  status,
  mutatorName: 'EqualityOperator',
  replacement,
  location: { start: { line: 2, column: 5 }, end: { line: 2, column: 10 } },
});
const reportOf = (...mutants: readonly Mutant[]) => ({ files: { 'libs/x/src/a.ts': { source, mutants } } });
const excuse = { file: 'a.ts', code: 'if (a > 0 && b) {', mutator: 'EqualityOperator', reason: 'a is 1' };

describe('the score of a mutation run', () => {
  it('counts what no test covers as not noticed, leaves out what never ran, and is not rounded up', () => {
    const mutants = ['Killed', 'Timeout', 'RuntimeError', 'Survived', 'NoCoverage', 'Ignored'].map((status) =>
      onLine2(status, 'a >= 0'),
    );
    expect(judge(reportOf(...mutants), [])).toMatchObject({
      scorePercent: 60,
      killed: 2,
      timeout: 1,
      survived: 1,
      noCoverage: 1,
      ignored: 1,
    });
    const [killed, survived] = [onLine2('Killed', 'a >= 0'), onLine2('Survived', 'a >= 0')];
    const almost = [...new Array<Mutant>(8499).fill(killed), ...new Array<Mutant>(1501).fill(survived)];
    expect(judge(reportOf(...almost), []).scorePercent).toBe(84.9);
  });

  it('says of a survivor where it is and what it changes', () => {
    expect(judge(reportOf(onLine2('Survived', 'a >= 0')), []).survivors).toEqual([
      {
        file: 'libs/x/src/a.ts',
        line: 2,
        mutator: 'EqualityOperator',
        code: 'if (a > 0 && b) {',
        original: 'a > 0',
        replacement: 'a >= 0',
      },
    ]);
  });

  it('leaves an equivalent mutant out of the sum, and no other of the same line', () => {
    const report = reportOf(onLine2('Survived', 'a >= 0'), onLine2('Survived', 'a < 0'), onLine2('Killed', 'a <= 0'));
    const verdict = judge(report, [{ ...excuse, replacement: 'a >= 0' }]);
    expect(verdict).toMatchObject({
      scorePercent: 50,
      equivalent: 1,
      survivors: [{ replacement: 'a < 0' }],
      stale: [],
    });
  });

  it('tells of an excuse for a mutant that is noticed or gone', () => {
    const entry = { ...excuse, replacement: 'a >= 0' };
    expect(judge(reportOf(onLine2('Killed', 'a >= 0')), [entry]).stale).toEqual([entry]);
    expect(judge(reportOf(), [entry]).stale).toEqual([entry]);
  });
});

describe.each(Object.entries(targets))('the mutation target %s', (folder, { mutate, specs, equivalent }) => {
  it('names files and specs that are there', () => {
    const missing = [...mutate, ...specs].filter(
      (file) => !existsSync(join(import.meta.dirname, '../..', folder, file)),
    );
    expect(missing).toEqual([]);
  });

  it('gives the reason for each mutant that it calls equivalent', () => {
    expect(equivalent.filter(({ reason }) => !/\w+ \w+/.test(reason))).toEqual([]);
  });
});
