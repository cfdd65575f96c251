import { describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import type { Command, CommandRecord } from './command.js';
import { CommandLog } from './command-log.js';
import { Commands } from './commands.js';
import { RecordCodec } from './record-codec.js';

const COMMAND: Command = {
  commandId: 'stream/S/create',
  statement: 'CREATE STREAM s;',
  properties: {},
  variables: {},
  effect: { kind: 'end', message: '' },
  facts: { topics: [], settings: {} },
};

/** Writes what it cannot read. */
class BrokenCodec extends RecordCodec {
  override decode(sequenceNumber: number): CommandRecord {
    return { kind: 'unreadable', sequenceNumber, reason: 'it is broken' };
  }
}

describe('commands', () => {
  it('are not written where they could not be read again', async () => {
    const random = new SeededRandom(1);
    const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
    const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, markerMaxMs: 0 });
    const broker = new MemoryBroker(cluster);
    const log = new CommandLog(broker, broker, 'service', 1);
    const commands = new Commands(log, new BrokenCodec(createFunctionRegistry()), () => {
      throw new Error('nothing old is there');
    });
    await scheduler.run(
      (async () => {
        await commands.open();
        await commands.own(scheduler.nowMs());
        const appended = commands.append(COMMAND, scheduler.nowMs());
        await expect(appended).rejects.toThrow(
          'the command is not logged, as it could not be read again: it is broken',
        );
        expect(await log.read()).toEqual([]);
      })(),
    );
  });
});
