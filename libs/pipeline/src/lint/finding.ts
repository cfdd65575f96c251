import type { SqlFileError } from '../files/sql-file-error.js';

/** Every rule, with what it is for: a file may say `-- @allow rule: reason`. */
export const rules = {
  unreadable: 'a file holds one CREATE STREAM or CREATE TABLE that can be read',
  dependencies: 'objects read what is declared, in no circle, under names of their own',
  refused: 'the engine takes every statement',
  'no-grace': 'a window and a join within a time say how late a record may come',
  'no-key': 'a declared stream has a key column, so that its records have an order and a partition',
  'no-event-time': 'a declared source says which column is its event time',
  'star-at-boundary': 'a result lists its columns, so that a column more upstream does not change it',
  'orphan-topic': 'somebody writes what is read, and somebody reads what is written',
  'no-budget': 'a query says how many rows it may write for each that it reads',
  'no-test': 'no file without a test beside it is deployed',
} as const;
export type Rule = keyof typeof rules;

export interface Finding {
  readonly rule: Rule;
  readonly file: string;
  /** Counted from 1; null when the whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string | null;
}

export const findingOf = (rule: Rule, { file, place, reason, instead }: SqlFileError): Finding => ({
  rule,
  file,
  line: place?.line ?? null,
  column: place?.column ?? null,
  message: reason,
  instead: instead ?? null,
});

/** `file:line:column: rule: message`, and below it what to write instead. */
export function findingText({ rule, file, line, column, message, instead }: Finding): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}: ${rule}: ${message}${instead === null ? '' : `\n    instead: ${instead}`}`;
}
