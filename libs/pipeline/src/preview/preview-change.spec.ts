import { describe, expect, it } from '@jest/globals';
import { parsePipelineObject } from '../files/pipeline-object.js';
import type { World } from '../plan/world.js';
import { previewChange, type RecordedRow } from './preview-change.js';
import { previewInputs } from './preview-inputs.js';

const readings =
  "CREATE STREAM READINGS (ID VARCHAR KEY, CITY VARCHAR, X INT, TS BIGINT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', TIMESTAMP='ts');";
const cities =
  "CREATE TABLE CITIES (CITY VARCHAR PRIMARY KEY, STATE VARCHAR) WITH (KAFKA_TOPIC='cities', VALUE_FORMAT='JSON');";
const clean = 'CREATE STREAM CLEAN AS SELECT ID, CITY, X FROM READINGS EMIT CHANGES;';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const row = (topic: string, key: string, value: object, timestamp: number): RecordedRow => ({
  ...{ topic, partition: 0, timestamp, headers: [] },
  key: bytes(key),
  value: bytes(value),
});
/** One of five sensors in two cities every 7 s; values go up and down. */
const inputs = Array.from({ length: 400 }, (_, n) => ({
  id: `s${n % 5}`,
  city: n % 5 < 2 ? 'a' : 'b',
  x: (n * 37) % 50,
  ts: n * 7_000,
}));
const records: RecordedRow[] = [
  row('cities', 'a', { STATE: 'FL' }, 0),
  ...inputs.map(({ id, city, x, ts }) => row('readings', id, { CITY: city, X: x, TS: ts }, ts)),
];
const cleaned = inputs.map(({ id, city, x, ts }) => row('CLEAN', id, { CITY: city, X: x }, ts));

function preview(
  runs: string,
  wants: string,
  recorded: readonly RecordedRow[] = records,
  more: readonly string[] = [],
  msMax?: number,
) {
  const statements = [readings, cities, ...more, runs];
  const objects = statements.map((sql) => {
    const { name, kind, topic, isQuery } = parsePipelineObject('x.sql', sql);
    return { name, kind, topic, statement: sql, hasQuery: isQuery, otherWriters: [] };
  });
  const world: World = {
    objects: new Map(objects.map((each) => [each.name, each])),
    topics: undefined,
    journal: undefined,
  };
  const prepared = previewInputs('V', wants, world);
  if (typeof prepared === 'string') throw new Error(prepared);
  const names = prepared.topics.map(({ name }) => name);
  return {
    ...previewChange({ ...prepared, records: recorded.filter(({ topic }) => names.includes(topic)), msMax }),
    names,
  };
}
const stream = (rest: string): string => `CREATE STREAM V AS SELECT ${rest} EMIT CHANGES;`;
const table = (rest: string): string => `CREATE TABLE V AS SELECT ${rest} EMIT CHANGES;`;
const summary = ({ added, gone, changed, same }: ReturnType<typeof preview>) => ({ added, gone, changed, same });
const counted = (where: (input: (typeof inputs)[number]) => boolean): number => inputs.filter(where).length;

/** Counts by key, as they would be computed by hand. */
function counts(sizeMs: number, where: (input: (typeof inputs)[number]) => boolean = () => true): Map<string, number> {
  const found = new Map<string, number>();
  for (const input of inputs.filter(where)) {
    const key = `${input.city} ${Math.floor(input.ts / sizeMs)}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

describe('previewChange', () => {
  it('finds no difference between two spellings', () => {
    const found = preview(stream('id, x FROM readings'), stream('r.id AS id, r.x AS x FROM readings r'));
    expect(summary(found)).toEqual({ added: 0, gone: 0, changed: 0, same: 400 });
    expect([found.taken, found.of, found.names]).toEqual([400, 400, ['readings']]);
  });

  it.each([10, 20, 30, 40])('counts what a filter of %d lets go', (limit) => {
    const found = preview(stream('id, x FROM readings WHERE x > 5'), stream(`id, x FROM readings WHERE x > ${limit}`));
    expect(summary(found)).toEqual({
      added: 0,
      gone: counted(({ x }) => x > 5 && x <= limit),
      changed: 0,
      same: counted(({ x }) => x > limit),
    });
    expect(found.changes.every(({ what, atMs }) => what === 'gone' && atMs % 7_000 === 0)).toBe(true);
  });

  it.each([0, 3, 30])('counts what a filter of %d lets in', (limit) => {
    const found = preview(stream('id, x FROM readings WHERE x > 40'), stream(`id, x FROM readings WHERE x > ${limit}`));
    expect(summary(found)).toEqual({
      added: counted(({ x }) => x > limit && x <= 40),
      gone: 0,
      changed: 0,
      same: counted(({ x }) => x > 40),
    });
  });

  it.each([2, 3, 7])('tells the column that an expression changes, times %d', (factor) => {
    const found = preview(stream('id, x FROM readings'), stream(`id, x * ${factor} AS x FROM readings`));
    expect(summary(found)).toEqual({
      added: 0,
      gone: 0,
      changed: counted(({ x }) => x !== 0),
      same: counted(({ x }) => x === 0),
    });
    expect(found.byColumn).toEqual({ X: counted(({ x }) => x !== 0) });
    expect(found.changes[0]?.columns[0]).toEqual({ name: 'X', before: 37, after: 37 * factor });
  });

  it.each([1, 5, 20])('compares the last row of each window after a filter of %d', (limit) => {
    const sql = (where: string) =>
      table(
        `city, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 MINUTE) ${where} GROUP BY city`,
      );
    const [all, some] = [counts(60_000), counts(60_000, ({ x }) => x > limit)];
    const found = preview(sql(''), sql(`WHERE x > ${limit}`));
    expect(summary(found)).toEqual({
      added: 0,
      gone: [...all.keys()].filter((key) => !some.has(key)).length,
      changed: [...some].filter(([key, count]) => all.get(key) !== count).length,
      same: [...some].filter(([key, count]) => all.get(key) === count).length,
    });
  });

  it('has all windows of one size gone and those of the other added where no start is common', () => {
    const sql = (size: string) =>
      table(`city, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE ${size}, GRACE PERIOD 1 MINUTE) GROUP BY city`);
    const found = preview(sql('1 MINUTE'), sql('1 HOUR'));
    // The window that begins first is one of both.
    expect(found.gone).toBe(counts(60_000).size - 2);
    expect([found.added, found.changed + found.same]).toEqual([0, 2]);
  });

  it.each([
    ['LEFT JOIN', 'JOIN', 'gone'],
    ['JOIN', 'LEFT JOIN', 'added'],
  ] as const)('compares %s with %s', (one, other, what) => {
    const sql = (join: string) =>
      stream(`r.city AS city, r.x AS x, c.state AS state FROM readings r ${join} cities c ON r.city = c.city`);
    const found = preview(sql(one), sql(other));
    expect(found[what]).toBe(counted(({ city }) => city === 'b'));
    expect(found.same).toBe(counted(({ city }) => city === 'a'));
  });

  it('reads a result from its topic, without its query', () => {
    const found = preview(stream('id, x FROM clean'), stream('id, x FROM clean WHERE x > 9'), cleaned, [clean]);
    expect([found.names, summary(found)]).toEqual([
      ['CLEAN'],
      { added: 0, gone: counted(({ x }) => x <= 9), changed: 0, same: counted(({ x }) => x > 9) },
    ]);
  });

  it('keeps what was late late, in its partition alone', () => {
    const sql = (grace: string) =>
      table(`city, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD ${grace}) GROUP BY city`);
    const at = (ts: number, partition = 0): RecordedRow => ({
      ...row('readings', 's', { CITY: 'a', X: 1, TS: ts }, ts),
      partition,
    });
    const found = (rows: readonly RecordedRow[]) => summary(preview(sql('0 SECONDS'), sql('1 HOUR'), rows));
    expect(found([at(1_000), at(30_000), at(2_000)])).toEqual({ added: 0, gone: 0, changed: 1, same: 1 });
    expect(found([at(1_000), at(30_000), at(2_000, 1)])).toEqual({ added: 0, gone: 0, changed: 0, same: 2 });
  });

  it.each([
    ["VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='|'", 'id, city, x', (x: number) => `a|${x}`],
    ["VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='TAB'", 'id, city, x', (x: number) => `a\t${x}`],
    ['WRAP_SINGLE_VALUE=false', 'id, x', String],
  ])('reads a result as it was written, with %s', (properties, columns, valueOf) => {
    const result = `CREATE STREAM CLEAN WITH (${properties}) AS SELECT ${columns} FROM READINGS EMIT CHANGES;`;
    const rows = [1, 2].map((x) => ({ ...row('CLEAN', 's', {}, x), value: bytes(valueOf(x)) }));
    const found = preview(stream('id, x FROM clean'), stream('id, x FROM clean WHERE x > 1'), rows, [result]);
    expect(summary(found)).toEqual({ added: 0, gone: 1, changed: 0, same: 1 });
  });

  it.each(["VALUE_FORMAT='AVRO'", "VALUE_FORMAT='PROTOBUF_NOSR', VALUE_PROTOBUF_NULLABLE_REPRESENTATION='OPTIONAL'"])(
    'does not compare what it cannot read: %s',
    (properties) => {
      const result = `CREATE STREAM CLEAN WITH (${properties}) AS SELECT id, x FROM READINGS EMIT CHANGES;`;
      const sql = stream('id, x FROM clean');
      expect(() => preview(sql, sql, [], [result])).toThrow('the records of CLEAN cannot be read here');
    },
  );

  it('refuses what the engine refuses', () => {
    expect(() => preview(stream('id, x FROM readings'), stream('id FROM readings'))).toThrow('no value columns');
  });

  it('tells how much it covered when the time was up', () => {
    const found = preview(stream('id, x FROM readings'), stream('id, x FROM readings'), records, [], 0);
    expect([found.taken, found.of, found.same]).toEqual([0, 400, 0]);
  });
});
