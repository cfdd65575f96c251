import type { LiveNames } from './names.js';

/** Words that statements begin with, and those that stand within them. */
export const STATEMENT_WORDS =
  'SELECT CREATE INSERT DROP SHOW LIST DESCRIBE EXPLAIN PRINT TERMINATE PAUSE RESUME SET UNSET DEFINE UNDEFINE ALTER ASSERT'.split(
    ' ',
  );
const INNER_WORDS = (
  'AS AND ADVANCE BEGINNING BETWEEN BY CASE CAST CHANGES COLUMN CONNECTOR CONNECTORS DELETE DISTINCT ELSE EMIT END EXISTS EXTENDED ' +
  'FINAL FROM FULL FUNCTION FUNCTIONS GRACE GROUP HAVING HEADERS HOPPING IF IN INNER INTO IS JOIN KEY LEFT LIKE LIMIT NOT NULL ON OR ' +
  'OUTER PARTITION PERIOD PRIMARY PROPERTIES QUERIES REPLACE RETENTION RIGHT SESSION SIZE SOURCE STREAM STREAMS TABLE TABLES THEN ' +
  'TOPIC TOPICS TUMBLING TYPE TYPES VALUES VARIABLES WHEN WHERE WINDOW WITH WITHIN ' +
  'ARRAY BIGINT BOOLEAN BYTES DATE DECIMAL DOUBLE INTEGER MAP STRING STRUCT TIME TIMESTAMP VARCHAR'
).split(' ');

const SOURCE_WORDS = /\b(?:FROM|JOIN|INTO|STREAM|TABLE|DESCRIBE)\s+$/i;
const QUERY_WORDS = /\b(?:TERMINATE|PAUSE|RESUME|EXPLAIN)\s+$/i;

/** Completions of the word at the end of the text, and that word: the shape that a `readline` completer answers with. */
export function complete(text: string, names: LiveNames): [string[], string] {
  const word = /[\w`.]*$/.exec(text)?.[0] ?? '';
  const before = text.slice(0, text.length - word.length);
  const dot = word.lastIndexOf('.');
  if (dot >= 0) {
    const columns = names.columns.get(sourceOf(word.slice(0, dot), text)) ?? [];
    return [matching(columns, word.slice(dot + 1)).map((name) => word.slice(0, dot + 1) + name), word];
  }
  const candidates = candidatesAfter(before, text, names);
  return [matching(candidates, word), word];
}

function candidatesAfter(before: string, text: string, names: LiveNames): readonly string[] {
  if (before.trim() === '' || before.trimEnd().endsWith(';')) return STATEMENT_WORDS;
  const sources = [...names.streams, ...names.tables];
  if (SOURCE_WORDS.test(before)) return sources;
  if (QUERY_WORDS.test(before)) return [...names.queries, 'ALL', 'SELECT'];
  const mentioned = sourcesIn(text, names);
  const columns =
    mentioned.length > 0
      ? mentioned.flatMap((name) => names.columns.get(name) ?? [])
      : [...names.columns.values()].flat();
  return [...columns, ...sources, ...names.functions.map((name) => `${name}(`), ...INNER_WORDS];
}

/** Sources that stand after FROM, JOIN or INTO. */
export function sourcesIn(text: string, names: LiveNames): string[] {
  const found = [...text.matchAll(/\b(?:FROM|JOIN|INTO)\s+(\w+)/gi)].map(([, name]) => (name ?? '').toUpperCase());
  return found.filter((name) => names.columns.has(name));
}

/** What an alias, or a name, stands for in a statement. */
function sourceOf(alias: string, text: string): string {
  const pattern = new RegExp(String.raw`\b(?:FROM|JOIN)\s+(\w+)\s+(?:AS\s+)?${alias.replaceAll('`', '')}\b`, 'i');
  return (pattern.exec(text)?.[1] ?? alias).toUpperCase();
}

function matching(candidates: readonly string[], word: string): string[] {
  const typed = word.toUpperCase();
  const found = [...new Set(candidates)].filter((candidate) => candidate.toUpperCase().startsWith(typed)).sort();
  return word !== '' && word === word.toLowerCase() ? found.map((each) => each.toLowerCase()) : found;
}
