import { expect, it } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';

const SOURCE = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');`;
const SETTLED_MS = 40_000;

/** A PAUSE, of which a request goes wrong. @returns its answer, and whether the query is paused: there, and after the next start */
async function pausedWith(fault: Fault) {
  const run = new SimulatedEngine(1);
  const work = async () => {
    await run.createTopic('s', 1);
    const setUp = await run.open();
    await run.execute(setUp, `${SOURCE} CREATE STREAM F AS SELECT * FROM S;`);
    await setUp.close();
    // The first end of a transaction that this server asks for is that of the statement: its query has nothing to commit.
    await sleep(run.scheduler, SETTLED_MS);
    const engine = await run.open({ broker: run.client([fault]) });
    const answer = await run.execute(engine, 'PAUSE CSAS_F_1;').then(
      () => 'done',
      () => 'failed',
    );
    await sleep(run.scheduler, 2 * SETTLED_MS);
    const isPaused = [...engine.queries.values()].map((query) => query.isPaused);
    await engine.close();
    const next = await run.open();
    const isPausedThen = [...next.queries.values()].map((query) => query.isPaused);
    await next.close();
    return { answer, isPaused, isPausedThen };
  };
  return run.scheduler.run(work());
}

it('a statement that is in the log though it was answered as failed has its effect soon, and not at the next start', async () => {
  const outcome = await pausedWith({ kind: 'answerLost', on: 'endTransaction', when: { nth: 1 } });
  expect(outcome).toEqual({ answer: 'failed', isPaused: [true], isPausedThen: [true] });
});

it('neither is it forgotten when only the end of the log could not be seen behind it', async () => {
  const outcomes: string[] = [];
  for (let nth = 1; nth <= 20; nth++) {
    const outcome = await pausedWith({ kind: 'requestLost', on: 'bounds', when: { nth } }).catch(() => undefined);
    if (outcome === undefined) continue;
    expect({ nth, isPaused: outcome.isPaused }).toEqual({ nth, isPaused: outcome.isPausedThen });
    outcomes.push(`${outcome.answer} ${outcome.isPaused.join()}`);
  }
  expect(outcomes).toContain('failed true');
});
