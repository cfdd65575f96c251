import { describe, expect, it } from '@jest/globals';
import { dependencyOrder, withDependants } from './dependency-order.js';
import { parsePipelineObject } from './pipeline-object.js';
import { readPipeline } from './read-pipeline.js';

const source = (name: string) =>
  parsePipelineObject(`${name}.sql`, `CREATE STREAM ${name} (a INT KEY) WITH (KAFKA_TOPIC='t');`);
const query = (name: string, ...sources: string[]) =>
  parsePipelineObject(`${name}.sql`, `CREATE STREAM ${name} AS SELECT * FROM ${sources.join(' JOIN ')} EMIT CHANGES;`);
const names = (objects: readonly { name: string }[]): string[] => objects.map((object) => object.name);

describe('dependency order', () => {
  it('puts each object after all it reads', () => {
    expect(names(dependencyOrder([query('c', 'b', 'a'), query('b', 'a'), source('a')]))).toEqual(['A', 'B', 'C']);
  });

  it('names the files of a circle', () => {
    expect(() => dependencyOrder([query('a', 'b'), query('b', 'a')])).toThrow(
      'A (a.sql) reads B (b.sql) reads A (a.sql)',
    );
  });

  it('names the file that reads what no file declares', () => {
    expect(() => dependencyOrder([source('a'), query('b', 'nope')])).toThrow(
      'b.sql:1:34: B reads NOPE, which no file declares',
    );
  });

  it('refuses a name that two files spell in two cases', () => {
    const quoted = parsePipelineObject('q.sql', "CREATE STREAM `a` (x INT) WITH (KAFKA_TOPIC='t');");
    expect(() => dependencyOrder([source('a'), quoted])).toThrow('q.sql:1:15: a is already declared in a.sql as A');
  });

  it('refuses a name declared twice', () => {
    expect(() => dependencyOrder([source('a'), { ...source('a'), file: 'other.sql' }])).toThrow(
      'A is already declared in a.sql',
    );
  });

  it('finds everything that reads an object, directly or not', () => {
    const ordered = dependencyOrder([source('a'), source('z'), query('b', 'a'), query('c', 'b'), query('d', 'z')]);
    expect(names(withDependants(['A'], ordered))).toEqual(['A', 'B', 'C']);
    expect(names(withDependants(['D'], ordered))).toEqual(['D']);
  });

  it('counts what is declared over the topic of a query among its readers', () => {
    const over = parsePipelineObject('a.sql', "CREATE STREAM a (x INT) WITH (KAFKA_TOPIC='Q');");
    const ordered = dependencyOrder([over, query('b', 'a'), query('q', 's'), source('s')]);
    expect(names(ordered)).toEqual(['S', 'Q', 'A', 'B']);
    expect(names(withDependants(['Q'], ordered))).toEqual(['Q', 'A', 'B']);
  });

  it("orders the repository's own pipeline", async () => {
    const ordered = names(await readPipeline(`${import.meta.dirname}/../../../../ksql`));
    expect(ordered.indexOf('CITY_CONDITIONS')).toBeGreaterThan(ordered.indexOf('WEATHER_LATEST'));
    expect(ordered.indexOf('USER_CONDITIONS')).toBeGreaterThan(ordered.indexOf('CITY_CONDITIONS'));
  });
});
