import { expect, it } from '@jest/globals';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';

const COPY = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT * FROM S;`;
const STARTED_MS = 3_000;

/** A query that has read nothing is killed; then something happens, and another server runs it. @returns what was copied, and said */
async function killedBeforeItsFirstRecord(
  reset: 'earliest' | 'latest',
  meanwhile: (run: SimulatedEngine) => Promise<void>,
) {
  const run = new SimulatedEngine(1);
  const work = async () => {
    const config = { 'auto.offset.reset': reset };
    await run.createTopic('s', 1);
    await run.write('s', '{"V":1}');
    const broker = run.client([]);
    const first = await run.open({ broker, config });
    const begun = await run.admin.bounds('s');
    if (reset === 'earliest') run.cluster.deleteRecords('s', 0, begun[0]?.end ?? 0);
    await run.execute(first, COPY);
    await sleep(run.scheduler, STARTED_MS);
    broker.link.stop();
    await meanwhile(run);
    const second = await run.open({ config });
    await sleep(run.scheduler, STARTED_MS);
    await second.close();
    const copied = (await run.read('f')).map(({ value }) => Buffer.from(value ?? []).toString());
    return { copied, said: run.said };
  };
  return run.scheduler.run(work());
}

it('a query that began at the end goes on there, though it was killed before its first record', async () => {
  const outcome = await killedBeforeItsFirstRecord('latest', (run) => run.write('s', '{"V":2}'));
  expect(outcome).toEqual({ copied: ['{"V":2}'], said: [] });
});

it('a query that was killed before its first record tells of those that were deleted meanwhile', async () => {
  const { copied, said } = await killedBeforeItsFirstRecord('earliest', async (run) => {
    await run.write('s', '{"V":2}');
    run.cluster.deleteRecords('s', 0, 2);
    await run.write('s', '{"V":3}');
  });
  expect({ copied, said }).toEqual({
    copied: ['{"V":3}'],
    said: [expect.stringContaining('1 records of s-0 were deleted before they were read')],
  });
});
