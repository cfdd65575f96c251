import type { SeededRandom } from '../src/testing/seeded-random.js';
import { KEYS, type Event } from './events.js';
import { rowText, type Prepared, type Scenario, type TableState } from './scenario.js';

type Value = NonNullable<Event['value']>;
type Join = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL OUTER';

const of = (events: readonly Event[], topic: string): readonly Event[] =>
  events.filter((event) => event.topic === topic);

/** The rows of a table topic that are there in the end. */
function rowsOf(events: readonly Event[], topic: string): ReadonlyMap<string, Value> {
  const rows = new Map<string, Value>();
  for (const { key, value } of of(events, topic)) {
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }
  return rows;
}

const id = (key: string): string => JSON.stringify(key);
const sum = (rows: readonly Value[]): number => rows.reduce((total, { v }) => total + v, 0);
const sorted = (entries: readonly (readonly [string, unknown])[]): TableState =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

const tableFilter: Scenario = {
  name: 'a table, filtered and projected',
  prepare: () => ({
    sql: 'CREATE TABLE o AS SELECT k, v * 2 AS w FROM t WHERE v > 3;',
    topics: ['t'],
    latenessMs: 30,
    judge: {
      kind: 'table',
      state: (events) =>
        sorted([...rowsOf(events, 't')].filter(([, { v }]) => v > 3).map(([k, { v }]) => [id(k), { W: v * 2 }])),
    },
  }),
};

/** Groups of a table that had a row once stay, with nothing in them. */
const groupsOf = (events: readonly Event[]): readonly string[] =>
  KEYS.filter((g) => of(events, 't').some(({ value }) => value?.g === g));

const tableGroup: Scenario = {
  name: 'a group of a table',
  prepare: () => ({
    sql: 'CREATE TABLE o AS SELECT g, COUNT(*) AS n, SUM(v) AS total, AVG(v) AS mean FROM t GROUP BY g;',
    topics: ['t'],
    latenessMs: 30,
    judge: {
      kind: 'table',
      state: (events) =>
        sorted(
          groupsOf(events).map((g) => {
            const rows = [...rowsOf(events, 't').values()].filter((row) => row.g === g);
            const total = sum(rows);
            return [id(g), { N: rows.length, TOTAL: total, MEAN: rows.length === 0 ? 0 : total / rows.length }];
          }),
        ),
    },
  }),
};

const tableHaving: Scenario = {
  name: 'a group of a table with HAVING',
  prepare: () => ({
    sql: 'CREATE TABLE o AS SELECT g, SUM(v) AS total FROM t GROUP BY g HAVING SUM(v) > 6;',
    topics: ['t'],
    latenessMs: 30,
    judge: {
      kind: 'table',
      state: (events) =>
        sorted(
          groupsOf(events)
            .map(
              (g) => [id(g), { TOTAL: sum([...rowsOf(events, 't').values()].filter((row) => row.g === g)) }] as const,
            )
            .filter(([, { TOTAL }]) => TOTAL > 6),
        ),
    },
  }),
};

const streamGroup: Scenario = {
  name: 'a group of a stream',
  prepare: () => ({
    sql: 'CREATE TABLE o AS SELECT g, COUNT(*) AS n, SUM(v) AS total, MIN(v) AS low, MAX(v) AS high, COLLECT_LIST(v) AS every FROM s GROUP BY g;',
    topics: ['s'],
    latenessMs: 30,
    judge: {
      kind: 'table',
      state: (events) =>
        sorted(
          KEYS.flatMap((g) => {
            const values = of(events, 's').flatMap(({ value }) => (value?.g === g ? [value] : []));
            const numbers = values.map(({ v }) => v);
            if (numbers.length === 0) return [];
            const row = {
              N: numbers.length,
              TOTAL: sum(values),
              LOW: Math.min(...numbers),
              HIGH: Math.max(...numbers),
              EVERY: numbers,
            };
            return [[id(g), row] as const];
          }),
        ),
    },
  }),
};

interface Windows {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
}

/** Each record counts in the windows over it that are still open when it comes. */
function windowCounts(events: readonly Event[], { sizeMs, advanceMs, graceMs }: Windows): Map<string, number> {
  const counts = new Map<string, number>();
  let streamTime = 0;
  for (const { value, time } of of(events, 's')) {
    if (value === null || value.g === null) continue;
    streamTime = Math.max(streamTime, time);
    for (let start = 0; start <= time; start += advanceMs) {
      if (time >= start + sizeMs || start + sizeMs + graceMs <= streamTime) continue;
      const window = `${id(value.g)}<${start},${start + sizeMs}>`;
      counts.set(window, (counts.get(window) ?? 0) + 1);
    }
  }
  return counts;
}

function randomWindows(random: SeededRandom): Windows & { readonly clause: string } {
  const advanceMs = 1 + random.below(10);
  const windows = { advanceMs, sizeMs: advanceMs * (1 + random.below(3)), graceMs: random.below(30) };
  const kind = windows.sizeMs === advanceMs ? 'TUMBLING' : 'HOPPING';
  const advance = kind === 'TUMBLING' ? '' : `ADVANCE BY ${advanceMs} MILLISECONDS, `;
  const clause = `WINDOW ${kind} (SIZE ${windows.sizeMs} MILLISECONDS, ${advance}RETENTION 7 DAYS, GRACE PERIOD ${windows.graceMs} MILLISECONDS)`;
  return { ...windows, clause };
}

const timeWindows: Scenario = {
  name: 'time windows',
  prepare: (random) => {
    const windows = randomWindows(random);
    return {
      sql: `CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s ${windows.clause} GROUP BY g;`,
      topics: ['s'],
      latenessMs: 60,
      judge: {
        kind: 'table',
        state: (events) => sorted([...windowCounts(events, windows)].map(([key, n]) => [key, { N: n }])),
      },
    };
  },
};

const END: Event = { topic: 's', key: 'z', value: { v: 0, g: 'z' }, time: 100_000 };

const finalWindows: Scenario = {
  name: 'final windows',
  prepare: (random) => {
    const windows = randomWindows(random);
    return {
      sql: `CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s ${windows.clause} GROUP BY g EMIT FINAL;`,
      topics: ['s'],
      latenessMs: 60,
      closing: END,
      hasAnyOrder: true,
      judge: {
        kind: 'stream',
        rows: (events) => {
          const counts = [...windowCounts(events, windows)].filter(([window]) => !window.startsWith('"z"'));
          return counts.map(([window, n]) => `${window} ${JSON.stringify({ N: n })}`);
        },
      },
    };
  },
};

/** The records of a group in order of time, cut where the pause is longer than the gap. */
function sessionCounts(events: readonly Event[], gapMs: number): readonly (readonly [string, unknown])[] {
  return KEYS.flatMap((g) => {
    const times = of(events, 's')
      .filter(({ value }) => value?.g === g)
      .map(({ time }) => time)
      .sort((a, b) => a - b);
    const sessions: (readonly [string, unknown])[] = [];
    let start = 0;
    times.forEach((time, i) => {
      if ((times[i + 1] ?? Infinity) - time <= gapMs) return;
      sessions.push([`${id(g)}<${times[start]},${time}>`, { N: i + 1 - start }]);
      start = i + 1;
    });
    return sessions;
  });
}

const sessions: Scenario = {
  name: 'sessions',
  prepare: (random) => {
    const gapMs = 1 + random.below(9);
    return {
      sql: `CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW SESSION (${gapMs} MILLISECONDS, RETENTION 7 DAYS, GRACE PERIOD 1 DAY) GROUP BY g;`,
      topics: ['s'],
      latenessMs: 60,
      judge: { kind: 'table', state: (events) => sorted(sessionCounts(events, gapMs)) },
    };
  },
};

const partitionBy: Scenario = {
  name: 'a stream with another key',
  prepare: () => ({
    sql: 'CREATE STREAM o AS SELECT g, k, v FROM s PARTITION BY g;',
    topics: ['s'],
    latenessMs: 30,
    judge: {
      kind: 'stream',
      rows: (events) =>
        of(events, 's').map(({ key, value, time }) =>
          rowText(value?.g ?? null, value === null ? null : { K: key, V: value.v }, time),
        ),
    },
  }),
};

const outerFields = (left: Value | null, right: Value | null): object => ({ A: left?.v ?? null, B: right?.v ?? null });
const pickKey: Readonly<Record<Join, string>> = {
  INNER: 'x.k AS k',
  LEFT: 'x.k AS k',
  RIGHT: 'y.k AS k',
  'FULL OUTER': 'ROWKEY',
};
const joinSql = (kind: 'STREAM' | 'TABLE', type: Join, left: string, right: string, within = ''): string =>
  `CREATE ${kind} o AS SELECT ${pickKey[type]}, x.v AS a, y.v AS b FROM ${left} x ${type} JOIN ${right} y ${within} ON x.k = y.k;`;

interface Within {
  readonly beforeMs: number;
  readonly afterMs: number;
}
const areNear = (left: Event, right: Event, { beforeMs, afterMs }: Within): boolean =>
  left.key === right.key && left.time - beforeMs <= right.time && right.time <= left.time + afterMs;

/** Every pair in the window once, when its later half comes; partners in order of their time. */
function pairs(events: readonly Event[], within: Within): readonly string[] {
  const all = events.filter(({ value }) => value !== null);
  return all.flatMap((event, i) => {
    const isLeft = event.topic === 's';
    const partners = all
      .slice(0, i)
      .filter((other) => (other.topic === 's') !== isLeft)
      .filter((other) => (isLeft ? areNear(event, other, within) : areNear(other, event, within)))
      .toSorted((a, b) => a.time - b.time);
    return partners.map((other) => {
      const [left, right] = isLeft ? [event, other] : [other, event];
      return rowText(event.key, outerFields(left.value, right.value), Math.max(left.time, right.time));
    });
  });
}

/**
 * Records of a kept side that go out alone: those that never meet another, and those whose own window, without the grace, is over when
 * they come and that find nobody then. The latter may be followed by a pair.
 */
function lonely(events: readonly Event[], type: Join, within: Within): readonly string[] {
  const all = events.filter(({ value }) => value !== null);
  return all.flatMap((event, i) => {
    const isLeft = event.topic === 's';
    if (type !== 'FULL OUTER' && (type === 'LEFT') !== isLeft) return [];
    const meets = (other: Event): boolean =>
      (other.topic === 's') !== isLeft && (isLeft ? areNear(event, other, within) : areNear(other, event, within));
    const streamTime = Math.max(...all.slice(0, i + 1).map(({ time }) => time));
    const isOver = event.time + (isLeft ? within.afterMs : within.beforeMs) < streamTime;
    if (isOver ? all.slice(0, i).some(meets) : all.some(meets)) return [];
    const fields = isLeft ? outerFields(event.value, null) : outerFields(null, event.value);
    return [rowText(event.key, fields, event.time)];
  });
}

function randomWithin(random: SeededRandom): Within & { readonly clause: string } {
  const [beforeMs, afterMs] = [random.below(12), random.below(12)];
  return {
    beforeMs,
    afterMs,
    clause: `WITHIN (${beforeMs} MILLISECONDS, ${afterMs} MILLISECONDS) GRACE PERIOD 1 HOUR`,
  };
}

const innerStreamJoin: Scenario = {
  name: 'an inner join of streams',
  prepare: (random) => {
    const within = randomWithin(random);
    return {
      sql: joinSql('STREAM', 'INNER', 's', 'r', within.clause),
      topics: ['s', 'r'],
      latenessMs: 80,
      judge: { kind: 'stream', rows: (events) => pairs(events, within) },
    };
  },
};

/** With a grace that nothing exceeds, every pair comes once, whatever the order of the records. */
const outerStreamJoin: Scenario = {
  name: 'an outer join of streams',
  prepare: (random) => {
    const within = randomWithin(random);
    const type = random.pick(['LEFT', 'RIGHT', 'FULL OUTER'] as const);
    return {
      sql: joinSql('STREAM', type, 's', 'r', within.clause),
      topics: ['s', 'r'],
      latenessMs: 80,
      hasAnyOrder: true,
      closing: { topic: type === 'RIGHT' ? 's' : 'r', key: 'end', value: { v: 0, g: null }, time: 100_000_000 },
      judge: {
        kind: 'stream',
        rows: (events) => {
          const before = events.filter(({ key }) => key !== 'end');
          return [...pairs(before, within), ...lonely(before, type, within)];
        },
      },
    };
  },
};

const streamTableJoin: Scenario = {
  name: 'a join of a stream with a table',
  prepare: (random) => {
    const type = random.pick(['INNER', 'LEFT'] as const);
    return {
      sql: joinSql('STREAM', type, 's', 't'),
      topics: ['s', 't'],
      latenessMs: 30,
      judge: {
        kind: 'stream',
        rows: (events) =>
          events.flatMap((event, i) => {
            if (event.topic !== 's' || event.value === null) return [];
            const row = rowsOf(events.slice(0, i), 't').get(event.key) ?? null;
            if (row === null && type === 'INNER') return [];
            return [rowText(event.key, outerFields(event.value, row), event.time)];
          }),
      },
    };
  },
};

function joinedTables(events: readonly Event[], type: Join, left: string, right: string): TableState {
  const [a, b] = [rowsOf(events, left), rowsOf(events, right)];
  const isThere = (key: string): boolean => {
    if (type === 'INNER') return a.has(key) && b.has(key);
    if (type === 'LEFT') return a.has(key);
    return type === 'RIGHT' ? b.has(key) : a.has(key) || b.has(key);
  };
  return sorted(KEYS.filter(isThere).map((key) => [id(key), outerFields(a.get(key) ?? null, b.get(key) ?? null)]));
}

const tableJoin: Scenario = {
  name: 'a join of tables',
  prepare: (random) => {
    const type = random.pick(['INNER', 'LEFT', 'RIGHT', 'FULL OUTER'] as const);
    return {
      sql: joinSql('TABLE', type, 't', 'u'),
      topics: ['t', 'u'],
      latenessMs: 30,
      judge: { kind: 'table', state: (events) => joinedTables(events, type, 't', 'u') },
    };
  },
};

const foreignKeyJoin: Scenario = {
  name: 'a foreign-key join',
  prepare: (random) => {
    const type = random.pick(['INNER', 'LEFT'] as const);
    return {
      sql: `CREATE TABLE o AS SELECT x.k AS k, x.v AS a, y.v AS b FROM t x ${type} JOIN u y ON x.g = y.k;`,
      topics: ['t', 'u'],
      latenessMs: 30,
      judge: {
        kind: 'table',
        state: (events) => {
          const right = rowsOf(events, 'u');
          return sorted(
            [...rowsOf(events, 't')].flatMap(([key, row]) => {
              const other = row.g === null ? undefined : right.get(row.g);
              return other === undefined && type === 'INNER'
                ? []
                : [[id(key), outerFields(row, other ?? null)] as const];
            }),
          );
        },
      },
    };
  },
};

/** A filtered table, a group of it, and a join of that group with another table: changes must be taken back through all of it. */
const chain: Scenario = {
  name: 'a chain of tables',
  prepare: (): Prepared => ({
    sql: `CREATE TABLE f AS SELECT k, v, g FROM t WHERE v > 2;
      CREATE TABLE n AS SELECT g, COUNT(*) AS c, SUM(v) AS total FROM f GROUP BY g;
      CREATE TABLE o AS SELECT n.g AS g, c, total, u.v AS b FROM n LEFT JOIN u ON n.g = u.k;`,
    topics: ['t', 'u'],
    latenessMs: 30,
    judge: {
      kind: 'table',
      state: (events) => {
        const seen = KEYS.filter((g) =>
          of(events, 't').some(({ value }) => value !== null && value.v > 2 && value.g === g),
        );
        const right = rowsOf(events, 'u');
        return sorted(
          seen.map((g) => {
            const rows = [...rowsOf(events, 't').values()].filter((row) => row.v > 2 && row.g === g);
            return [id(g), { C: rows.length, TOTAL: sum(rows), B: right.get(g)?.v ?? null }];
          }),
        );
      },
    },
  }),
};

export const scenarios: readonly Scenario[] = [
  tableFilter,
  tableGroup,
  tableHaving,
  streamGroup,
  timeWindows,
  finalWindows,
  sessions,
  partitionBy,
  innerStreamJoin,
  outerStreamJoin,
  streamTableJoin,
  tableJoin,
  foreignKeyJoin,
  chain,
];
