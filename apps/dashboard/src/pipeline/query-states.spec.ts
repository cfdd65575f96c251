import { describe, expect, it } from '@jest/globals';
import { standstills, type QueryState } from './query-states.js';

const query = (name: string, sources: string[], state = 'RUNNING', error: string | null = null): QueryState => ({
  name,
  topic: name.toLowerCase().replaceAll('_', '-'),
  sources,
  state,
  error,
});

describe('what stands still on the way to a topic', () => {
  const source = query('READINGS', [], 'DECLARED');

  it('is nothing while all of it runs, and what does not lead there does not matter', () => {
    const states = [source, query('SENSORS', ['READINGS']), query('OTHER', ['READINGS'], 'ERROR')];
    expect(standstills(states, 'sensors')).toEqual([]);
    expect(standstills(states, 'no-such-topic')).toEqual([]);
  });

  it('is told from upstream down, each once, with the reason in one line', () => {
    const states = [
      source,
      query('A', ['READINGS'], 'ERROR', 'the topic refused a row\n  at Task.run'),
      query('B', ['A'], 'TERMINATED'),
      query('C', ['A', 'B'], 'PAUSED'),
      query('D', ['C', 'B'], 'ABSENT'),
    ];
    expect(standstills(states, 'd')).toEqual([
      'query A failed (the topic refused a row)',
      'query B was terminated',
      'query C is paused',
      'query D is not there',
    ]);
  });

  it('survives sources that read each other, and words of a later engine', () => {
    const states = [query('A', ['B'], 'UNRESPONSIVE'), query('B', ['A'])];
    expect(standstills(states, 'b')).toEqual(['query A is UNRESPONSIVE']);
  });

  it('may count a query without what is upstream of it', () => {
    const states = [query('W', []), query('S', [], 'TERMINATED'), query('J', ['W', 'S'])];
    expect(standstills(states, 'w', ['j'])).toEqual([]);
    expect(standstills(states, 's', ['j'])).toEqual(['query S was terminated']);
  });
});
