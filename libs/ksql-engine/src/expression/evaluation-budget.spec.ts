import { describe, expect, it } from '@jest/globals';
import { KsqlTestDriver } from '../testing/topology-driver.js';
import { STEPS_MAX_PROPERTY } from './evaluation-budget.js';

/** Two records, of which the first is asked for too much; what comes out, and what is logged. */
function run(select: string, properties: Readonly<Record<string, string>> = {}) {
  const driver = new KsqlTestDriver({ properties });
  driver.execute(`
    CREATE STREAM i (id INT, n BIGINT, t VARCHAR) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
    CREATE STREAM o AS SELECT id, ${select} AS v FROM i;`);
  driver.pipe('i', { value: { id: 1, n: 900_000, t: 'x'.repeat(100_000) } });
  driver.pipe('i', { value: { id: 2, n: 2, t: 'ab' } });
  return {
    rows: driver.read('O').map(({ value }) => (value as { V: unknown }).V),
    log: driver.log.map(({ message }) => message),
  };
}

const doubling = "REDUCE(GENERATE_SERIES(CAST(1 AS BIGINT), n), 'x', (s, i) => s + s)";

describe('one evaluation takes a bounded number of steps', () => {
  it.each([
    [
      'a lambda in a lambda',
      'ARRAY_LENGTH(TRANSFORM(GENERATE_SERIES(CAST(1 AS BIGINT), n), x => x + REDUCE(GENERATE_SERIES(CAST(1 AS BIGINT), n), CAST(0 AS BIGINT), (s, y) => s + y)))',
      2,
    ],
    [
      'a series in a lambda',
      'ARRAY_LENGTH(FILTER(GENERATE_SERIES(CAST(1 AS BIGINT), n), x => ARRAY_LENGTH(GENERATE_SERIES(CAST(1 AS BIGINT), n)) > 0))',
      2,
    ],
    ['a text that doubles', `LEN(${doubling})`, 4],
    [
      'a text that doubles by CONCAT',
      "LEN(REDUCE(GENERATE_SERIES(CAST(1 AS BIGINT), n), 'x', (s, i) => CONCAT(s, s)))",
      4,
    ],
    [
      'bytes that double',
      "LEN(REDUCE(GENERATE_SERIES(CAST(1 AS BIGINT), n), TO_BYTES('78', 'hex'), (s, i) => CONCAT(s, s)))",
      4,
    ],
    [
      'an array that doubles',
      'ARRAY_LENGTH(REDUCE(GENERATE_SERIES(CAST(1 AS BIGINT), n), ARRAY[1], (s, i) => ARRAY_CONCAT(s, s)))',
      4,
    ],
    ['a text for each letter', 'LEN(REPLACE(t, SUBSTRING(t, 1, 1), t))', 3],
    ['a match for each letter', "LEN(REGEXP_REPLACE(t, '.', t))", 4],
    ['a text for each element', 'LEN(ARRAY_JOIN(TRANSFORM(GENERATE_SERIES(CAST(1 AS BIGINT), n), x => 1), t))', 4],
    ['padding', 'LEN(LPAD(t, CAST(n * 100 AS INT), t))', 200],
  ])('%s', (_, select, second) => {
    const startedAtMs = performance.now();
    const { rows, log } = run(select);
    expect(rows).toEqual([null, second]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/more than 1000000 steps|exceeds 16777216/);
    // It takes some tens of milliseconds; without a bound it takes minutes or all memory.
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });

  // A lambda over them is well within the limit by itself.
  const elements = 'GENERATE_SERIES(1, 150000)';
  it.each([
    [
      'many parts to replace',
      'more than 1000000 steps',
      'LEN(REPLACE(RPAD(t, 15000000, t), SUBSTRING(t, 1, 1), SUBSTRING(t, 2, 1)))',
    ],
    ['many digits as a DECIMAL', 'digits exceeds 10000', "CAST(RPAD('1', CAST(n + 10 AS INT), '9') AS DECIMAL(38, 0))"],
    ['many digits as a BIGINT', 'For input string', "CAST(RPAD('1', CAST(n + 20 AS INT), '9') AS BIGINT)"],
    ['a text that falls into characters', 'more than 1000000 parts', "ARRAY_LENGTH(SPLIT(RPAD(t, 10000000, t), ''))"],
    ['a part that is long and nearly there', '', "INSTR(RPAD(t, 15000000, t), RPAD(t, 5000000, t) || 'b')"],
    [
      'a long text that is compared again and again',
      'more than 1000000 steps',
      `ARRAY_LENGTH(FILTER(${elements}, x => t = t))`,
    ],
    [
      'a long column that a lambda reads',
      'more than 1000000 steps',
      `ARRAY_LENGTH(FILTER(${elements}, x => t LIKE '%b%c'))`,
    ],
    [
      'a text that is cast again and again',
      'more than 1000000 steps',
      `ARRAY_LENGTH(TRANSFORM(${elements}, x => CAST(t AS BOOLEAN)))`,
    ],
    [
      'patterns that are never the same',
      'more than 1000000 steps',
      `ARRAY_LENGTH(TRANSFORM(${elements}, x => REGEXP_EXTRACT(CAST(x AS VARCHAR), 'a')))`,
    ],
    [
      'date patterns that are never the same',
      'more than 1000000 steps',
      `ARRAY_LENGTH(TRANSFORM(${elements}, x => FORMAT_DATE(FROM_DAYS(1), RPAD('y', CAST(x % 100 AS INT), '.'))))`,
    ],
    ['matches that look at all of the text', '', "LEN(REGEXP_REPLACE(RPAD(t, 3000, t) , '(?:.*b)|x', 'c'))"],
    [
      'a pattern of LIKE that nearly fits everywhere',
      'is too long for a text',
      "RPAD(t, 15000000, t) LIKE '%' || RPAD(t, 100000, t) || 'b'",
    ],
    [
      'calls in a lambda',
      'more than 1000000 steps',
      `ARRAY_LENGTH(TRANSFORM(${elements}, x => ABS(ABS(ABS(ABS(x))))))`,
    ],
  ])('%s is worked on for a bounded time', (_, reason, select) => {
    const startedAtMs = performance.now();
    const { rows, log } = run(select);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    if (reason === '') expect(log).toEqual([]);
    else expect([rows[0], log[0]]).toEqual([null, expect.stringContaining(reason)]);
  });

  it('lets pass what people do with texts of a megabyte', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`
      CREATE STREAM i (t VARCHAR) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
      CREATE STREAM o AS SELECT
        LEN(UCASE(t)) AS a, LEN(REPLACE(t, 'word', 'W')) AS b, ARRAY_LENGTH(SPLIT(t, ' ')) AS c, t LIKE '%word%end' AS d,
        ARRAY_LENGTH(REGEXP_SPLIT_TO_ARRAY(t, '\\s+')) AS e, ARRAY_LENGTH(FILTER(SPLIT(t, ' '), x => LEN(x) = 3)) AS f
      FROM i;`);
    driver.pipe('i', { value: { t: `${'word '.repeat(100_000)}end` } });
    expect(driver.log).toEqual([]);
    expect(driver.read('O')[0]?.value).toEqual({ A: 500_003, B: 200_003, C: 100_001, D: true, E: 100_001, F: 1 });
  });

  it('says what to do, in the words of the setting', () => {
    const { log } = run('ARRAY_LENGTH(TRANSFORM(GENERATE_SERIES(CAST(1 AS BIGINT), n), x => x + 1))');
    expect(log[0]).toContain(`raise ${STEPS_MAX_PROPERTY}`);
  });

  it('is a setting of the server', () => {
    const series = 'ARRAY_LENGTH(TRANSFORM(GENERATE_SERIES(CAST(1 AS BIGINT), n), x => x + 1))';
    expect(run(series, { [STEPS_MAX_PROPERTY]: '5000000' }).rows).toEqual([900_000, 2]);
    expect(run(series, { [STEPS_MAX_PROPERTY]: '3' }).rows).toEqual([null, null]);
    expect(run(series, { [STEPS_MAX_PROPERTY]: 'many' }).rows).toEqual([null, 2]);
  });

  it('begins anew with each record, and is one for all columns', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`
      CREATE STREAM i (n BIGINT) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
      CREATE STREAM o AS SELECT
        ARRAY_LENGTH(GENERATE_SERIES(CAST(1 AS BIGINT), n)) AS a, ARRAY_LENGTH(GENERATE_SERIES(CAST(1 AS BIGINT), n)) AS b FROM i;`);
    for (let i = 0; i < 3; i += 1) driver.pipe('i', { value: { n: 700_000 } });
    expect(driver.read('O').map(({ value }) => value)).toEqual(Array(3).fill({ A: 700_000, B: null }));
  });

  it('makes so many rows of one record and no more', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`
      CREATE STREAM i (n INT) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
      CREATE STREAM o AS SELECT EXPLODE(GENERATE_SERIES(1, n)) AS v FROM i;`);
    driver.pipe('i', { value: { n: 200_000 } });
    driver.pipe('i', { value: { n: 2 } });
    expect(driver.read('O').map(({ value }) => value)).toEqual([{ V: 1 }, { V: 2 }]);
    expect(driver.log).toHaveLength(1);
  });
});
