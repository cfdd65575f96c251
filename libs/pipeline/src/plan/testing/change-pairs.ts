import type { Reason, Verdict } from '../plan.js';

/** A change of one object over what runs, and what becomes of it. */
export interface ChangePair {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly reason: Reason | null;
}

/** What runs beside each pair. */
export const base: readonly string[] = [
  "CREATE STREAM readings (sensor VARCHAR KEY, city VARCHAR, temp DOUBLE, ts BIGINT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', TIMESTAMP='ts');",
  "CREATE STREAM alarms (sensor VARCHAR KEY, code INT, ts BIGINT) WITH (KAFKA_TOPIC='alarms', VALUE_FORMAT='JSON', TIMESTAMP='ts');",
  "CREATE TABLE cities (city VARCHAR PRIMARY KEY, state VARCHAR, ts BIGINT) WITH (KAFKA_TOPIC='cities', VALUE_FORMAT='JSON', TIMESTAMP='ts');",
  "CREATE TABLE people (id INT PRIMARY KEY, city VARCHAR, ts BIGINT) WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON', TIMESTAMP='ts');",
];

const pair = (what: string, from: string, to: string, verdict: Verdict, reason: Reason | null = null): ChangePair => ({
  what,
  from: `CREATE ${from} EMIT CHANGES;`.replace('EMIT FINAL EMIT CHANGES', 'EMIT FINAL'),
  to: `CREATE ${to} EMIT CHANGES;`.replace('EMIT FINAL EMIT CHANGES', 'EMIT FINAL'),
  verdict,
  reason,
});

const plain = 'STREAM x AS SELECT sensor, city, temp FROM readings';
const count = 'TABLE x AS SELECT city, COUNT(*) AS n FROM readings GROUP BY city';
const windowed =
  'TABLE x AS SELECT city, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 MINUTE) GROUP BY city';
const joined =
  'STREAM x AS SELECT r.city AS city, r.temp AS temp, c.state AS state FROM readings r JOIN cities c ON r.city = c.city';
const paired =
  'STREAM x AS SELECT r.sensor AS sensor, r.temp AS temp, a.code AS code FROM readings r JOIN alarms a WITHIN 10 SECONDS GRACE PERIOD 1 SECOND ON r.sensor = a.sensor';
const table = 'TABLE x AS SELECT city, state FROM cities';
const perCity = 'TABLE x AS SELECT city, COUNT(*) AS n FROM people GROUP BY city';

export const changePairs: readonly ChangePair[] = [
  pair('layout and case', plain, 'stream X as\n select SENSOR, city ,temp\n from readings', 'no change'),
  pair(
    'aliases',
    plain,
    'STREAM x AS SELECT r.sensor AS sensor, r.city AS city, r.temp AS temp FROM readings r',
    'no change',
  ),
  pair(
    'a star for the list',
    'STREAM x AS SELECT sensor, city, temp, ts FROM readings',
    'STREAM x AS SELECT * FROM readings',
    'no change',
  ),
  pair('the same window', windowed, windowed.replace('1 MINUTE,', '60 SECONDS,'), 'no change'),
  pair('the same join', joined, joined.replace('JOIN', 'INNER JOIN'), 'no change'),
  pair('a filter comes', plain, `${plain} WHERE temp > 3`, 'in place', 'filter-or-expression'),
  pair('a filter goes', `${plain} WHERE temp > 3`, plain, 'in place', 'filter-or-expression'),
  pair('a filter changes', `${plain} WHERE temp > 3`, `${plain} WHERE temp > 4`, 'in place', 'filter-or-expression'),
  pair('a column comes at the end', plain, plain.replace('temp FROM', 'temp, ts FROM'), 'in place', 'columns-added'),
  pair(
    'a column comes in the middle',
    plain,
    plain.replace('city, temp', 'city, ts, temp'),
    'side by side',
    'column-not-last',
  ),
  pair('columns change places', plain, plain.replace('city, temp', 'temp, city'), 'side by side', 'column-not-last'),
  pair('a column goes', plain, plain.replace('city, temp', 'city'), 'side by side', 'column-removed'),
  pair('a column is renamed', plain, plain.replace('temp FROM', 'temp AS t FROM'), 'side by side', 'column-removed'),
  pair(
    'a column gets another type',
    plain,
    plain.replace('temp FROM', 'CAST(temp AS INT) AS temp FROM'),
    'side by side',
    'column-retyped',
  ),
  pair(
    'an expression of the same type',
    plain,
    plain.replace('temp FROM', 'temp * 2 AS temp FROM'),
    'in place',
    'filter-or-expression',
  ),
  pair('the key is renamed', plain, plain.replace('sensor,', 'sensor AS id,'), 'side by side', 'key-changed'),
  pair(
    'another key',
    plain,
    'STREAM x AS SELECT sensor, city, temp FROM readings PARTITION BY city',
    'side by side',
    'key-changed',
  ),
  pair(
    'another format',
    plain,
    plain.replace('x AS', "x WITH (VALUE_FORMAT='DELIMITED') AS"),
    'side by side',
    'format-changed',
  ),
  pair('another topic', plain, plain.replace('x AS', "x WITH (KAFKA_TOPIC='y') AS"), 'side by side', 'topic-changed'),
  pair(
    'more partitions',
    plain,
    plain.replace('x AS', 'x WITH (PARTITIONS=6) AS'),
    'side by side',
    'partitions-changed',
  ),
  pair('as many partitions, said now', plain, plain.replace('x AS', 'x WITH (PARTITIONS=3) AS'), 'no change'),
  pair('a table instead of a stream', plain, count, 'side by side', 'kind-changed'),
  pair(
    'a table function comes',
    plain,
    plain.replace('temp FROM', "temp, EXPLODE(SPLIT(city, '-')) AS part FROM"),
    'side by side',
    'exploded',
  ),
  pair(
    'another source',
    plain,
    'STREAM x AS SELECT sensor, CAST(code AS VARCHAR) AS city, CAST(code AS DOUBLE) AS temp FROM alarms',
    'side by side',
    'source-changed',
  ),
  pair(
    'a second aggregate',
    count,
    count.replace('AS n', 'AS n, MAX(temp) AS high'),
    'side by side',
    'filter-on-unselected-column',
  ),
  pair(
    'another aggregate',
    count.replace('COUNT(*)', 'MIN(temp)'),
    count.replace('COUNT(*)', 'MAX(temp)'),
    'side by side',
    'aggregation-changed',
  ),
  pair(
    'a filter on the grouped column',
    count,
    count.replace('GROUP', "WHERE city <> 'x' GROUP"),
    'in place',
    'filter-or-expression',
  ),
  pair(
    'a filter on another column',
    count,
    count.replace('GROUP', 'WHERE temp > 3 GROUP'),
    'side by side',
    'filter-on-unselected-column',
  ),
  pair(
    'other groups',
    count,
    'TABLE x AS SELECT sensor AS city, COUNT(*) AS n FROM readings GROUP BY sensor',
    'side by side',
    'filter-on-unselected-column',
  ),
  pair('HAVING comes', count, `${count} HAVING COUNT(*) > 2`, 'side by side', 'steps-changed'),
  pair(
    'HAVING changes',
    `${count} HAVING COUNT(*) > 2`,
    `${count} HAVING COUNT(*) > 3`,
    'in place',
    'filter-or-expression',
  ),
  pair('a window comes', count, windowed, 'side by side', 'windowed'),
  pair('another size', windowed, windowed.replace('SIZE 1', 'SIZE 2'), 'side by side', 'windowed'),
  pair('another grace', windowed, windowed.replace('PERIOD 1', 'PERIOD 2'), 'side by side', 'windowed'),
  pair(
    'another kind of window',
    windowed,
    windowed.replace('TUMBLING (SIZE', 'SESSION (').replace('( 1', '(1'),
    'side by side',
    'windowed',
  ),
  pair(
    'a filter of a window',
    windowed,
    windowed.replace('GROUP', "WHERE city <> 'x' GROUP"),
    'side by side',
    'windowed',
  ),
  pair('only final rows', windowed, `${windowed} EMIT FINAL`, 'side by side', 'windowed'),
  pair('an outer join', joined, joined.replace('JOIN', 'LEFT JOIN'), 'side by side', 'joined-source'),
  pair('a filter of a join', joined, `${joined} WHERE r.temp > 3`, 'side by side', 'joined-source'),
  pair('a longer time of a join', paired, paired.replace('10 SECONDS', '20 SECONDS'), 'side by side', 'joined-source'),
  pair('another grace of a join', paired, paired.replace('PERIOD 1', 'PERIOD 2'), 'side by side', 'joined-source'),
  pair('a filter of a table', table, `${table} WHERE state = 'FL'`, 'in place', 'filter-or-expression'),
  pair('a column of a table', table, table.replace('state FROM', 'state, ts FROM'), 'in place', 'columns-added'),
  pair(
    'an aggregate over a table',
    perCity,
    perCity.replace('GROUP', 'WHERE id > 3 GROUP'),
    'side by side',
    'table-aggregated',
  ),
  pair('a column that is not there', plain, plain.replace('temp FROM', 'smell FROM'), 'blocked', 'engine-rejected'),
];
