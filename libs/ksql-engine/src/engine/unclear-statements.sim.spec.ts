import { expect, it } from '@jest/globals';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';

const SOURCE = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');`;
const SETTLED_MS = 40_000;

it.each(['answerLost', 'late'] as const)(
  'a statement that is in the log though it was answered as failed (%s) has its effect soon, and not at the next start',
  async (kind) => {
    const run = new SimulatedEngine(1);
    const work = async () => {
      await run.createTopic('s', 1);
      const setUp = await run.open();
      await run.execute(setUp, `${SOURCE} CREATE STREAM F AS SELECT * FROM S;`);
      await setUp.close();
      // The first end of a transaction that this server asks for is that of the statement: its query has nothing to commit.
      await sleep(run.scheduler, SETTLED_MS);
      const engine = await run.open({ broker: run.client([{ kind, on: 'endTransaction', when: { nth: 1 } }]) });
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
    const { answer, isPaused, isPausedThen } = await run.scheduler.run(work());
    expect(answer).toBe('failed');
    expect(isPaused).toEqual(isPausedThen);
    if (kind === 'answerLost') expect(isPaused).toEqual([true]);
  },
);
