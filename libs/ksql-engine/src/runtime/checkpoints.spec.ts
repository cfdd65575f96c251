import { expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import { Checkpoints } from './checkpoints.js';

const OFFSETS = [
  { topic: 's', partition: 0, offset: 7 },
  { topic: 's', partition: 1, offset: 9 },
];

it('gives the notes of one task and of several back; an earlier server refuses those of several', async () => {
  const random = new SeededRandom(1);
  const scheduler = new SimulatedScheduler(random);
  const broker = new MemoryBroker(new MemoryCluster({ clock: scheduler, scheduler, random }));
  await scheduler.run(
    (async () => {
      const checkpoints = new Checkpoints(broker, 'sim', 1);
      expect(await checkpoints.of('one')).toBeUndefined();
      const one = checkpoints.record(
        'one',
        { offsets: OFFSETS, notes: ['{"a":1}'], topicIds: { s: 'x' }, madeBy: 3 },
        0,
      );
      const several = checkpoints.record(
        'several',
        { offsets: OFFSETS, notes: ['{"a":1}', ''], topicIds: {}, madeBy: undefined },
        0,
      );
      await broker.write([one, several]);
      expect(await checkpoints.of('one')).toEqual({
        offsets: OFFSETS,
        notes: ['{"a":1}'],
        topicIds: { s: 'x' },
        madeBy: 3,
      });
      expect(await checkpoints.of('several')).toEqual({
        offsets: OFFSETS,
        notes: ['{"a":1}', ''],
        topicIds: {},
        madeBy: undefined,
      });
      const versions = [one, several].map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as unknown);
      expect(versions).toMatchObject([{ version: 1, note: '{"a":1}' }, { version: 2 }]);

      const bad = Buffer.from(JSON.stringify({ version: 2, offsets: {}, notes: 'x' }));
      await broker.write([{ ...several, value: bad }]);
      await expect(checkpoints.of('several')).rejects.toThrow('it has no offsets or note');
    })(),
  );
});
