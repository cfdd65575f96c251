import { KsqlServerError } from '@isobar/ksql-client';
import { STATEMENT_WORDS, sourcesIn } from './complete.js';
import type { LiveNames } from './names.js';
import { nearest } from './nearest.js';

/** A span of a statement's text: line and column from 1. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
export interface Diagnosis {
  readonly message: string;
  readonly span: Span | undefined;
  /** What to type instead. */
  readonly advice: string | undefined;
}

/** Says what is wrong with a refused statement, where, and what to type instead. */
export function diagnose(error: unknown, statement: string, names: LiveNames): Diagnosis {
  const message = error instanceof Error ? error.message : String(error);
  const short = shortened(message, statement);
  const place = error instanceof KsqlServerError ? error.place : undefined;
  const unknown = unknownName(message);
  const span = (unknown === undefined ? undefined : find(statement, unknown)) ?? (place && wordAt(statement, place));
  return { message: short, span, advice: adviceFor(message, statement, unknown, span, names) };
}

/** The statement itself is on the screen already. */
function shortened(message: string, statement: string): string {
  const text = message.replace(/\n?Statement: [\s\S]*$/, '').trim();
  return text === '' ? message.replace(statement, '').trim() : text;
}

const UNKNOWN_NAME = [
  /column '([^']+)' cannot be resolved/i,
  /(?:unknown (?:source|stream|table)[^:]*: |unknown stream\/table: )[`']?([\w.-]+)/i,
  /[`']?([\w.-]+)[`']? does not exist/i,
  /(?:could not find|can't find)[^`']*[`']([\w.-]+)[`']/i,
  /can't find any functions? with the name ['`]?(\w+)/i,
  /unknown queryId: ?(\S+)/i,
  /Source (\S+) is either of the form/i,
];

function unknownName(message: string): string | undefined {
  const found = UNKNOWN_NAME.map((pattern) => pattern.exec(message)?.[1]).find((name) => name !== undefined);
  return found?.replaceAll('`', '').split('.').pop();
}

function adviceFor(
  message: string,
  statement: string,
  unknown: string | undefined,
  span: Span | undefined,
  names: LiveNames,
): string | undefined {
  if (
    /^\s*SELECT\b/i.test(statement) &&
    !/\bEMIT\s+(?:CHANGES|FINAL)\b/i.test(statement) &&
    /EMIT CHANGES/i.test(message)
  ) {
    return `add EMIT CHANGES to follow the changes:  ${statement.replace(/\s*;\s*$/, '')} EMIT CHANGES;`;
  }
  if (unknown !== undefined) return didYouMean(nearest(unknown, knownNames(statement, names)));
  const word = span === undefined ? (statement.match(/\w+/)?.[0] ?? '') : textOf(statement, span);
  if (!/syntax error|mismatched|expecting/i.test(message) || /did you mean/i.test(message)) return undefined;
  if (/missing ';'/.test(message) || (span !== undefined && word === ''))
    return 'end the statement with a semicolon:  ;';
  const isFirst = statement.trimStart().startsWith(word);
  return didYouMean(
    nearest(
      word,
      isFirst
        ? STATEMENT_WORDS
        : ['FROM', 'WHERE', 'GROUP', 'EMIT', 'CHANGES', 'WINDOW', 'WITHIN', 'PARTITION', 'HAVING', 'LIMIT', 'SELECT'],
    ),
  );
}

function knownNames(statement: string, names: LiveNames): string[] {
  const columns = sourcesIn(statement, names).flatMap((source) => names.columns.get(source) ?? []);
  return [...columns, ...names.streams, ...names.tables, ...names.functions, ...names.queries];
}

const didYouMean = (words: readonly string[]): string | undefined =>
  words.length === 0 ? undefined : `did you mean ${words.join(' or ')}?`;

/** Where a name stands in a text, as a word of its own and in any case. */
function find(text: string, name: string): Span | undefined {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const match = new RegExp(String.raw`(?<!\w)${escaped}(?!\w)`, 'i').exec(text);
  if (match === null) return undefined;
  const before = text.slice(0, match.index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: name.length };
}

function wordAt(text: string, { line, column }: { readonly line: number; readonly column: number }): Span | undefined {
  const rest = text.split('\n')[line - 1]?.slice(column - 1);
  if (rest === undefined) return undefined;
  return { line, column, length: Math.max(1, /^\w+/.exec(rest)?.[0].length ?? 1) };
}

const textOf = (text: string, { line, column, length }: Span): string =>
  (text.split('\n')[line - 1] ?? '').slice(column - 1, column - 1 + length);

/** The diagnosis as lines: message, the line with the place underlined, advice. `firstLine` is where the statement begins. */
export function diagnosisLines({ message, span, advice }: Diagnosis, statement: string, firstLine: number): string[] {
  const lines = [`error: ${message}`];
  const text = span && statement.split('\n')[span.line - 1];
  if (span !== undefined && text !== undefined) {
    const gutter = `${firstLine + span.line - 1} | `;
    lines.push(gutter + text, ' '.repeat(gutter.length + span.column - 1) + '^'.repeat(span.length));
  }
  if (advice !== undefined) lines.push(`help: ${advice}`);
  return lines;
}
