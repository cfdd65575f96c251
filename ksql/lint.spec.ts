import { declaredTopics } from '@isobar/contracts';
import { expect, it } from '@jest/globals';
import { findingText, lintPipeline, runTests } from '@isobar/pipeline';

it('every file keeps the rules: grace, keys, event time, columns by name, budgets, tests, no orphan', async () => {
  const { objects, findings } = await lintPipeline(import.meta.dirname, {
    topics: declaredTopics.map(({ name }) => name),
  });
  expect(findings.map(findingText)).toEqual([]);
  expect(objects.length).toBeGreaterThan(20);
});

it('every test in SQL beside a file holds on the embedded engine', async () => {
  const outcomes = await runTests(import.meta.dirname);
  expect(outcomes.filter(({ failures }) => failures.length > 0)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(0);
});
