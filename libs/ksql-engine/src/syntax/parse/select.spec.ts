import { describe, expect, it } from '@jest/globals';
import type { Query } from '../ast/statement.js';
import { parseOne } from '../parse.js';

function query(text: string): Query {
  const { statement } = parseOne(text);
  if (statement.kind !== 'query') throw new Error(`not a query: ${text}`);
  return statement.query;
}

describe('select lists', () => {
  it('hold stars, qualified stars, structs and aliases', () => {
    const { select } = query('SELECT *, a.*, s->*, x AS y, x `z`, x FROM a;');
    expect(select).toMatchObject([
      { kind: 'all', source: undefined },
      { kind: 'all', source: 'A' },
      { expression: { kind: 'structAll', base: { kind: 'column', name: 'S' } } },
      { expression: { kind: 'column', name: 'X' }, alias: 'Y' },
      { alias: 'z' },
      { alias: undefined },
    ]);
  });
});

describe('relations', () => {
  it('join to the left, with the time between both sides', () => {
    const { from } = query(
      'SELECT * FROM a JOIN b x WITHIN (1 HOUR, 2 DAYS) GRACE PERIOD 5 MINUTES ON a.i = x.i FULL OUTER JOIN c ON TRUE;',
    );
    expect(from).toMatchObject({
      type: 'FULL',
      right: { name: 'C', alias: 'C' },
      within: undefined,
      left: {
        type: 'INNER',
        left: { name: 'A' },
        right: { name: 'B', alias: 'X' },
        within: { beforeMs: 3_600_000, afterMs: 172_800_000, graceMs: 300_000 },
      },
    });
  });

  it('take words of later clauses as alias only where they cannot begin one', () => {
    expect(query('SELECT * FROM a EMIT CHANGES;')).toMatchObject({ from: { alias: 'A' }, emit: 'CHANGES' });
    expect(query('SELECT * FROM a EMIT EMIT FINAL;')).toMatchObject({ from: { alias: 'EMIT' }, emit: 'FINAL' });
    expect(query('SELECT * FROM a PARTITION BY b;')).toMatchObject({ from: { alias: 'A' } });
  });
});

describe('clauses', () => {
  it.each([
    ['TUMBLING (SIZE 1 MINUTE)', { kind: 'TUMBLING', sizeMs: 60_000, graceMs: undefined }],
    ['HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS)', { kind: 'HOPPING', sizeMs: 10_000, advanceMs: 5000 }],
    [
      'w SESSION (30 SECONDS, RETENTION 1 DAY, GRACE PERIOD 0 SECONDS)',
      { kind: 'SESSION', sizeMs: 30_000, retentionMs: 86_400_000, graceMs: 0 },
    ],
  ])('WINDOW %s', (window, expected) => {
    expect(query(`SELECT COUNT(*) FROM a WINDOW ${window} GROUP BY b;`).window).toMatchObject(expected);
  });

  it.each([
    ['a, b', ['A', 'B']],
    ['(a, b)', ['A', 'B']],
    ['()', []],
    ['(a)', ['A']],
  ])('GROUP BY %s', (keys, names) => {
    expect(query(`SELECT 1 FROM s GROUP BY ${keys};`).groupBy).toMatchObject(names.map((name) => ({ name })));
  });

  it('GROUP BY an expression that begins with a parenthesis', () => {
    expect(query('SELECT 1 FROM s GROUP BY (a + b) * 2, (c IS NULL);').groupBy).toMatchObject([
      { kind: 'arithmetic', operator: '*' },
      { kind: 'isNull' },
    ]);
  });

  it('all of them in order', () => {
    const text = 'SELECT 1 FROM s WHERE a GROUP BY b HAVING c EMIT CHANGES LIMIT 5;';
    expect(query(text)).toMatchObject({ where: { name: 'A' }, having: { name: 'C' }, emit: 'CHANGES', limit: 5 });
    expect(query('SELECT 1 FROM s LIMIT -1;').limit).toBe(-1);
  });

  it.each([
    ['SELECT 1 FROM s GROUP BY a PARTITION BY b;', 'Queries only support one of PARTITION BY and GROUP BY'],
    [
      'SELECT 1 FROM s WINDOW SESSION (1 SECOND, GRACE PERIOD -1 SECONDS) GROUP BY a;',
      'Grace period must not be negative.',
    ],
    ['CREATE TABLE t AS SELECT 1 FROM s LIMIT 1;', "CREATE TABLE AS SELECT statements don't support LIMIT clause."],
  ])('%s', (text, message) => {
    expect(() => parseOne(text)).toThrow(`Failed to prepare statement: ${message}`);
  });
});
