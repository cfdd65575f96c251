import { placeOf, type EvaluationBatch, type EvaluationErrors, type RecordPlace } from '../evaluator.js';

/** What expressions read of a record beside its columns. */
export type RecordFact = 'timestamp' | 'partition' | 'offset' | 'windowStart' | 'windowEnd';

/** How generated code reaches the record that it evaluates. */
export interface Frame {
  column(part: 'key' | 'value', index: number): string;
  fact(name: RecordFact): string;
  /** What the place of a column needs once per batch. */
  hoist(part: 'key' | 'value', index: number): string;
  /** The arguments that tell a reporter of the record. */
  readonly place: string;
  /** A function that reports a failure of a text and gives null; it takes the cause and `place`. */
  reporter(errors: EvaluationErrors, text: string): unknown;
  /** The frame inside lambdas, which read the record through variables outside of them; undefined: this is one. */
  readonly lambda: Frame | undefined;
}

function recordFrame(record: string, lambda: Frame | undefined): Frame {
  return {
    column: (part, index) => `${record}.${part} === null ? null : ${record}.${part}[${index}]`,
    fact: (name) => `${record}.${name}`,
    hoist: () => '',
    place: record,
    reporter:
      (errors, text) =>
      (cause: unknown, place: RecordPlace): null => {
        errors.report(text, cause, place);
        return null;
      },
    lambda,
  };
}

function batchFrame(
  batch: string,
  row: string,
  column: (part: 'key' | 'value', index: number) => string,
  lambda: Frame | undefined,
): Frame {
  return {
    column: (part, index) => `${column(part, index)}[${row}]`,
    fact: (name) => `${batch}.${name}s[${row}]`,
    hoist: (part, index) => `const ${column(part, index)} = ${batch}.${part}s[${index}];`,
    place: `${batch}, ${row}`,
    reporter:
      (errors, text) =>
      (cause: unknown, failed: EvaluationBatch, at: number): null => {
        errors.report(text, cause, placeOf(failed, at));
        return null;
      },
    lambda,
  };
}

/** One record, in `record`; inside lambdas in `current`. */
export const RECORD_FRAME: Frame = recordFrame('record', recordFrame('current', undefined));

/** Row `i` of `batch`, whose vectors stand in variables before the loop; inside lambdas row `currentRow` of `current`. */
export const BATCH_FRAME: Frame = batchFrame(
  'batch',
  'i',
  (part, index) => `${part === 'key' ? 'K' : 'V'}${index}`,
  batchFrame('current', 'currentRow', (part, index) => `current.${part}s[${index}]`, undefined),
);
