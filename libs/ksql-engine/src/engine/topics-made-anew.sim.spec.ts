import { expect, it } from '@jest/globals';
import { SimulatedEngine } from '../testing/simulated-engine.js';

const JOINED = 'CREATE STREAM joined AS SELECT s.k, s.v, c.n FROM s LEFT JOIN counts c ON s.k = c.k EMIT CHANGES;';
const COUNTS = 'CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;';

it('checks a request against the topics that its own drops leave, so that a result can be made with other partitions', async () => {
  const world = new SimulatedEngine(1);
  await world.scheduler.run(
    (async () => {
      await world.createTopic('s', 3);
      const engine = await world.open();
      await world.execute(
        engine,
        `CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
         CREATE TABLE counts WITH (PARTITIONS = 2) AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;`,
      );
      const refused = world.execute(engine, `DROP TABLE counts; ${COUNTS} ${JOINED}`);
      await expect(refused).rejects.toThrow('`S` partitions = 3; `COUNTS` partitions = 2.');
      await world.execute(engine, `DROP TABLE counts DELETE TOPIC; ${COUNTS} ${JOINED}`);
      const counts = [...(await world.admin.listTopics())].map(([topic, { partitions }]) => [topic, partitions]);
      expect(counts).toEqual(
        expect.arrayContaining([
          ['COUNTS', 3],
          ['JOINED', 3],
        ]),
      );
      await engine.close();
    })(),
  );
});
