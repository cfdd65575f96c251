import { expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyOrder } from '../files/dependency-order.js';
import { parsePipelineObject } from '../files/pipeline-object.js';
import { planPipeline } from './plan-pipeline.js';
import type { RunningObject } from './world.js';

/** Answers of ksqlDB 7.4 to changes of running queries; they are not part of the repository. */
const folder = join(import.meta.dirname, '../../../../../shared/ksqldb-rest/upgrades');
const isRecorded = existsSync(folder);

interface Step {
  readonly case: string;
  readonly request: { readonly body?: { readonly ksql?: string } };
  readonly response: { readonly status: number; readonly body: readonly { readonly statementText?: string }[] };
}

const topic = { partitions: 1, replicas: 1, records: 0, cut: 0 };
const permitted = ['no change', 'in place', 'new'];

(isRecorded ? it : it.skip)(
  'recorded upgrades have the verdict that the server gave (skipped without recordings)',
  () => {
    const steps = readdirSync(folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Step);
    const running = new Map<string, RunningObject>();
    const topics = new Map(['a', 'b', 't', 't2'].map((name) => [name, topic]));
    const expected: string[] = [];
    const found: string[] = [];
    for (const { case: name, request, response } of steps) {
      const sql = request.body?.ksql ?? '';
      if (!sql.startsWith('CREATE ')) continue;
      const object = parsePipelineObject(`${name}.sql`, sql);
      if (sql.startsWith('CREATE OR REPLACE')) {
        const others = [...running.values()].filter((each) => each.name !== object.name);
        const files = others.map((each) => parsePipelineObject(`${each.name}.sql`, each.statement));
        const world = { objects: running, topics, journal: undefined };
        const { items } = planPipeline(dependencyOrder([...files, object]), world);
        const verdict = items.find(({ file }) => file === object.file)?.verdict ?? 'none';
        expected.push(`${name}: ${response.status === 200 ? 'permitted' : 'refused'}`);
        found.push(`${name}: ${permitted.includes(verdict) ? 'permitted' : 'refused'}`);
      }
      if (response.status !== 200) continue;
      topics.set(object.topic, topic);
      const statement = response.body[0]?.statementText ?? sql;
      running.set(object.name, { ...object, statement, hasQuery: object.isQuery, otherWriters: [] });
    }
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(50);
  },
);
