import { describe, expect, it } from '@jest/globals';
import { DraftCatalog } from './draft-catalog.js';

const source = "CREATE STREAM a (id INT KEY, x INT, name VARCHAR) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');";
const base = DraftCatalog.empty().with(source).catalog;
const definition = (sql: string): string => base.with(sql).made.definition;

describe('DraftCatalog', () => {
  it('tells what a statement makes', () => {
    expect(
      base.with('CREATE TABLE g AS SELECT name, COUNT(*) AS n FROM a WINDOW SESSION (5 SECONDS) GROUP BY name;').made,
    ).toMatchObject({
      kind: 'TABLE',
      name: 'G',
      topic: 'G',
      columns: [
        { name: 'NAME', type: 'STRING', isKey: true },
        { name: 'N', type: 'BIGINT', isKey: false },
      ],
      valueFormat: 'JSON',
      window: 'SESSION',
      sources: ['A'],
    });
  });

  it.each([
    ['SELECT * FROM a', 'SELECT r.id AS id, r.x x, r.name FROM a r EMIT CHANGES'],
    ['SELECT id, x FROM a WHERE x > 1', 'select ID, a.X\n from A where (A.x > 1)'],
    ['SELECT id, x FROM a', "SELECT id, x FROM a /* 'why' */"],
  ])('takes %s and %s for the same', (one, other) => {
    expect(definition(`CREATE STREAM s AS ${one};`)).toBe(definition(`CREATE STREAM s AS ${other};`));
  });

  it.each([
    ['SELECT id, x FROM a WHERE x > 1', 'SELECT id, x FROM a WHERE x > 2'],
    ['SELECT id, x FROM a', 'SELECT id, x AS y FROM a'],
    ['SELECT id, x, name FROM a', 'SELECT id, name, x FROM a'],
  ])('tells %s from %s', (one, other) => {
    expect(definition(`CREATE STREAM s AS ${one};`)).not.toBe(definition(`CREATE STREAM s AS ${other};`));
  });

  it('reads the spelling of the server', () => {
    const spelled =
      "CREATE STREAM S WITH (CLEANUP_POLICY='delete', KAFKA_TOPIC='S', PARTITIONS=1, REPLICAS=1, RETENTION_MS=604800000) AS SELECT\n  A.ID ID,\n  A.X X\nFROM A A\nWHERE (A.X > 1)\nEMIT CHANGES;";
    expect(definition(spelled)).toBe(definition('CREATE STREAM s AS SELECT id, x FROM a WHERE x > 1;'));
  });

  it('replaces what can go on, and refuses what cannot', () => {
    const running = base.with('CREATE STREAM s AS SELECT id, x FROM a WHERE x > 1;').catalog;
    const replace = (sql: string) => running.with(sql, { asReplacement: true }).made.name;
    expect(replace('CREATE STREAM s AS SELECT id, x, name FROM a WHERE x > 2;')).toBe('S');
    expect(() => replace('CREATE STREAM s AS SELECT id, name FROM a;')).toThrow('Cannot upgrade data source');
    expect(() => running.with('CREATE STREAM s AS SELECT id, x FROM a;')).toThrow('already exists');
    expect(() => base.with('CREATE STREAM s AS SELECT nope FROM a;')).toThrow('NOPE');
    expect(() => base.with('DROP STREAM a;')).toThrow('expected one CREATE STREAM');
  });

  it('asks for topics where they are told', () => {
    const none = DraftCatalog.empty(new Map());
    expect(() => none.with(source)).toThrow('topic');
    const there = DraftCatalog.empty(new Map([['a', { partitions: 3, replicas: 1 }]])).with(source).catalog;
    expect(there.with('CREATE STREAM s AS SELECT id, x FROM a;').catalog.has('S')).toBe(true);
  });
});
