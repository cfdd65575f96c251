import type { FetchedRecord } from '../../src/ports/record-columns.js';
import { countedWindows, windowCounts } from '../../src/testing/windows-by-definition.js';

export type Topic = 's' | 'r' | 't' | 'u' | 'e';

/** A record of a source, as it was written and stands in its log, or stood. */
export interface Input {
  readonly id: number;
  readonly topic: Topic;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** A deletion in a table. */
  readonly isGone: boolean;
  readonly v: number;
  readonly g: string;
  /** All that was written to tables before was processed. */
  readonly isLastLook: boolean;
}

type Row = Readonly<Record<string, number | string | null>>;

/** What readers of committed records see of a result. */
export interface Output {
  readonly key: string;
  readonly partition: number;
  readonly value: Row | null;
}

/** All that a query is judged by. */
export interface Evidence {
  /** In the order of partitions and offsets. */
  input(topic: Topic): readonly Input[];
  output(topic: string): readonly Output[];
  records(topic: string): readonly FetchedRecord[];
  readonly partitions: number;
  /** The records of `e` that were deleted, some of them after they were read. */
  isDeleted(input: Input): boolean;
  /** A loss of records was told. */
  readonly isLossTold: boolean;
}

export type QueryName =
  | 'filter'
  | 'countOfFiltered'
  | 'rekey'
  | 'explode'
  | 'grown'
  | 'count'
  | 'group'
  | 'windows'
  | 'finalWindows'
  | 'streamTable'
  | 'streamStream'
  | 'outerStreams'
  | 'tableFilter'
  | 'tableTable'
  | 'foreignKey';

export interface SimulatedQuery {
  readonly sql: string;
  readonly reads: readonly Topic[];
  readonly sink: string;
  readonly needs?: readonly QueryName[];
  /** What is wrong with what it wrote, by the definition of the query; none when all is right. */
  judge(evidence: Evidence): readonly string[];
}

export const SOURCES: Readonly<Record<Topic, string>> = {
  s: "CREATE STREAM S (K STRING KEY, ID INT, V INT, G STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
  r: "CREATE STREAM R (K STRING KEY, ID INT, V INT, G STRING) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON');",
  t: "CREATE TABLE T (K STRING PRIMARY KEY, ID INT, V INT, G STRING) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');",
  u: "CREATE TABLE U (K STRING PRIMARY KEY, ID INT, V INT, G STRING) WITH (KAFKA_TOPIC='u', VALUE_FORMAT='JSON');",
  e: "CREATE STREAM E (K STRING KEY, ID INT, V INT, G STRING) WITH (KAFKA_TOPIC='e', VALUE_FORMAT='JSON');",
};

const PASSES_MIN = 50;
const [SIZE_MS, GRACE_MS] = [1_000, 500];
const WITHIN_MS = 5_000;
/** What closes the windows of joins lies further ahead; what is slow, or stands still, is not late. */
export const JOIN_GRACE_MS = 300_000;

const passes = ({ v }: Input): boolean => v >= PASSES_MIN;
const idOf = ({ value }: Output, column = 'ID'): number => value?.[column] as number;

/** The first place where two lists differ. */
function differs(what: string, found: readonly string[], wanted: readonly string[]): readonly string[] {
  const at = wanted.findIndex((text, index) => text !== found[index]);
  if (at < 0 && found.length === wanted.length) return [];
  const place = at < 0 ? wanted.length : at;
  return [
    `${what}: number ${place} is ${found[place] ?? 'missing'}, not ${wanted[place] ?? 'there'} (${found.length} of ${wanted.length})`,
  ];
}

/** The same records, in whatever order. */
const differsUnordered = (what: string, found: readonly string[], wanted: readonly string[]): readonly string[] =>
  differs(what, [...found].sort(), [...wanted].sort());

function by<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, keyOf);
}

/** Counts and sums of each group: every one that was written is that of the first N records, none comes twice, the last is of all. */
function judgeCounts(
  what: string,
  { input, output }: { readonly input: readonly Input[]; readonly output: readonly Output[] },
  groupOf: (input: Input) => string,
  hasOrder: boolean,
): readonly string[] {
  const problems: string[] = [];
  const told = by(output, ({ key }) => key);
  for (const [group, records] of by(input, groupOf)) {
    const sums: number[] = [0];
    for (const { v } of records) sums.push((sums.at(-1) as number) + v);
    let before = 0;
    for (const row of told.get(group) ?? []) {
      const [n, total] = [idOf(row, 'N'), idOf(row, 'TOTAL')];
      if (!(n > before)) problems.push(`${what} of ${group}: ${n} after ${before}`);
      if (hasOrder && total !== sums[n])
        problems.push(`${what} of ${group}: ${n} records come to ${total}, not ${sums[n]}`);
      before = n;
    }
    const last = told.get(group)?.at(-1);
    if (last === undefined || before !== records.length || idOf(last, 'TOTAL') !== sums.at(-1))
      problems.push(`${what} of ${group}: ${JSON.stringify(last?.value)} of ${records.length} records, ${sums.at(-1)}`);
  }
  return problems;
}

/** The records as the operators see them by their time. */
const timed = (input: readonly Input[]) =>
  input.map(({ key, partition, timestamp }) => ({ key: Buffer.from(key), partition, timestamp }));

/** The last row of each key of a table topic. */
function tableOf(input: readonly Input[]): ReadonlyMap<string, Input> {
  const rows = new Map<string, Input>();
  for (const record of input) {
    if (record.isGone) rows.delete(record.key);
    else rows.set(record.key, record);
  }
  return rows;
}

/** A table's last rows, and no row that says again what the one before it said. */
function judgeTable(
  what: string,
  output: readonly Output[],
  wanted: ReadonlyMap<string, string>,
  allowsRepeats = false,
): readonly string[] {
  const problems: string[] = [];
  const last = new Map<string, string>();
  for (const { key, value } of output) {
    const text = JSON.stringify(value);
    if (value !== null && !allowsRepeats && last.get(key) === text) problems.push(`${what} of ${key}: ${text} twice`);
    last.set(key, text);
  }
  for (const [key, text] of last) if (text === 'null') last.delete(key);
  const shown = (rows: ReadonlyMap<string, string>): readonly string[] =>
    [...rows].map(([key, text]) => `${key} ${text}`);
  return [...problems, ...differsUnordered(what, shown(last), shown(wanted))];
}

/**
 * Each row of the stream comes out once with a row of the table as it was at some moment, and those moments, all of one partition, go on
 * and never back; after all was settled it is the last row.
 */
function judgeLookups(evidence: Evidence): readonly string[] {
  const problems: string[] = [];
  const found = new Map(evidence.output('j').map((row) => [idOf(row, 'SID'), row.value?.['TID'] ?? null]));
  const stream = evidence.input('s');
  problems.push(
    ...differsUnordered(
      'lookups',
      evidence.output('j').map((row) => `${row.partition} ${row.key} ${idOf(row, 'SID')}`),
      stream.map(({ partition, key, id }) => `${partition} ${key} ${id}`),
    ),
  );
  for (const [partition, records] of by(stream, ({ partition }) => String(partition))) {
    const changes = evidence.input('t').filter((change) => String(change.partition) === partition);
    // So many changes of the table were seen at least.
    let seen = 0;
    for (const { key, id, isLastLook } of records) {
      const rowAfter = (count: number): number | null => {
        const change = changes.slice(0, count).findLast((each) => each.key === key);
        return change === undefined || change.isGone ? null : change.id;
      };
      if (isLastLook) seen = changes.length;
      while (seen <= changes.length && rowAfter(seen) !== (found.get(id) ?? null)) seen++;
      if (seen <= changes.length) continue;
      problems.push(
        `lookup of ${id} (${key}): it met ${found.get(id)}, ${isLastLook ? `not ${rowAfter(changes.length)}` : 'which was not there then'}`,
      );
      break;
    }
  }
  return problems;
}

const pairs = (evidence: Evidence): readonly (readonly [number, number])[] =>
  evidence.input('s').flatMap((left) =>
    evidence
      .input('r')
      .filter((right) => right.key === left.key && Math.abs(right.timestamp - left.timestamp) <= WITHIN_MS)
      .map((right) => [left.id, right.id] as const),
  );
const shownPairs = (output: readonly Output[]): readonly string[] =>
  output.map((row) => `${idOf(row, 'SID')} ${row.value?.['RID'] ?? null}`);

export const CLOSING_KEY = 'closing';
const isClosing = ({ key }: Input): boolean => key.startsWith(CLOSING_KEY);

export const QUERIES: Readonly<Record<QueryName, SimulatedQuery>> = {
  filter: {
    sql: `CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, ID, V FROM S WHERE V >= ${PASSES_MIN};`,
    reads: ['s'],
    sink: 'f',
    judge: (evidence) =>
      differs(
        'filtered',
        evidence.output('f').map((row) => `${row.partition} ${row.key} ${idOf(row)}`),
        evidence
          .input('s')
          .filter(passes)
          .map(({ partition, key, id }) => `${partition} ${key} ${id}`),
      ),
  },
  countOfFiltered: {
    sql: "CREATE TABLE CF WITH (KAFKA_TOPIC='cf') AS SELECT K, COUNT(*) AS N, SUM(V) AS TOTAL FROM F GROUP BY K;",
    reads: ['s'],
    sink: 'cf',
    needs: ['filter'],
    judge: (evidence) =>
      judgeCounts(
        'count of what was filtered',
        { input: evidence.input('s').filter(passes), output: evidence.output('cf') },
        ({ key }) => key,
        true,
      ),
  },
  rekey: {
    sql: "CREATE STREAM P WITH (KAFKA_TOPIC='p') AS SELECT G, ID FROM S PARTITION BY G;",
    reads: ['s'],
    sink: 'p',
    judge: (evidence) =>
      differsUnordered(
        'rekeyed',
        evidence.output('p').map((row) => `${row.key} ${idOf(row)}`),
        evidence.input('s').map(({ g, id }) => `${g} ${id}`),
      ),
  },
  explode: {
    sql: "CREATE STREAM X WITH (KAFKA_TOPIC='x') AS SELECT K, ID, EXPLODE(ARRAY[V, V + 1]) AS W FROM S;",
    reads: ['s'],
    sink: 'x',
    judge: (evidence) =>
      differs(
        'exploded',
        evidence.output('x').map((row) => `${row.partition} ${row.key} ${idOf(row)} ${row.value?.['W']}`),
        evidence
          .input('s')
          .flatMap(({ partition, key, id, v }) => [v, v + 1].map((w) => `${partition} ${key} ${id} ${w}`)),
      ),
  },
  grown: {
    sql: "CREATE STREAM A WITH (KAFKA_TOPIC='a') AS SELECT K, ID FROM E;",
    reads: ['e'],
    sink: 'a',
    judge: (evidence) => {
      const found = evidence.output('a').map((row) => idOf(row));
      const copied = new Set(found);
      const lost = evidence.input('e').filter(({ id }) => !copied.has(id));
      const silent = lost.filter((input) => !evidence.isDeleted(input)).map(({ id }) => `copy of ${id}: missing`);
      const untold =
        lost.length > 0 && !evidence.isLossTold ? [`${lost.length} records are lost and nobody was told`] : [];
      return [
        ...silent,
        ...untold,
        ...(found.length > copied.size ? [`copies: ${found.length - copied.size} twice`] : []),
      ];
    },
  },
  count: {
    sql: "CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N, SUM(V) AS TOTAL FROM S GROUP BY K;",
    reads: ['s'],
    sink: 'c',
    judge: (evidence) =>
      judgeCounts('count', { input: evidence.input('s'), output: evidence.output('c') }, ({ key }) => key, true),
  },
  group: {
    sql: "CREATE TABLE D WITH (KAFKA_TOPIC='d') AS SELECT G, COUNT(*) AS N, SUM(V) AS TOTAL FROM S GROUP BY G;",
    reads: ['s'],
    sink: 'd',
    judge: (evidence) =>
      judgeCounts(
        'count by another column',
        { input: evidence.input('s'), output: evidence.output('d') },
        ({ g }) => g,
        false,
      ),
  },
  windows: {
    sql: `CREATE TABLE W WITH (KAFKA_TOPIC='w') AS SELECT K, COUNT(*) AS N FROM S
      WINDOW TUMBLING (SIZE ${SIZE_MS} MILLISECONDS, RETENTION 1 DAY, GRACE PERIOD ${GRACE_MS} MILLISECONDS) GROUP BY K;`,
    reads: ['s'],
    sink: 'w',
    judge: (evidence) => {
      const wanted = countedWindows(timed(evidence.input('s')), SIZE_MS, GRACE_MS);
      const problems: string[] = [];
      const last = new Map<string, number>();
      for (const { window, count, partition, partitionOfKey } of windowCounts(
        evidence.records('w'),
        evidence.partitions,
      )) {
        if (count <= (last.get(window) ?? 0)) problems.push(`window ${window}: ${count} after ${last.get(window)}`);
        if (partition !== partitionOfKey) problems.push(`window ${window} is in partition ${partition}`);
        last.set(window, count);
      }
      return [
        ...problems,
        ...differsUnordered(
          'windows',
          [...last].map(([window, count]) => `${window} ${count}`),
          Object.entries(wanted).map(([window, count]) => `${window} ${count}`),
        ),
      ];
    },
  },
  finalWindows: {
    sql: `CREATE TABLE Z WITH (KAFKA_TOPIC='z') AS SELECT K, COUNT(*) AS N FROM S
      WINDOW TUMBLING (SIZE ${SIZE_MS} MILLISECONDS, RETENTION 1 DAY, GRACE PERIOD ${GRACE_MS} MILLISECONDS) GROUP BY K EMIT FINAL;`,
    reads: ['s'],
    sink: 'z',
    judge: (evidence) => {
      const input = evidence.input('s');
      const wanted = Object.entries(countedWindows(timed(input), SIZE_MS, GRACE_MS)).filter(
        // What closes the others stays open itself.
        ([window]) => !window.startsWith(CLOSING_KEY),
      );
      return differsUnordered(
        'final windows',
        windowCounts(evidence.records('z'), evidence.partitions).map(({ window, count }) => `${window} ${count}`),
        wanted.map(([window, count]) => `${window} ${count}`),
      );
    },
  },
  streamTable: {
    sql: "CREATE STREAM J WITH (KAFKA_TOPIC='j') AS SELECT S.K AS K, S.ID AS SID, T.ID AS TID FROM S LEFT JOIN T ON S.K = T.K;",
    reads: ['s', 't'],
    sink: 'j',
    judge: judgeLookups,
  },
  streamStream: {
    sql: `CREATE STREAM B WITH (KAFKA_TOPIC='b') AS SELECT S.K AS K, S.ID AS SID, R.ID AS RID FROM S INNER JOIN R
      WITHIN ${WITHIN_MS} MILLISECONDS GRACE PERIOD ${JOIN_GRACE_MS} MILLISECONDS ON S.K = R.K;`,
    reads: ['s', 'r'],
    sink: 'b',
    judge: (evidence) =>
      differsUnordered(
        'pairs',
        shownPairs(evidence.output('b')),
        pairs(evidence).map(([left, right]) => `${left} ${right}`),
      ),
  },
  outerStreams: {
    sql: `CREATE STREAM O WITH (KAFKA_TOPIC='o') AS SELECT S.K AS K, S.ID AS SID, R.ID AS RID FROM S LEFT JOIN R
      WITHIN ${WITHIN_MS} MILLISECONDS GRACE PERIOD ${JOIN_GRACE_MS} MILLISECONDS ON S.K = R.K;`,
    reads: ['s', 'r'],
    sink: 'o',
    judge: (evidence) => {
      const met = pairs(evidence);
      const lefts = new Set(met.map(([left]) => left));
      const alone = evidence.input('s').filter((input) => !lefts.has(input.id) && !isClosing(input));
      return differsUnordered('pairs and those alone', shownPairs(evidence.output('o')), [
        ...met.map(([left, right]) => `${left} ${right}`),
        ...alone.map(({ id }) => `${id} null`),
      ]);
    },
  },
  tableFilter: {
    sql: `CREATE TABLE TF WITH (KAFKA_TOPIC='tf') AS SELECT K, ID FROM T WHERE V >= ${PASSES_MIN};`,
    reads: ['t'],
    sink: 'tf',
    judge: (evidence) =>
      judgeTable(
        'rows that pass',
        evidence.output('tf'),
        new Map(
          [...tableOf(evidence.input('t'))]
            .filter(([, row]) => passes(row))
            .map(([k, { id }]) => [k, JSON.stringify({ ID: id })]),
        ),
      ),
  },
  tableTable: {
    sql: "CREATE TABLE TU WITH (KAFKA_TOPIC='tu') AS SELECT T.K AS K, T.ID AS TID, U.ID AS UID FROM T JOIN U ON T.K = U.K;",
    reads: ['t', 'u'],
    sink: 'tu',
    judge: (evidence) => {
      const right = tableOf(evidence.input('u'));
      const rows = [...tableOf(evidence.input('t'))].flatMap(([key, { id }]): [string, string][] => {
        const other = right.get(key);
        return other === undefined ? [] : [[key, JSON.stringify({ TID: id, UID: other.id })]];
      });
      return judgeTable('joined rows', evidence.output('tu'), new Map(rows));
    },
  },
  foreignKey: {
    sql: "CREATE TABLE FK WITH (KAFKA_TOPIC='fk') AS SELECT T.K AS K, T.ID AS TID, U.ID AS UID FROM T JOIN U ON T.G = U.K;",
    reads: ['t', 'u'],
    sink: 'fk',
    judge: (evidence) => {
      const right = tableOf(evidence.input('u'));
      const rows = [...tableOf(evidence.input('t'))].flatMap(([key, { id, g }]): [string, string][] => {
        const other = right.get(g);
        return other === undefined ? [] : [[key, JSON.stringify({ TID: id, UID: other.id })]];
      });
      return judgeTable('rows joined by a foreign key', evidence.output('fk'), new Map(rows), true);
    },
  },
};
