import { KsqlError, parseStatements, type DataSource, type ParsedStatement } from '@isobar/ksql-engine';
import { KsqlTestDriver, ManualClock, type PlainValue, type ReadRecord } from '@isobar/ksql-engine/testing';
import { isDeepStrictEqual } from 'node:util';
import { dependencyOrder } from '../files/dependency-order.js';
import type { PipelineObject, Place } from '../files/pipeline-object.js';
import { placeOf, withoutPlace } from '../lint/lint.js';
import { expectedValues } from './expected-values.js';

export interface TestFailure {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
export interface TestOutcome {
  readonly file: string;
  /** The object that the test stands beside. */
  readonly object: string;
  readonly ms: number;
  /** In the order of the file; empty when all is as it says. */
  readonly failures: readonly TestFailure[];
}

/**
 * Runs a test that stands beside a file, on an engine of its own: the object and what it reads are made, rows go in by INSERT INTO … VALUES,
 * and each ASSERT VALUES or ASSERT NULL VALUES takes the next row of its target. A row of the object that no assertion takes is a failure.
 * The clock stands at the time of a line `-- @now 2026-06-01T12:00:00Z`, so that every run is the same.
 */
export function runTest(
  test: { readonly file: string; readonly sql: string },
  object: PipelineObject,
  objects: readonly PipelineObject[],
): TestOutcome {
  const startedAt = performance.now();
  const failures = new TestRun(object, withSources(object, objects)).failuresOf(test.sql);
  return { file: test.file, object: object.name, ms: Math.round(performance.now() - startedAt), failures };
}

/** The object and all that it reads, directly or not, in dependency order. */
export function withSources(object: PipelineObject, objects: readonly PipelineObject[]): PipelineObject[] {
  const needed = new Set([object.name]);
  for (const each of dependencyOrder(objects).toReversed()) {
    if (!needed.has(each.name)) continue;
    each.sources.forEach((source) => needed.add(source));
    const writer = objects.find(({ isQuery, topic }) => isQuery && !each.isQuery && topic === each.topic);
    if (writer) needed.add(writer.name);
  }
  return dependencyOrder(objects.filter(({ name }) => needed.has(name)));
}

class TestRun {
  private readonly clock = new ManualClock();
  private readonly driver = new KsqlTestDriver({
    clock: this.clock,
    // Tells the end of a window at once, where a server looks every second.
    properties: { 'ksql.streams.__emit.interval.ms.kstreams.windowed.aggregation__': '0' },
  });
  private readonly unread = new Map<string, ReadRecord[]>();
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly object: PipelineObject,
    closure: readonly PipelineObject[],
  ) {
    for (const { sql } of closure) this.driver.execute(sql);
    // All queries run from the first row on, whichever topic it goes into.
    this.driver.read(object.topic);
  }

  failuresOf(sql: string): TestFailure[] {
    const failures: TestFailure[] = [];
    const moments = momentsIn(sql);
    let statements: readonly ParsedStatement[];
    try {
      statements = parseStatements(sql, new Map(), { dialect: 'test' });
    } catch (error) {
      return [failureOf(error, { line: 1, column: 1 })];
    }
    for (const parsed of statements) {
      const place = { line: parsed.location.line, column: parsed.location.column + 1 };
      for (const { line, ms } of moments)
        if (line < place.line) this.clock.advance(Math.max(0, ms - this.clock.nowMs()));
      try {
        const message = this.step(parsed);
        if (message !== undefined) failures.push({ ...place, message });
      } catch (error) {
        failures.push(failureOf(error, place));
      }
    }
    const left = this.rows(this.object.topic).length;
    const line = sql.trimEnd().split('\n').length;
    if (left > 0)
      failures.push({
        line,
        column: 1,
        message: `${left} more rows of ${this.object.name} came, which no ASSERT takes; the first: ${this.describe(this.rows(this.object.topic)[0])}`,
      });
    return failures;
  }

  /** What is wrong; undefined when nothing is. */
  private step({ statement, text }: ParsedStatement): string | undefined {
    if (statement.kind === 'insertValues') {
      this.driver.execute(text);
      return undefined;
    }
    if (statement.kind !== 'assertValues' && statement.kind !== 'assertTombstone')
      return 'a test holds INSERT INTO … VALUES, ASSERT VALUES and ASSERT NULL VALUES alone';
    const target = this.driver.sources.find(({ name }) => name === statement.target);
    if (target === undefined)
      return `${statement.target} is not among what ${this.object.name} needs: ${this.driver.sources.map(({ name }) => name).join(', ')}`;
    const topic = target.topic.topic;
    const record = this.rows(topic).shift();
    const row = (this.taken.get(topic) ?? 0) + 1;
    this.taken.set(topic, row);
    if (record === undefined) return `${target.name} has no row ${row}`;
    if (statement.kind === 'assertTombstone' && record.value !== null)
      return `row ${row} of ${target.name} is no deletion: ${this.describe(record)}`;
    if (statement.kind === 'assertValues' && record.value === null)
      return `row ${row} of ${target.name} is a deletion: ${this.describe(record)}`;
    const actual = columnsOf(record, target);
    const wrong = [...expectedValues(statement, target)].filter(
      ([name, value]) => !isDeepStrictEqual(actual.get(name) ?? null, value),
    );
    if (wrong.length === 0) return undefined;
    const words = wrong.map(
      ([name, value]) => `${name} is ${shown(actual.get(name) ?? null)}, expected ${shown(value)}`,
    );
    return `row ${row} of ${target.name}: ${words.join('; ')}`;
  }

  private rows(topic: string): ReadRecord[] {
    const rows = this.unread.get(topic) ?? [];
    this.unread.set(topic, rows);
    rows.push(...this.driver.read(topic));
    return rows;
  }

  private describe(record: ReadRecord | undefined): string {
    return shown(record === undefined ? null : { key: record.key, value: record.value, rowtime: record.timestamp });
  }
}

function columnsOf({ key, value, timestamp, window }: ReadRecord, { schema }: DataSource): Map<string, PlainValue> {
  const keys: readonly (readonly [string, PlainValue])[] =
    schema.key.length === 1
      ? [[schema.key[0]?.name ?? '', key]]
      : Object.entries((key ?? {}) as Readonly<Record<string, PlainValue>>);
  return new Map<string, PlainValue>([
    ...keys,
    ...Object.entries((value ?? {}) as Readonly<Record<string, PlainValue>>),
    ['ROWTIME', timestamp],
    ['WINDOWSTART', window?.start ?? null],
    ['WINDOWEND', window?.end ?? null],
  ]);
}

const shown = (value: PlainValue): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));

const momentsIn = (sql: string): readonly { readonly line: number; readonly ms: number }[] =>
  sql.split('\n').flatMap((text, index) => {
    const found = /^\s*--\s*@now\s+(\S+)/.exec(text);
    return found === null ? [] : [{ line: index + 1, ms: Date.parse(found[1] ?? '') || 0 }];
  });

function failureOf(error: unknown, place: Place): TestFailure {
  if (!(error instanceof Error)) throw error;
  const found = error instanceof KsqlError ? placeOf(error) : undefined;
  return { ...(found ?? place), message: withoutPlace(error.message) };
}
