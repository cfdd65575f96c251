import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPipeline } from './read-pipeline.js';

it('refuses a file whose name does not show all that is in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-pipeline-'));
  try {
    writeFileSync(
      join(folder, 'a\u202elqs.sql'),
      "CREATE STREAM A (X INT) WITH (kafka_topic='a', value_format='json');",
    );
    await expect(readPipeline(folder)).rejects.toThrow(
      String.raw`a\u202elqs.sql: the name of a file must not hold control characters, half characters or invisible signs`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
