import { describe, expect, it } from '@jest/globals';
import { parsePipelineObject } from './pipeline-object.js';

const parse = (sql: string) => parsePipelineObject('x.sql', sql);

describe('a pipeline file', () => {
  it('declares a source over a topic', () => {
    expect(
      parse(
        "-- the readings\nCREATE STREAM readings (id VARCHAR KEY) WITH (KAFKA_TOPIC = 'iot', VALUE_FORMAT='JSON');",
      ),
    ).toMatchObject({
      kind: 'STREAM',
      name: 'READINGS',
      sources: [],
      isQuery: false,
      topic: 'iot',
    });
  });

  it('reads what stands after FROM and JOIN, whatever comments and texts say', () => {
    const object = parse(`
      CREATE OR REPLACE TABLE IF NOT EXISTS \`Mixed\` AS
      SELECT a.id /* FROM nowhere */, 'it''s FROM here' AS note -- JOIN nothing
      FROM "Left" a LEFT JOIN right_side r ON a.id = r.id EMIT CHANGES;`);
    expect(object).toMatchObject({
      name: 'Mixed',
      kind: 'TABLE',
      isQuery: true,
      topic: 'Mixed',
      sources: ['Left', 'RIGHT_SIDE'],
    });
  });

  it('takes no comparison for a source, and no column for a property', () => {
    const sql =
      "CREATE STREAM a AS SELECT kafka_topic, 'z' AS z, x IS NOT DISTINCT FROM y AS same FROM b WHERE x IS DISTINCT FROM y AND kafka_topic = 'q';";
    expect(parse(sql)).toMatchObject({ topic: 'A', sources: ['B'] });
    expect(parse(sql.replace('a AS', "a WITH (KAFKA_TOPIC='t') AS"))).toMatchObject({ topic: 't' });
  });

  it('has the same hash after a change of comments, layout and case only', () => {
    const hash = parse('CREATE STREAM a AS SELECT x FROM b EMIT CHANGES;').textHash;
    expect(parse('-- why\ncreate stream A as\n  select X from B emit changes;').textHash).toBe(hash);
    expect(parse("CREATE STREAM a AS SELECT 'x' FROM b EMIT CHANGES;").textHash).not.toBe(hash);
  });

  it.each([
    ['SELECT 1;', 'x.sql:1:1: expected CREATE'],
    ['CREATE TYPE t AS INT;', 'x.sql:1:8: expected STREAM or TABLE'],
    ['CREATE STREAM a AS SELECT * FROM b', 'x.sql:1:34: the statement does not end with a semicolon'],
    ['CREATE STREAM a AS SELECT * FROM b;\nDROP STREAM c;', 'x.sql:2:1: a second statement: one object per file'],
    ["CREATE STREAM a\n  AS SELECT 'x FROM b;", "x.sql:2:13: the quote ' is never closed"],
    ['/* never', 'x.sql:1:1: the comment is never closed'],
    ['', 'x.sql: expected CREATE, found the end of the file'],
    ['CREATE STREAM a AS SELECT * FROM ;', 'x.sql:1:29: expected the name of a stream or table after FROM'],
  ])('refuses %j', (sql, message) => {
    expect(() => parse(sql)).toThrow(message);
  });
});
