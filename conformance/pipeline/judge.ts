import type { CaseResult } from '../../libs/ksql-engine/conformance/suite.js';
import { compareRow, compareRows, finalRow, type ComparedRow, type Difference, type Leniency } from './compare-rows.js';

/** Where this pipeline knowingly answers otherwise than the recorded one. */
export interface Deviation {
  /** Which keys, as `rowsByKey` writes them. */
  readonly keys: RegExp;
  /** Columns that differ, any when not given; `ROW` is a row that only one side has. */
  readonly columns?: readonly string[];
  /** Which of these differences, where not every one. */
  readonly when?: (theirs: string, ours: string) => boolean;
  /** How many cells and rows differ in all: another number is another difference. */
  readonly differences: number;
  readonly theirs: string;
  readonly ours: string;
  readonly reason: string;
}

/** What a comparison of a topic may ask for. */
export interface Comparison {
  readonly topic: string;
  /** Whether the order of a key's rows is settled. */
  isOrdered(key: string): boolean;
  /** Whether the last row of a key means something by itself, as it does in a table. */
  readonly hasLastRows: boolean;
  /** Columns that depend on timing. */
  readonly racing: ReadonlySet<string>;
}

export type KeyedRows = ReadonlyMap<string, readonly ComparedRow[]>;

/** Compares topics, and accounts for each difference with a deviation that is listed. */
export class Judge {
  private readonly counts = new Map<Deviation, number>();

  constructor(
    private readonly suite: string,
    private readonly deviations: Readonly<Record<string, readonly Deviation[]>>,
  ) {}

  /** A case per key for its last row, and one for all of its rows where their order is settled. */
  compare({ topic, isOrdered, hasLastRows, racing }: Comparison, theirs: KeyedRows, ours: KeyedRows): CaseResult[] {
    const keys = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
    return keys.flatMap((key) => {
      const [their, our] = [theirs.get(key) ?? [], ours.get(key) ?? []];
      const leniency: Leniency = { ignored: racing, isSumOrderFree: !isOrdered(key) };
      const results: CaseResult[] = [];
      if (hasLastRows)
        results.push(this.result(topic, key, 'last row', compareRow(finalRow(their), finalRow(our), leniency)));
      if (isOrdered(key)) results.push(this.result(topic, key, 'all rows', compareRows(their, our, leniency)));
      return results;
    });
  }

  /** A failed case for each deviation that is not what was found. */
  staleDeviations(): CaseResult[] {
    const all = Object.entries(this.deviations).flatMap(([topic, listed]) => listed.map((one) => ({ topic, one })));
    return all.flatMap(({ topic, one }) => {
      const found = this.counts.get(one) ?? 0;
      if (found === one.differences) return [];
      const name = `deviation of ${one.columns?.join(', ') ?? 'any column'} for ${one.keys.source}`;
      const what =
        found === 0
          ? 'no longer occurs: take it from the list'
          : `is listed with ${one.differences} differences, but there are ${found}`;
      return [{ suite: this.suite, file: topic, name, outcome: 'failed', reason: `${what} (${one.reason})` }];
    });
  }

  private result(topic: string, key: string, view: string, differences: readonly Difference[]): CaseResult {
    const reasons = new Set<string>();
    const unlisted: string[] = [];
    for (const { column, theirs, ours } of differences) {
      const deviation = this.deviations[topic]?.find(
        ({ keys, columns, when }) =>
          keys.test(key) && (columns?.includes(column) ?? true) && (when?.(theirs, ours) ?? true),
      );
      if (deviation === undefined) unlisted.push(`${column}: theirs ${theirs}, ours ${ours}`);
      else {
        this.counts.set(deviation, (this.counts.get(deviation) ?? 0) + 1);
        reasons.add(deviation.reason);
      }
    }
    const outcome = unlisted.length > 0 ? 'failed' : reasons.size > 0 ? 'known-gap' : 'passed';
    const reason = (unlisted.length > 0 ? unlisted : [...reasons]).join('\n');
    return { suite: this.suite, file: topic, name: `${view} of ${key}`, outcome, reason };
  }
}
