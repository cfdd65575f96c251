import { describe, expect, it } from '@jest/globals';
import { planOf } from '../testing/bare-topology.js';
import { sinkWindowBytes, splitsByPartition } from './query-facts.js';

const SOURCES = `
  CREATE STREAM s (k STRING KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
  CREATE STREAM r (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON');
  CREATE STREAM j (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'j', FORMAT = 'JSON');
  CREATE STREAM w (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'w', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'SESSION');
  CREATE TABLE t (k STRING PRIMARY KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON');
  CREATE TABLE u (k STRING PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON');`;

describe('the state of a query', () => {
  it.each([
    ['a group by the key', 'CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;', true],
    ['a group by something else', 'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s GROUP BY g;', false],
    ['a group of a table', 'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM t GROUP BY g;', false],
    ['a table', 'CREATE TABLE o AS SELECT k, v FROM t WHERE v > 1;', true],
    ['a join by the keys', 'CREATE STREAM o AS SELECT s.k, r.v FROM s JOIN r WITHIN 1 HOURS ON s.k = r.k;', true],
    ['a join of three', 'CREATE STREAM o AS SELECT s.k, t.v FROM s JOIN t ON s.k = t.k JOIN u ON s.k = u.k;', true],
    ['a join that moves a side', 'CREATE STREAM o AS SELECT t.k, t.v FROM s JOIN t ON s.g = t.k;', false],
    [
      'a join of two key formats',
      'CREATE STREAM o AS SELECT s.k, j.v FROM s JOIN j WITHIN 1 HOURS ON s.k = j.k;',
      false,
    ],
    ['a join of tables', 'CREATE TABLE o AS SELECT t.k, u.v FROM t JOIN u ON t.k = u.k;', true],
    ['a foreign-key join', 'CREATE TABLE o AS SELECT t.k, u.v FROM t JOIN u ON t.g = u.k;', false],
    ['what reads windowed keys', 'CREATE STREAM o AS SELECT k, v FROM w;', false],
  ])('of %s falls apart by partition: %s %s', (_, sql, isSo) => {
    expect(splitsByPartition(planOf(SOURCES + sql))).toBe(isSo);
  });
});

it('the window is the end of a result key', () => {
  const count = 'CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s';
  const bytes = (sql: string) => sinkWindowBytes(planOf(SOURCES + sql));
  expect(bytes(`${count} GROUP BY k;`)).toBe(0);
  expect(bytes(`${count} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;`)).toBe(8);
  expect(bytes(`${count} WINDOW SESSION (1 MINUTE) GROUP BY k;`)).toBe(16);
  expect(bytes('CREATE STREAM o AS SELECT k, v FROM w;')).toBe(16);
});
