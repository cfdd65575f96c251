import { declaredTopics } from '@isobar/contracts';
import { expect, it } from '@jest/globals';
import { findingText, lintPipeline } from '@isobar/pipeline';

it('every file keeps the rules: grace, keys, event time, columns by name, budgets, tests, no orphan', async () => {
  const { objects, findings } = await lintPipeline(import.meta.dirname, {
    topics: declaredTopics.map(({ name }) => name),
  });
  expect(findings.map(findingText)).toEqual([]);
  expect(objects.length).toBeGreaterThan(20);
});
