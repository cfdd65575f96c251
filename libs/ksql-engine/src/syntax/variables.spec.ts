import { describe, expect, it } from '@jest/globals';
import { parseStatements, splitStatements } from './parse.js';

const texts = (script: string, variables: Record<string, string> = {}): string[] =>
  parseStatements(script, new Map(Object.entries(variables))).map(({ text }) => text);

describe('variables', () => {
  it('stand for names, values and parts of quoted text, in any case', () => {
    const script = "CREATE STREAM ${Name} (`${c}` INT) WITH (KAFKA_TOPIC='${name}-${n}', PARTITIONS=${n});";
    expect(texts(script, { name: 'VS', c: 'x', n: '2' })).toEqual([
      "CREATE STREAM VS (`x` INT) WITH (KAFKA_TOPIC='VS-2', PARTITIONS=2);",
    ]);
  });

  it('are defined and undefined by the script itself', () => {
    expect(
      texts("DEFINE a = 'x'; PRINT ${a}; UNDEFINE a; PRINT '${a}';").filter((text) => text.startsWith('P')),
    ).toEqual(['PRINT x;', "PRINT '${a}';"]);
  });

  it('cannot break out of their place', () => {
    const attack = "a'); DROP STREAM VS; --";
    expect(texts("INSERT INTO S (V) VALUES ('${v}');", { v: attack })).toEqual([
      "INSERT INTO S (V) VALUES ('a''); DROP STREAM VS; --');",
    ]);
    expect(() => texts('INSERT INTO S (V) VALUES (${v});', { v: attack })).toThrow(`Got: '${attack}'`);
    expect(() => texts('DROP STREAM ${v};', { v: 'A; DROP STREAM B' })).toThrow("Got: 'A; DROP STREAM B'");
  });

  it('stay as they are when nothing defines them', () => {
    expect(() => texts('DESCRIBE ${nope};')).toThrow("Got: '${NOPE}'");
    expect(splitStatements('DESCRIBE ${nope};')).toHaveLength(1);
  });

  it('leave mistakes where they stand in the script', () => {
    expect(() => texts('LIST STREAMS;\n  SELECT ${v} FROM S;', { v: '1E999' })).toThrow(
      'line 2:11: Number overflows DOUBLE',
    );
  });
});
