import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster, type MemoryClusterOptions } from '../adapters/memory/memory-cluster.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedScheduler } from '../testing/simulated-scheduler.js';
import { CommandLog, LogMovedError } from './command-log.js';
import type { CommandBytes } from './record-codec.js';

const command = (statement: string): CommandBytes => ({ key: Buffer.from('"x"'), value: Buffer.from(statement) });

/** Runs the work on time that is made; what is committed shows at once, as the log would wait for it on a real timer. */
function onCluster<T>(
  work: (cluster: MemoryCluster, nowMs: () => number) => Promise<T>,
  options: Partial<MemoryClusterOptions> = {},
): Promise<T> {
  const random = new SeededRandom(1);
  const scheduler = new SimulatedScheduler(random, 1_700_000_000_000);
  const cluster = new MemoryCluster({ clock: scheduler, scheduler, random, markerMaxMs: 0, ...options });
  return scheduler.run(work(cluster, () => scheduler.nowMs()));
}
const logOn = (cluster: MemoryCluster, faults: readonly Fault[] = []): CommandLog =>
  ((broker) => new CommandLog(broker, broker, 'service', 1))(new MemoryBroker(cluster, faults));

const shown = (read: Awaited<ReturnType<CommandLog['read']>>) =>
  read.map((each) => {
    const text = 'areDeleted' in each ? 'deleted' : Buffer.from(each.value ?? []).toString();
    return [each.sequenceNumber, text.slice(0, 10)];
  });

function appending(faults: readonly Fault[], statements: readonly string[]) {
  return onCluster(async (cluster, nowMs) => {
    const log = logOn(cluster, faults);
    await log.open();
    const outcomes: (number | string)[] = [];
    for (const statement of statements) {
      let outcome = await log.append(command(statement), log.end, nowMs()).catch((error: Error) => error);
      if (outcome instanceof LogMovedError) {
        await log.read();
        outcome = await log.append(command(statement), log.end, nowMs()).catch((error: Error) => error);
      }
      outcomes.push(outcome instanceof Error ? outcome.name : outcome);
    }
    return { outcomes, read: shown(await logOn(cluster).open()) };
  });
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
    const { outcomes, read } = await appending([], ['first', 'x'.repeat(17_000_000), 'third']);
    expect(outcomes[1]).toBe('RecordsRefusedError');
    expect(read).toEqual([
      [outcomes[0], 'first'],
      [outcomes[2], 'third'],
    ]);
  });

  it('takes no command that was planned before what another has appended, and reads that', async () => {
    const outcome = await onCluster(async (cluster, nowMs) => {
      const [first, second] = [logOn(cluster), logOn(cluster)];
      for (const log of [first, second]) await log.open();
      const planned = second.end;
      await first.append(command('first'), first.end, nowMs());
      const refused = await second.append(command('second'), planned, nowMs()).catch((error: Error) => error.name);
      const news = shown(await second.read());
      await second.append(command('second'), second.end, nowMs());
      const late = await first.append(command('third'), first.end, nowMs()).catch((error: Error) => error.name);
      return { refused, news, late, followed: shown(await first.read()), again: shown(await second.read()) };
    });
    expect(outcome).toEqual({
      refused: 'LogMovedError',
      news: [[0, 'first']],
      late: 'LogMovedError',
      followed: [[2, 'second']],
      again: [],
    });
  });

  it('reads what it has written where the broker was silent between the commit and the look at its end', async () => {
    const lost: Fault = { kind: 'requestLost', on: 'bounds', when: { nth: 2 } };
    const outcome = await onCluster(async (cluster, nowMs) => {
      const log = logOn(cluster, [lost]);
      await log.open();
      const first = await log.append(command('first'), log.end, nowMs()).catch((error: Error) => error.name);
      return { first, read: shown(await log.read()) };
    });
    expect(outcome).toEqual({ first: 'BrokerUnavailableError', read: [[0, 'first']] });
  });

  it('reads again what it was reading when the broker went silent', async () => {
    const lost: Fault = { kind: 'requestLost', on: 'fetch', when: { nth: 2 } };
    const outcome = await onCluster(
      async (cluster, nowMs) => {
        const [writer, reader] = [logOn(cluster), logOn(cluster, [lost])];
        for (const log of [writer, reader]) await log.open();
        for (const text of ['first', 'second']) await writer.append(command(text), writer.end, nowMs());
        const failed = await reader.read().then(shown, (error: Error) => error.name);
        return { failed, read: shown(await reader.read()) };
      },
      { fetchBytesMax: 1 },
    );
    expect(outcome).toEqual({
      failed: 'BrokerUnavailableError',
      read: [
        [0, 'first'],
        [2, 'second'],
      ],
    });
  });

  it('takes commands again after its writer was fenced', async () => {
    const outcome = await onCluster(async (cluster, nowMs) => {
      const log = logOn(cluster);
      await log.open();
      await log.append(command('first'), log.end, nowMs());
      await new MemoryBroker(cluster).openWriter(`${log.topic}-writer`);
      const fenced = await log.append(command('second'), log.end, nowMs()).catch((error: Error) => error.name);
      await log.append(command('third'), log.end, nowMs());
      return { fenced, read: shown(await logOn(cluster).open()) };
    });
    expect(outcome).toEqual({
      fenced: 'WriterFencedError',
      read: [
        [0, 'first'],
        [2, 'third'],
      ],
    });
  });
});
