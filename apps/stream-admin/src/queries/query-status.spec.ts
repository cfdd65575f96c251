import { parsePipelineObject } from '@isobar/pipeline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Metrics } from '@isobar/service-kit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineObject, EngineView } from './engine-view.js';
import type { JudgedQuery } from './health/judge-query.js';
import type { QueryWatch } from './health/query-watch.js';
import { PipelineState } from './pipeline-state.js';
import { QueryStatuses } from './query-status.js';

const object = (name: string, message?: string): EngineObject => ({
  name,
  kind: 'STREAM',
  topic: name.toLowerCase(),
  query: {
    id: `CSAS_${name}_1`,
    state: 'RUNNING',
    sources: ['READINGS'],
    errors: message === undefined ? [] : [{ message }],
  } as never,
  otherWriters: [],
  statement: '',
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-query-status-'));
  for (const name of ['HIGH', 'LOW', 'GONE']) writeFileSync(join(folder, `${name}.sql`), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two queries of the files, judged as given; the third was terminated. */
function statuses(judged: Readonly<Record<string, JudgedQuery>>, message?: string) {
  const state = new PipelineState();
  state.objects = ['HIGH', 'LOW', 'GONE'].map((name) =>
    parsePipelineObject(`${name}.sql`, `CREATE STREAM ${name} AS SELECT * FROM readings EMIT CHANGES;`),
  );
  state.phase = 'deployed';
  const watch = {
    seen: new Map(['HIGH', 'LOW'].map((name) => [name, object(name, message)])),
    judge: ({ name }: EngineObject) => judged[name],
    gone: () => ({ what: 'terminated', seenAt: '2026-01-01T00:00:00.000Z' }),
    check: () => undefined,
    isTopicGone: (topic: string) => topic === 'high',
  } as unknown as QueryWatch;
  const metrics = new Metrics('stream-admin');
  const found = new QueryStatuses({ KSQL_DIR: folder } as never, state, {} as EngineView, watch, metrics);
  return { found, metrics };
}

describe('the health of the queries', () => {
  it('is in the metrics with the word that is shown, one of all words at a time', async () => {
    const { metrics } = statuses({
      HIGH: { health: 'running', because: ['engine says RUNNING'] },
      LOW: { health: 'stalled', because: ['nothing was committed in 20 s'] },
    });
    const text = await metrics.registry.metrics();
    const words = [...text.matchAll(/^isobar_query_health\{query="(\w+)",health="([\w-]+)",.*\} 1$/gm)];
    expect(words.map(([, query, health]) => `${query} ${health}`)).toEqual([
      'HIGH running',
      'LOW stalled',
      'GONE failed',
    ]);
    expect(text.match(/^isobar_query_health\{query="HIGH"/gm)).toHaveLength(9);
  });

  it.each(['failed', 'stalled', 'paused', 'unreachable', 'orphan'] as const)(
    '%s is a shortcoming, with its reason',
    (health) => {
      const { found } = statuses({
        HIGH: { health: 'running', because: [] },
        LOW: { health, because: ['this was seen'] },
      });
      expect(found.shortcomings()).toEqual([
        `LOW is RUNNING, ${health} (this was seen)`,
        'GONE is ABSENT, failed (terminated by hand, seen at 2026-01-01T00:00:00Z)',
      ]);
    },
  );

  it('names the command that brings back a result topic that was deleted, or a query that cannot go on', () => {
    const failed = { health: 'failed', because: ['engine says ERROR'] } as const;
    const moved = 'keys have moved; terminate the query and create it again, so that';
    expect(statuses({ HIGH: failed, LOW: failed }, moved).found.shortcomings().slice(0, 2)).toEqual([
      'HIGH is RUNNING, failed (engine says ERROR; npx isobar queries redeploy HIGH makes it and the topic high anew)',
      'LOW is RUNNING, failed (engine says ERROR; npx isobar queries redeploy LOW does that)',
    ]);
  });

  it.each(['running', 'catching-up', 'idle', 'falling-behind'] as const)('%s is none', (health) => {
    const well = { health, because: [] };
    expect(statuses({ HIGH: well, LOW: well }).found.shortcomings()).toHaveLength(1);
  });

  it('misses nothing whose file was removed before it was dropped, and what still runs of it is judged', () => {
    const { found } = statuses({
      HIGH: { health: 'running', because: [] },
      LOW: { health: 'stalled', because: ['this was seen'] },
    });
    rmSync(join(folder, 'GONE.sql'));
    rmSync(join(folder, 'LOW.sql'));
    expect(found.shortcomings()).toEqual(['LOW is RUNNING, stalled (this was seen)']);
  });
});
