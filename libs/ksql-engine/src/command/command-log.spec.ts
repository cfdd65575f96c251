import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import { CommandLog, type Command } from './command-log.js';

const command = (statement: string): Command => ({
  commandId: 'stream/X/create',
  statement,
  properties: {},
  variables: {},
});
const unreadable = (): void => {
  throw new Error('all of it can be read');
};

async function appending(faults: readonly Fault[], statements: readonly string[]) {
  const random = new SeededRandom(1);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  // What is committed shows at once: the log would wait for it on a real timer.
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, markerMaxMs: 0 });
  const log = new CommandLog(new MemoryBroker(cluster, faults), 'service', 1);
  return scheduler.run(
    (async () => {
      await log.open(unreadable);
      const outcomes: (number | string)[] = [];
      for (const statement of statements) {
        outcomes.push(await log.append(command(statement), scheduler.nowMs()).catch((error: Error) => error.name));
      }
      const read = await new CommandLog(new MemoryBroker(cluster), 'service', 1).open(unreadable);
      return { outcomes, read: read.map((each) => [each.sequenceNumber, each.statement.slice(0, 10)]) };
    })(),
  );
}

describe('the command log', () => {
  it.each<[string, Fault]>([
    ['a record that gets lost', { kind: 'requestLost', on: 'produce', when: { nth: 2 } }],
    ['an answer that gets lost', { kind: 'answerLost', on: 'produce', when: { nth: 2 } }],
    ['a commit that gets lost', { kind: 'requestLost', on: 'endTransaction', when: { nth: 2 } }],
  ])('takes commands again after %s, under the numbers that they have for ever', async (_, fault) => {
    const { outcomes, read } = await appending([fault], ['first', 'second', 'third', 'fourth']);
    expect(outcomes[1]).toBe('BrokerUnavailableError');
    expect(read).toEqual([
      [outcomes[0], 'first'],
      [outcomes[2], 'third'],
      [outcomes[3], 'fourth'],
    ]);
  });

  it('takes commands after one that is too large for its topic', async () => {
    const { outcomes, read } = await appending([], ['first', 'x'.repeat(1_500_000), 'third']);
    expect(outcomes[1]).toBe('RecordsRefusedError');
    expect(read).toEqual([
      [outcomes[0], 'first'],
      [outcomes[2], 'third'],
    ]);
  });
});
