import { describe, expect, it } from '@jest/globals';
import { parseOne } from '../parse.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { printIdentifier } from './identifier.js';
import { printMasked } from './masked.js';
import { printStatement } from './statement.js';

describe('printStatement', () => {
  it.each([
    [
      "create source stream s (id int key, `select` varchar, N STRUCT<X INT, `y` ARRAY<MY_TYPE>>, H BYTES HEADER('k')) with (value_format='JSON', partitions=2, kafka_topic='it''s');",
      "CREATE SOURCE STREAM S (ID INTEGER KEY, `select` STRING, N STRUCT<X INTEGER, `y` ARRAY<MY_TYPE>>, H BYTES HEADER('k')) WITH (KAFKA_TOPIC='it''s', PARTITIONS=2, VALUE_FORMAT='JSON');",
    ],
    [
      'create table t as select a.id, count(*) n from a a window tumbling (size 1 minute, grace period 10 seconds) where x > 1 and y is not null group by a.id, b having count(*) > 5 emit final;',
      'CREATE TABLE T AS SELECT\n  A.ID,\n  COUNT(*) N\nFROM A A\nWINDOW TUMBLING ( SIZE 1 MINUTES , GRACE PERIOD 10 SECONDS ) \nWHERE ((X > 1) AND (Y IS NOT NULL))\nGROUP BY A.ID, B\nHAVING (COUNT(*) > 5)\nEMIT FINAL;',
    ],
    [
      'select * from l left join r within (1 hour, 2 days) grace period 0 seconds on l.a = r.a join x within 5 seconds on true limit 3;',
      'SELECT *\nFROM L L\nLEFT OUTER JOIN R R WITHIN (1 HOURS, 2 DAYS) GRACE PERIOD 0 SECONDS ON ((L.A = R.A))\nINNER JOIN X X WITHIN 5 SECONDS ON (true)\nLIMIT 3;',
    ],
    ['drop table if exists t;', 'DROP TABLE IF EXISTS T;'],
    ['insert into s (a) values (-1.50);', 'INSERT INTO S (A) VALUES (-1.50);'],
  ])('%s', (text, printed) => {
    expect(printStatement(parseOne(text).statement)).toBe(printed);
  });

  it('finds a unit where none was written', () => {
    const { statement } = parseOne('ASSERT TOPIC t TIMEOUT 90000 MILLISECONDS;');
    expect(printStatement(statement)).toBe("ASSERT TOPIC 't' TIMEOUT 90 SECONDS;");
  });
});

describe('identifiers', () => {
  it.each([
    ['ABC', 'ABC'],
    ['KEY', 'KEY'],
    ['1R0W', '1R0W'],
    ['SELECT', '`SELECT`'],
    ['abc', '`abc`'],
    ['1E3', '`1E3`'],
    ['a`b', '`a``b`'],
  ])('%s is printed as %s', (name, printed) => {
    expect(printIdentifier(name)).toBe(printed);
  });

  it('can always be quoted', () => {
    expect(quoteIdentifier('ABC')).toBe('`ABC`');
  });
});

describe('printMasked', () => {
  it('hides values and secrets', () => {
    const masked = (text: string): string => printMasked(parseOne(text).statement);
    expect(masked("INSERT INTO s (id, name) VALUES (1, 'x');")).toBe(
      "INSERT INTO `S` (`ID`, `NAME`) VALUES ('[value]', '[value]');",
    );
    expect(masked("CREATE SOURCE CONNECTOR `c` WITH ('connector.class'='k', 'connection.password'='x');")).toBe(
      "CREATE SOURCE CONNECTOR `c` WITH ('connector.class'='k', 'connection.password'='[string]');",
    );
    expect(masked('LIST STREAMS;')).toBe('SHOW STREAMS;');
  });
});
