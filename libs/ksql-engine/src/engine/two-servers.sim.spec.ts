import { expect, it } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import type { KsqlEngine as Engine } from './ksql-engine.js';

/*
 * Two servers of one service take statements by turns, while requests and answers get lost and servers are killed. What was answered as done
 * is in the log, what is in the log was said, nothing twice, and all who have read it have the same catalogue.
 */
const STATEMENTS = 24;
const PARTS: readonly Fault['on'][] = ['bounds', 'fetch', 'openWriter', 'produce', 'endTransaction', 'metadata'];
const KINDS: readonly Fault['kind'][] = ['requestLost', 'answerLost', 'late', 'slow', 'stopsBefore', 'stopsAfter'];
const faults = PARTS.flatMap((on) => KINDS.map((kind): Fault => ({ kind, on, when: { chance: 0.012 } })));

function simulate(seed: number) {
  const world = new SimulatedEngine(seed, () => ({ fetchBytesMax: 1 }));
  return world.scheduler.run(play(world));
}

async function play(world: SimulatedEngine) {
  const { scheduler, random } = world;
  const servers: (Engine | undefined)[] = [undefined, undefined];
  const done: string[] = [];
  const said: string[] = [];
  /** Statements after which the server that took it did not have all that was said before. */
  const missed: string[] = [];
  let failures = 0;
  const within = <T>(work: Promise<T>): Promise<T | undefined> =>
    Promise.race([work.catch(() => undefined), sleep(scheduler, 600_000).then(() => undefined)]);
  for (let number = 0; number < STATEMENTS; number++) {
    const place = Math.floor(random.next() * servers.length);
    const server = (servers[place] ??= await within(world.open({ broker: world.client(faults) })));
    if (server === undefined) continue;
    const name = `T${number}`;
    said.push(name);
    const answered = await within(world.execute(server, `CREATE TYPE ${name} AS INT;`).then(() => true));
    if (answered) {
      done.push(name);
      const read = (await world.read(server.commandTopic)).filter(({ offset }) => offset <= server.lastSequenceNumber);
      if (read.length !== server.catalog.types.size) missed.push(name);
    } else failures++;
    // One that answers nothing for so long is dead.
    if (!answered && random.next() < 0.5) servers[place] = undefined;
  }
  const clean = await world.open();
  const names = [...clean.catalog.types.keys()];
  const commands = await world.read(clean.commandTopic);
  await clean.close();
  return { names, done, said, missed, failures, commands: commands.length };
}

it('keeps what was answered as done, once, whatever gets lost and whoever is killed', async () => {
  let failures = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const outcome = await simulate(seed);
    const { names, done, said, missed, commands } = outcome;
    const lost = done.filter((name) => !names.includes(name));
    const unsaid = names.filter((name) => !said.includes(name));
    expect({ seed, lost, unsaid, missed, commands }).toEqual({
      seed,
      lost: [],
      unsaid: [],
      missed: [],
      commands: names.length,
    });
    failures += outcome.failures;
  }
  expect(failures).toBeGreaterThan(50);
});
