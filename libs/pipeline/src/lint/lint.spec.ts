import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingText } from './finding.js';
import { lintPipeline } from './lint.js';

const a =
  "CREATE STREAM a (id INT KEY, x INT, ts BIGINT) WITH (KAFKA_TOPIC = 'a', VALUE_FORMAT = 'JSON', TIMESTAMP = 'ts');";
const b = '-- @budget 1\n-- @readers somebody\nCREATE STREAM b AS SELECT id, x FROM a EMIT CHANGES;';
const good = { 'a.sql': a, 'b.sql': b, 'b.test.sql': '' };

describe('lintPipeline', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-lint-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return (await lintPipeline(folder, { topics: ['a'] })).findings.map(findingText);
  }

  it('finds nothing in good files', async () => {
    expect(await lint(good)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a window without grace',
      {
        'b.sql': b.replace(
          'STREAM b AS SELECT id, x FROM a',
          'TABLE b AS SELECT id, COUNT(*) AS n FROM a WINDOW TUMBLING (SIZE 5 SECONDS) GROUP BY id',
        ),
      },
      'b.sql:3:51: no-grace: the window has no GRACE PERIOD: say how late a record may come\n    instead: WINDOW TUMBLING (…, GRACE PERIOD 1 MINUTE)',
    ],
    [
      'a join within a time without grace',
      {
        'b.sql': b
          .replace('id, x FROM a', 'a.id AS id, a.x AS x FROM a JOIN a2 ON a.id = a2.id')
          .replace('ON', 'WITHIN 5 SECONDS ON'),
        'a2.sql': a.replace('STREAM a', 'STREAM a2'),
      },
      'b.sql:3:63: no-grace: the join has no GRACE PERIOD: the engine takes 24 hours\n    instead: WITHIN 10 MINUTES GRACE PERIOD 1 MINUTE',
    ],
    [
      'a stream without key',
      { 'a.sql': a.replace(' KEY', '') },
      'a.sql:1:15: no-key: A declares no key column\n    instead: id VARCHAR KEY',
    ],
    [
      'no event time',
      { 'a.sql': a.replace(", TIMESTAMP = 'ts'", '') },
      "a.sql:1:48: no-event-time: A does not say which column is its event time: the time of arrival counts\n    instead: TIMESTAMP = 'measured_at' in WITH",
    ],
    [
      'a star',
      { 'b.sql': b.replace('id, x', '*') },
      'b.sql:3:20: star-at-boundary: B takes whatever columns its source has\n    instead: the columns by name',
    ],
    [
      'no budget',
      { 'b.sql': b.replace('-- @budget 1\n', '') },
      'b.sql:2:15: no-budget: B says nothing of how many rows it writes\n    instead: -- @budget 1',
    ],
    [
      'a topic that nobody writes',
      { 'a.sql': a.replace("'a'", "'elsewhere'") },
      'a.sql:1:15: orphan-topic: nobody writes the topic elsewhere\n    instead: the topic of a query or a declared topic in KAFKA_TOPIC',
    ],
    [
      'a result that nobody reads',
      { 'b.sql': b.replace('-- @readers somebody\n', '') },
      'b.sql:2:15: orphan-topic: nobody reads B\n    instead: -- @readers who-reads-it',
    ],
    [
      'a circle',
      {
        'b.sql': b.replace('FROM a', 'FROM c'),
        'c.sql': b.replace('STREAM b', 'STREAM c').replace('FROM a', 'FROM b'),
        'c.test.sql': '',
      },
      'b.sql:3:38: dependencies: the objects read each other in a circle: B (b.sql) reads C (c.sql) reads B (b.sql)\n    instead: a query that reads only what comes before it: split the one that closes the circle',
    ],
    [
      'one name in two cases',
      { 'c.sql': b.replace('STREAM b', 'STREAM `b`'), 'c.test.sql': '' },
      'c.sql:3:15: dependencies: b is already declared in b.sql as B: names that differ in case only are taken for one\n    instead: another name in one of the two files, or remove one',
    ],
    [
      'a column that is not there',
      { 'b.sql': b.replace('id, x', 'id, y') },
      "b.sql:3:31: refused: SELECT column 'Y' cannot be resolved.",
    ],
    ['what is no SQL', { 'b.sql': b.replace('SELECT id,', 'SELECT id,,') }, 'b.sql:3:30: unreadable: '],
    [
      'a directive that nobody knows',
      { 'b.sql': b.replace('@budget', '@bugdet') },
      'b.sql:1:4: unreadable: no directive is called @bugdet\n    instead: -- @budget, -- @readers or -- @allow',
    ],
  ])('finds %s', async (_what, changed, expected) => {
    const found = await lint({ ...good, ...changed });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('finds a query without a test, unless the file says why', async () => {
    const { 'b.test.sql': _, ...untested } = good;
    expect(await lint(untested)).toEqual(['b.sql:3:15: no-test: B has no test\n    instead: b.test.sql beside it']);
    expect(await lint({ ...untested, 'b.sql': `-- @allow no-test: it copies\n${b}` })).toEqual([]);
  });
});
