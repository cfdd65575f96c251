import { describe, expect, it } from '@jest/globals';
import { RegistryUnreachableError } from '../ports/schema-registry.js';
import { sleep } from '../ports/scheduler.js';
import { registeredText } from '../serde/registered-text.js';
import { MemorySchemaRegistry } from '../testing/schema-registry/memory-schema-registry.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';

const STATEMENTS = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='AVRO', PARTITIONS=1);
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, V + 1 AS V FROM S;
  INSERT INTO S VALUES ('a', 1);`;
const away = (): Error => new RegistryUnreachableError('the registry is away');

/** An Avro record of another program: a string and then V. */
function record(id: number, text: string, v: number): string {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, Buffer.of(2 * text.length), Buffer.from(text), Buffer.of(2 * v)]).toString('latin1');
}

async function world() {
  const sim = new SimulatedEngine(5);
  const registry = new MemorySchemaRegistry();
  const bad: string[] = [];
  const open = () =>
    sim.open({
      registry,
      deadLetter: (entry) => {
        bad.push(entry.cause.join(' '));
        return undefined;
      },
    });
  const write = (bytes: string): Promise<unknown> =>
    sim.admin.write([
      { topic: 's', key: Buffer.from('b'), value: Buffer.from(bytes, 'latin1'), headers: [], timestamp: 0 },
    ]);
  const written = async (): Promise<unknown[]> =>
    (await sim.read('f')).map(({ value }) => {
      const bytes = Buffer.from(value ?? []);
      return JSON.parse(registeredText(registry.contents.byId(bytes.readInt32BE(1)))?.read(bytes) ?? 'null') as unknown;
    });
  const othersSchema = (): number => {
    const fields = [
      { name: 'UNIT', type: 'string', default: '' },
      { name: 'V', type: 'int', default: 0 },
    ];
    // It has another name than ours: registered under a subject of its own, as its id says all.
    const text = JSON.stringify({ type: 'record', name: 'Other', fields });
    return registry.contents.register('others', { type: 'AVRO', text, references: [] }).schema.id;
  };
  return { sim, registry, bad, open, write, written, othersSchema };
}

describe('a schema registry', () => {
  it('that is away delays what it must be asked for, and nothing is lost over a restart meanwhile', async () => {
    const { sim, registry, bad, open, write, written, othersSchema } = await world();
    const { scheduler } = sim;
    const outcome = await scheduler.run(
      (async () => {
        let engine = await open();
        await sim.execute(engine, STATEMENTS);
        await sleep(scheduler, 3_000);
        const before = await written();
        registry.trouble = away();
        const id = othersSchema();
        await write(record(id, 'C', 5));
        await sleep(scheduler, 30_000);
        const task = () => [...engine.queries.values()][0]?.task;
        const during = { state: task()?.state, wait: task()?.schemaWait, written: await written() };
        await engine.close();
        engine = await open();
        await sleep(scheduler, 5_000);
        const columns = engine.catalog.sources.get('F')?.schema.value.map(({ name }) => name);
        registry.trouble = undefined;
        registry.asked.length = 0;
        await sleep(scheduler, 30_000);
        const after = { wait: task()?.schemaWait, written: await written(), asked: [...registry.asked] };
        await engine.close();
        return { id, before, during, columns, after };
      })(),
    );
    const { id } = outcome;
    expect(outcome.before).toEqual([{ V: 2 }]);
    expect(outcome.during).toMatchObject({
      state: 'RUNNING',
      wait: { schemaId: id, reason: 'the registry is away' },
      written: [{ V: 2 }],
    });
    expect(outcome.columns).toEqual(['V']);
    expect(outcome.after).toEqual({ wait: undefined, written: [{ V: 2 }, { V: 6 }], asked: [`byId ${id}`] });
    expect(bad).toEqual([]);
  });

  it('that does not know an id makes its record a bad one, and the others go on', async () => {
    const { sim, bad, open, write, written, othersSchema } = await world();
    const outcome = await sim.scheduler.run(
      (async () => {
        const engine = await open();
        await sim.execute(engine, STATEMENTS);
        await write(record(999, 'C', 5));
        await write(record(othersSchema(), 'F', 6));
        await sleep(sim.scheduler, 10_000);
        const rows = await written();
        await engine.close();
        return rows;
      })(),
    );
    expect(outcome).toEqual([{ V: 2 }, { V: 7 }]);
    expect(bad).toEqual([expect.stringContaining('the schema registry has no schema with id 999')]);
  });

  it('that is away refuses statements that need it, and no others', async () => {
    const { sim, registry, open } = await world();
    const outcome = await sim.scheduler.run(
      (async () => {
        const engine = await open();
        registry.trouble = away();
        const refusal = await sim.execute(engine, STATEMENTS).catch((error: unknown) => error);
        await sim.execute(engine, "CREATE STREAM J (V INT) WITH (KAFKA_TOPIC='j', VALUE_FORMAT='JSON', PARTITIONS=1);");
        const sources = [...engine.catalog.sources.keys()];
        await engine.close();
        return { refusal, sources };
      })(),
    );
    expect(outcome.refusal).toMatchObject({ errorCode: 50000, message: 'the registry is away' });
    expect(outcome.sources).toEqual(['J']);
  });

  it('holds what statements register, once, and forgets it with DELETE TOPIC', async () => {
    const { sim, registry, open } = await world();
    const outcome = await sim.scheduler.run(
      (async () => {
        const engine = await open();
        await sim.execute(engine, STATEMENTS);
        const there = registry.contents.subjects();
        const registered = registry.asked.filter((asked) => asked.startsWith('register'));
        await sim.execute(engine, 'DROP STREAM F DELETE TOPIC;');
        const left = registry.contents.subjects();
        await engine.close();
        return { there, registered, left };
      })(),
    );
    expect(outcome).toEqual({
      there: ['f-value', 's-value'],
      registered: ['register s-value', 'register f-value'],
      left: ['s-value'],
    });
  });
});
