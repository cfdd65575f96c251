import { describe, expect, it } from '@jest/globals';
import {
  InvalidSchemaError,
  SchemaIncompatibleError,
  SchemaNotFoundError,
  type SchemaDefinition,
  type SchemaRegistry,
} from '../../ports/schema-registry.js';

const avro = (schema: object): SchemaDefinition => ({ type: 'AVRO', text: JSON.stringify(schema), references: [] });
const record = (...fields: readonly object[]): SchemaDefinition =>
  avro({ type: 'record', name: 'Reading', namespace: 'contract', fields });
const LONG = { name: 'A', type: ['null', 'long'], default: null };
const TEXT = { name: 'B', type: ['null', 'string'], default: null };
const REQUIRED = { name: 'C', type: 'int' };

/**
 * What every registry answers that we speak to. Subjects are of this run alone, so that a registry that keeps them may be asked again.
 *
 * @param open the registry, whose subjects check BACKWARD; asked for once per test
 */
export function schemaRegistryContract(name: string, open: () => SchemaRegistry): void {
  let made = 0;
  const subject = (): string => `contract-${process.pid}-${Date.now()}-${++made}-value`;

  describe(`a schema registry: ${name}`, () => {
    it('gives a registered schema by its id and as the newest of its subject', async () => {
      const [registry, mine] = [open(), subject()];
      const { id, type } = await registry.register(mine, record(LONG));
      expect(id).toBeGreaterThan(0);
      expect(type).toBe('AVRO');
      const [byId, latest] = [await registry.byId(id), await registry.latest(mine)];
      expect(latest.id).toBe(id);
      for (const { type: kind, text, references } of [byId, latest]) {
        expect(kind).toBe('AVRO');
        expect(JSON.parse(text)).toMatchObject({ type: 'record', name: 'Reading', fields: [{ name: 'A' }] });
        expect(references).toEqual([]);
      }
    });

    it('gives the same id for the same schema again', async () => {
      const [registry, mine] = [open(), subject()];
      const first = await registry.register(mine, record(LONG));
      expect((await registry.register(mine, record(LONG))).id).toBe(first.id);
      expect(await registry.lookup(mine, record(LONG))).toBe(first.id);
    });

    it('keeps the versions before the newest readable', async () => {
      const [registry, mine] = [open(), subject()];
      const first = await registry.register(mine, record(LONG));
      const second = await registry.register(mine, record(LONG, TEXT));
      expect(second.id).not.toBe(first.id);
      expect((await registry.latest(mine)).id).toBe(second.id);
      expect(JSON.parse((await registry.byId(first.id)).text)).toMatchObject({ fields: [{ name: 'A' }] });
    });

    it('refuses a version that cannot read what was written before, and says so beforehand', async () => {
      const [registry, mine] = [open(), subject()];
      await registry.register(mine, record(LONG));
      expect((await registry.checkCompatibility(mine, record(LONG, REQUIRED))).isCompatible).toBe(false);
      await expect(registry.register(mine, record(LONG, REQUIRED))).rejects.toBeInstanceOf(SchemaIncompatibleError);
      expect((await registry.checkCompatibility(mine, record(LONG, TEXT))).isCompatible).toBe(true);
    });

    it('has no versions of a subject that is not there: nothing is found, anything may come', async () => {
      const [registry, mine] = [open(), subject()];
      await expect(registry.latest(mine)).rejects.toBeInstanceOf(SchemaNotFoundError);
      expect(await registry.lookup(mine, record(LONG))).toBeUndefined();
      expect((await registry.checkCompatibility(mine, record(REQUIRED))).isCompatible).toBe(true);
    });

    it('knows which schema of a subject is not there', async () => {
      const [registry, mine] = [open(), subject()];
      await registry.register(mine, record(LONG));
      expect(await registry.lookup(mine, record(TEXT))).toBeUndefined();
    });

    it('has no schema with an id that was never given', async () => {
      await expect(open().byId(2_000_000_000)).rejects.toBeInstanceOf(SchemaNotFoundError);
    });

    it('refuses what is no schema', async () => {
      const broken = avro({ type: 'record', fields: 'none' });
      await expect(open().register(subject(), broken)).rejects.toBeInstanceOf(InvalidSchemaError);
    });

    it('keeps the types of schemas apart', async () => {
      const registry = open();
      const bare = '{"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int32"}]}';
      const json: SchemaDefinition = { type: 'JSON', text: bare, references: [] };
      const proto: SchemaDefinition = {
        type: 'PROTOBUF',
        text: 'syntax = "proto3";\n\nmessage Reading {\n  int32 A = 1;\n}\n',
        references: [],
      };
      for (const schema of [json, proto]) {
        const mine = subject();
        const { id } = await registry.register(mine, schema);
        expect(await registry.lookup(mine, schema)).toBe(id);
        expect((await registry.byId(id)).type).toBe(schema.type);
        expect((await registry.latest(mine)).type).toBe(schema.type);
      }
    });

    it('resolves what a schema imports', async () => {
      const [registry, imported, mine] = [open(), subject(), subject()];
      await registry.register(imported, {
        type: 'PROTOBUF',
        text: 'syntax = "proto3";\n\nmessage Place {\n  string NAME = 1;\n}\n',
        references: [],
      });
      const schema: SchemaDefinition = {
        type: 'PROTOBUF',
        text: 'syntax = "proto3";\n\nimport "place.proto";\n\nmessage Reading {\n  Place AT = 1;\n}\n',
        references: [{ name: 'place.proto', subject: imported, version: 1 }],
      };
      const { id } = await registry.register(mine, schema);
      const { references, imports } = await registry.byId(id);
      expect(references.map(({ name: path, text }) => [path, text.includes('message Place')])).toEqual([
        ['place.proto', true],
      ]);
      expect(imports).toEqual(schema.references);
    });

    it('lists subjects, and forgets one whose ids stay readable', async () => {
      const [registry, mine] = [open(), subject()];
      const { id } = await registry.register(mine, record(LONG));
      expect(await registry.subjects()).toContain(mine);
      await registry.deleteSubject(mine);
      expect(await registry.subjects()).not.toContain(mine);
      await expect(registry.latest(mine)).rejects.toBeInstanceOf(SchemaNotFoundError);
      expect((await registry.byId(id)).id).toBe(id);
      await registry.deleteSubject(mine);
    });

    it('takes any characters in a subject', async () => {
      const [registry, mine] = [open(), `${subject()} ä`];
      const { id } = await registry.register(mine, record(LONG));
      expect((await registry.latest(mine)).id).toBe(id);
    });
  });
}
