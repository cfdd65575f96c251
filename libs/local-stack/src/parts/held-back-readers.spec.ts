import { describe, expect, it } from '@jest/globals';
import { topics, resultTopics } from '@isobar/contracts';
import { heldBackReaders } from './held-back-readers.js';

describe('what open transactions do to readers', () => {
  const open = (id: string, openMs: number, ...written: string[]) => ({ id, openMs, topics: written });

  it('is nothing without one', () => expect(heldBackReaders([])).toEqual({}));

  it('is trouble where one has written to a topic of ours, with who, how long and what to do', () => {
    const source = topics.iotSensors.name;
    expect(heldBackReaders([open('left-open', 12_400, 'orders', source)])).toEqual({
      trouble:
        `readers of orders, ${source} wait for the transaction left-open of another program, open for 12 s; ` +
        "end that program's work, or drop what it wrote: npx isobar transactions abort left-open",
    });
    expect(heldBackReaders([open('a', 20_000, resultTopics.cityConditions)])).toMatchObject({
      trouble: expect.stringContaining(`readers of ${resultTopics.cityConditions} wait`),
    });
  });

  it('is a remark where none has', () => {
    const { trouble, degraded } = heldBackReaders([open('theirs', 61_600, 'orders'), open('empty', 15_000)]);
    expect(trouble).toBeUndefined();
    expect(degraded?.split('; ').filter((words) => words.startsWith('readers'))).toEqual([
      'readers of orders wait for the transaction theirs of another program, open for 62 s',
      'readers of no topic wait for the transaction empty of another program, open for 15 s',
    ]);
  });

  it('tells of all that hold back ours, and leaves out the others', () => {
    const ours = [topics.iotSensors.name, topics.weatherData.name];
    const { trouble, degraded } = heldBackReaders([
      open('theirs', 20_000, 'orders'),
      ...ours.map((topic, index) => open(`ours-${index}`, 20_000, topic)),
    ]);
    expect(degraded).toBeUndefined();
    expect(trouble?.match(/npx isobar transactions abort \S+/g)).toEqual([
      'npx isobar transactions abort ours-0;',
      'npx isobar transactions abort ours-1',
    ]);
  });
});
