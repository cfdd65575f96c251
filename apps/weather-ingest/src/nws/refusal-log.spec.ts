import { expect, it } from '@jest/globals';
import { RefusalLog } from './refusal-log.js';

it('tells the first refusal of each kind, then one in ten minutes with the count', () => {
  let nowMs = 0;
  const told: unknown[] = [];
  const sampled = new RefusalLog({ warn: (fields: object) => told.push(Object.values(fields)) }, () => nowMs);
  const refused = (count: number, reason = 'odd event'): void =>
    sampled.refused({ what: 'warning', reason, place: 'miami-fl', detail: 'x', count, lastAtMs: nowMs });
  for (let count = 1; count <= 100; count += 1) refused(count);
  refused(1, 'odd sent');
  nowMs += 600_000;
  refused(101);
  expect(told).toEqual([
    ['warning', 'odd event', 'miami-fl', 1],
    ['warning', 'odd sent', 'miami-fl', 1],
    ['warning', 'odd event', 'miami-fl', 101],
  ]);
});
