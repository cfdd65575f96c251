import { describe, expect, it } from '@jest/globals';
import { RegistryContents } from '@isobar/ksql-engine/testing';
import { guessFormat } from './guess-format.js';
import { RegisteredTexts } from './registered-texts.js';

const contents = new RegistryContents();
const avro = (schema: unknown): number =>
  contents.register(JSON.stringify(schema), { type: 'AVRO', text: JSON.stringify(schema), references: [] }).schema.id;
const RECORD = avro({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'a', type: 'long' },
    { name: 'b', type: ['null', 'string'] },
  ],
});
const BARE = avro('string');
const JSON_SR = contents.register('j', {
  type: 'JSON',
  text: '{"type":"object","properties":{"A":{"type":"integer"}}}',
  references: [],
}).schema.id;
const registry = { byId: async (id: number) => contents.byId(id) };

const part = (id: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, payload]);
};

async function printed(...parts: readonly Buffer[]) {
  const texts = new RegisteredTexts(registry);
  await texts.learn(parts);
  const guess = guessFormat('Value', texts);
  guess.see(parts);
  return [...guess.news(), ...parts.map((bytes) => guess.read(bytes))];
}

describe('what PRINT makes of records with ids of schemas', () => {
  it('is JSON of their fields, by the schema of each', async () => {
    expect(await printed(part(RECORD, Buffer.of(6, 2, 2, 0x78)), part(RECORD, Buffer.of(8, 0)))).toEqual([
      expect.stringMatching(/^Value format: AVRO\b/),
      '{"a":3,"b":"x"}',
      '{"a":4,"b":null}',
    ]);
    expect(await printed(part(JSON_SR, Buffer.from('{"A":1}')))).toEqual([
      expect.stringMatching(/^Value format: JSON_SR\b/),
      '{"A":1}',
    ]);
  });

  it('is the value that stands bare', async () => {
    expect(await printed(part(BARE, Buffer.of(4, 0x68, 0x69)))).toEqual([
      expect.stringMatching(/^Value format: AVRO\b/),
      '"hi"',
    ]);
  });

  it('is what other bytes are where the registry has no such id, or there is none', async () => {
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(77n << 24n);
    expect(await printed(number)).toEqual([expect.stringMatching(/^Value format: KAFKA_BIGINT\b/), String(77n << 24n)]);
    const texts = new RegisteredTexts(undefined);
    await texts.learn([part(RECORD, Buffer.of(6, 0))]);
    expect(texts.of(part(RECORD, Buffer.of(6, 0)))).toBeUndefined();
  });
});
