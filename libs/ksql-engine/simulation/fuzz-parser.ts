import { isDeepStrictEqual } from 'node:util';
import { ParseFailedError } from '../src/errors/sql-error.js';
import { parseOne, parseStatements } from '../src/syntax/parse.js';
import { printStatement } from '../src/syntax/print/statement.js';
import { withoutPlaces } from '../src/testing/without-places.js';

/*
 * Breaks statements in random places and parses the result. Whatever the text, the parser either refuses it with its own
 * error or gives a tree that survives printing and parsing. The first one that does not is shown; its seed and number reproduce it.
 */

const seeds: readonly string[] = [
  "CREATE STREAM S (ID INT KEY, `a-b` MAP<STRING, ARRAY<STRUCT<X DECIMAL(4, 2), Y BYTES>>>, H BYTES HEADER('k')) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1, WRAP_SINGLE_VALUE=false);",
  'CREATE OR REPLACE SOURCE TABLE IF NOT EXISTS T (ID BIGINT PRIMARY KEY) WITH (KAFKA_TOPIC=\'t\', FORMAT="JSON");',
  "CREATE STREAM X WITH (KEY_FORMAT='JSON') AS SELECT A.*, B.V AS `v w`, ST->F->G, ST->*, ARR[-1], M['k'] FROM A LEFT JOIN B WITHIN (1 HOUR, 2 DAYS) GRACE PERIOD 5 MINUTES ON A.ID = B.ID WHERE NOT (A.X > 1 AND B.Y IS NOT NULL OR B.Z IN (1, 2.5, 1E3, 'it''s')) PARTITION BY A.X, UCASE(A.Y) EMIT CHANGES;",
  'CREATE TABLE C AS SELECT ID, COUNT(*) N, SUM(X * -2 + Y % 3) FROM A WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, RETENTION 1 DAY, GRACE PERIOD 1 MINUTE) WHERE X BETWEEN 1 AND 10 GROUP BY (ID, X) HAVING COUNT(*) > 5 EMIT FINAL LIMIT 3;',
  "INSERT INTO T WITH (QUERY_ID='q') SELECT * FROM A FULL OUTER JOIN B ON A.ID = B.ID JOIN C ON A.ID = C.ID;",
  "INSERT INTO T (A, B, C) VALUES (1, -2.5, STRUCT(X := MAP('a' := 1), Y := ARRAY[1, 2, NULL, TRUE]));",
  "SELECT CASE WHEN A LIKE 'x!%%' ESCAPE '!' THEN 1 ELSE CAST(B AS ARRAY<INT>)[1] END, CASE X WHEN 1 THEN 'a' END, REDUCE(A, 0, (s, x) => s + x), FILTER(A, x => x IS DISTINCT FROM 5), DATEADD(DAYS, 1, D) FROM S S EMIT CHANGES LIMIT 10;",
  "PRINT 'topic' FROM BEGINNING INTERVAL 2 LIMIT 5;",
  'EXPLAIN SELECT A || B || \'c\' FROM S; EXPLAIN CSAS_X_1; DESCRIBE "q" EXTENDED; DESCRIBE FUNCTION ABS; SHOW ALL TOPICS EXTENDED;',
  "LIST SOURCE CONNECTORS; SHOW CONNECTOR PLUGINS; CREATE SINK CONNECTOR C WITH ('a.b'='c', x='y'); DROP CONNECTOR IF EXISTS C;",
  "SET 'a'='b'; UNSET 'a'; DEFINE v = 'S'; SELECT '${v}' FROM ${v}; UNDEFINE v; ALTER SYSTEM 'k'='v'; TERMINATE ALL; PAUSE Q_1; RESUME q;",
  "ALTER STREAM S ADD COLUMN A INT, ADD B MY_TYPE; CREATE TYPE T AS STRUCT<A INT, B U>; DROP TYPE IF EXISTS T; DROP STREAM IF EXISTS S DELETE TOPIC;",
  "ASSERT NOT EXISTS TOPIC t WITH (PARTITIONS=1) TIMEOUT 5 SECONDS; ASSERT SCHEMA SUBJECT 's' ID 3 TIMEOUT 10 MILLISECONDS; -- end\n/* more */",
  'CREATE TABLE W AS SELECT ID, COLLECT_LIST(X) FROM A WINDOW SESSION (30 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY ID;',
]; // prettier-ignore

const scraps: readonly string[] = [
  ...'( ) [ ] , ; . -> => := = <> < > + - * / % || \' ` " $ ${x} -- /* */ \\ \u0000 é 🙂'.split(' '),
  ...'SELECT FROM AS NOT AND OR NULL CASE WHEN THEN END CAST ARRAY MAP STRUCT WITHIN WINDOW GROUP BY IN'.split(' '),
  ...'ALL KEY PRIMARY WITH VALUES EMIT CHANGES LIMIT EXPLAIN IS DISTINCT LIKE BETWEEN JOIN ON INTERVAL 1DAY'.split(' '),
  ..."0 1 -1 9223372036854775808 1.5 .5 1. 1E3 1E999 99999999999999999999 1R0W abc `a``b` 'x' ''".split(' '),
  '\n',
  ' ',
];

/** xorshift32: the same seed gives the same texts for ever. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Pick = (below: number) => number;
const pickOf = (pick: Pick, texts: readonly string[]): string => texts[pick(texts.length)] ?? '';

const mutations: readonly ((text: string, pick: Pick) => string)[] = [
  (text, pick) => replaceWord(text, pick, () => ''),
  (text, pick) => replaceWord(text, pick, (word) => `${word} ${word}`),
  (text, pick) => replaceWord(text, pick, () => pickOf(pick, scraps)),
  (text, pick) => replaceWord(text, pick, (word) => `${pickOf(pick, scraps)} ${word}`),
  (text, pick) => replaceWord(text, pick, (word) => `(${word})`),
  (text, pick) => replaceWord(text, pick, (word) => `${word} `.repeat(pick(300))),
  (text, pick) => text.slice(0, pick(text.length + 1)),
  (text, pick) => text.slice(pick(text.length + 1)),
  (text, pick) => {
    const at = pick(text.length + 1);
    return text.slice(0, at) + pickOf(pick, scraps) + text.slice(at + pick(3));
  },
  (text, pick) => {
    const other = pickOf(pick, seeds);
    return text.slice(0, pick(text.length + 1)) + other.slice(pick(other.length + 1));
  },
];

function replaceWord(text: string, pick: Pick, by: (word: string) => string): string {
  const words = text.match(/\w+|\s+|[^\w\s]/g) ?? [];
  const chosen = pick(words.length + 1);
  return words.map((word, index) => (index === chosen ? by(word) : word)).join('');
}

export interface FuzzReport {
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
}

/** @throws Error with seed, number and text of the first statement that was treated badly */
export function fuzzParser(seed: number, count: number): FuzzReport {
  const pick = randomFrom(seed);
  let accepted = 0;
  let refused = 0;
  let slowestMs = 0;
  for (let number = 0; number < count; number++) {
    let text = pickOf(pick, seeds);
    for (let rounds = 1 + pick(1 + pick(4)); rounds > 0; rounds--) {
      text = (mutations[pick(mutations.length)] ?? String)(text, pick).slice(0, 20_000);
    }
    const started = performance.now();
    try {
      if (survives(text)) accepted++;
      else refused++;
    } catch (error) {
      throw new Error(`seed ${seed}, statement ${number}: ${JSON.stringify(text)}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  return { accepted, refused, slowestMs };
}

/** False when the parser refuses the text; throws when anything else than its own error comes out. */
function survives(text: string): boolean {
  let statements;
  try {
    statements = parseStatements(text);
  } catch (error) {
    if (error instanceof ParseFailedError) return false;
    throw error;
  }
  for (const { statement } of statements) {
    const printed = printStatement(statement);
    const again = parseOne(printed).statement;
    if (!isDeepStrictEqual(withoutPlaces(again), withoutPlaces(statement))) {
      throw new Error(`printing changed the tree: ${printed}`);
    }
  }
  return true;
}
