import { describe, expect, it } from '@jest/globals';
import type { TopicDescription } from '../ports/broker.js';
import { TopicWatch } from './topic-watch.js';

const described = (partitions: number): TopicDescription => ({
  id: 'an id',
  partitions,
  replicas: 1,
  retentionMs: undefined,
});

/** A watch over `in` and `out`: what a list of before says, and what is so now. */
function watchOver(
  listed: Readonly<Record<string, TopicDescription>>,
  now: Readonly<Record<string, TopicDescription>> = listed,
) {
  const asked: number[] = [];
  const gone: string[] = [];
  const watch = new TopicWatch({
    broker: {
      listTopics: async (ageMaxMs = 0) => {
        asked.push(ageMaxMs);
        return new Map(Object.entries(ageMaxMs > 0 ? listed : now));
      },
    },
    sources: [{ topic: 'in' }],
    sinkTopic: 'out',
    onSourceGone: (topic) => gone.push(topic),
  });
  const look = () => watch.look(() => [{ topic: 'in', partition: 0, offset: 0 }]);
  return { watch, look, asked, gone };
}

const both = { in: described(1), out: described(1) };

describe('the watch over the topics of a query', () => {
  it('takes a shared list as long as it says nothing new', async () => {
    const { look, asked } = watchOver(both);
    expect(await look()).toBe(false);
    expect(asked).toEqual([2_000]);
  });

  it.each([
    ['a source', { out: described(1) }, ['in'], /^source topic in does not exist/],
    ['a sink', { in: described(1) }, [], /^sink topic out does not exist/],
  ])('misses %s that is gone', async (_what, listed, sourcesGone, reason) => {
    const { watch, look, gone } = watchOver(listed);
    expect(await look()).toBe(true);
    expect(watch.missing).toMatch(reason);
    expect(gone).toEqual(sourcesGone);
  });

  it('sees more partitions than are read', async () => {
    const { watch, look } = watchOver({ ...both, in: described(2) });
    expect(await look()).toBe(true);
    expect(watch.grown).toBe('in');
  });

  it('takes no topic for gone that was made since the list', async () => {
    const { watch, look, gone, asked } = watchOver({}, both);
    expect(await look()).toBe(false);
    expect([watch.missing, gone, asked]).toEqual([undefined, [], [2_000, 0]]);
  });
});
