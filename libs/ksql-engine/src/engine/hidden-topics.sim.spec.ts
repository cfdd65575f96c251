import { expect, it } from '@jest/globals';
import type { MemoryBroker } from '../adapters/memory/memory-broker.js';
import type { Broker } from '../ports/broker.js';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';

/** A broker that lists these topics not, as one does for whom they may not be described. */
function withHidden(broker: MemoryBroker, hidden: ReadonlySet<string>): Broker {
  const listTopics: Broker['listTopics'] = async () =>
    new Map([...(await broker.listTopics())].filter(([topic]) => !hidden.has(topic)));
  return new Proxy<Broker>(broker, {
    get: (_, name) => {
      if (name === 'listTopics') return listTopics;
      const value: unknown = Reflect.get(broker, name, broker);
      return typeof value === 'function' ? value.bind(broker) : value;
    },
  });
}

it.each(['earliest', 'latest'])(
  'a source topic that was not listed for a while is read on where it was left (%s)',
  async (reset) => {
    const world = new SimulatedEngine(3);
    const { scheduler } = world;
    const outcome = await scheduler.run(
      (async () => {
        const hidden = new Set<string>();
        await world.createTopic('s', 1);
        await world.write('s', '{"V": 0}');
        const engine = await world.open({
          broker: withHidden(world.admin, hidden),
          config: { 'auto.offset.reset': reset },
        });
        await world.execute(
          engine,
          `CREATE STREAM S (V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
         CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT V FROM S;`,
        );
        const [query] = engine.queries.values();
        const states: unknown[] = [];
        for (const step of ['1', '2', '3']) {
          await sleep(scheduler, 3_000);
          await world.write('s', `{"V": ${step}}`);
          await sleep(scheduler, 3_000);
          hidden.add('s');
          await sleep(scheduler, 10_000);
          states.push(query?.task?.state);
          hidden.clear();
        }
        await sleep(scheduler, 10_000);
        const written = (await world.read('f')).map(({ value }) => Buffer.from(value ?? []).toString());
        const { state } = query?.task ?? {};
        await engine.close();
        return { states, state, written };
      })(),
    );
    const first = reset === 'earliest' ? [0] : [];
    expect(outcome).toEqual({
      states: ['ERROR', 'ERROR', 'ERROR'],
      state: 'RUNNING',
      written: [...first, 1, 2, 3].map((V) => JSON.stringify({ V })),
    });
  },
);
