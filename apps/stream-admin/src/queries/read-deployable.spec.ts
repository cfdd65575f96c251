import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeployable } from './read-deployable.js';

it('takes no file without a test, but where it is only told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-deployable-'));
  try {
    writeFileSync(
      join(folder, 'a.sql'),
      "CREATE STREAM a (id INT KEY, x INT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', TIMESTAMP='x');",
    );
    writeFileSync(join(folder, 'b.sql'), '-- @budget 1\nCREATE STREAM b AS SELECT id, x FROM a EMIT CHANGES;');
    writeFileSync(
      join(folder, 'variables.json'),
      JSON.stringify({
        variables: { topic: { type: 'TEXT', default: 'a' } },
        environments: { laptop: { topic: 'other' } },
      }),
    );
    const read = (KSQL_LINT: 'refuse' | 'tell') =>
      readDeployable({ KSQL_DIR: folder, KSQL_ENVIRONMENT: 'laptop', KSQL_LINT });
    await expect(read('refuse')).rejects.toThrow('b.sql:2:15: B has no test; write instead: b.test.sql beside it');
    expect((await read('tell')).map(({ topic }) => topic)).toEqual(['other', 'B']);
    writeFileSync(join(folder, 'b.test.sql'), '');
    expect(await read('refuse')).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
