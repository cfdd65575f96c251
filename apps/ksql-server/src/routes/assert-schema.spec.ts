import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpSchemaRegistry, parseStatements } from '@isobar/ksql-engine';
import { SchemaRegistryServer } from '@isobar/ksql-engine/testing';
import { assertSchema } from './assert-schema.js';

const server = new SchemaRegistryServer();
let registry: HttpSchemaRegistry;
beforeAll(async () => {
  await server.start();
  registry = new HttpSchemaRegistry({ urls: [server.url] });
  await registry.register('readings-value', { type: 'AVRO', text: '"string"', references: [] });
  await registry.register('places-value', { type: 'AVRO', text: '"long"', references: [] });
});
afterAll(() => server.stop());

function ask(sql: string, of: HttpSchemaRegistry | undefined = registry) {
  const [parsed] = parseStatements(sql);
  if (parsed?.statement.kind !== 'assertSchema') throw new Error(`no ASSERT SCHEMA: ${sql}`);
  return assertSchema(parsed.statement, parsed, of);
}

describe('ASSERT SCHEMA', () => {
  it.each([
    ["ASSERT SCHEMA SUBJECT 'readings-value';", { subject: 'readings-value', exists: true }],
    ['ASSERT SCHEMA ID 1;', { id: 1, exists: true }],
    ["ASSERT SCHEMA SUBJECT 'readings-value' ID 1;", { subject: 'readings-value', id: 1 }],
    ["ASSERT NOT EXISTS SCHEMA SUBJECT 'readings-value' ID 2;", { exists: false }],
    ['ASSERT NOT EXISTS SCHEMA ID 99;', { id: 99, exists: false }],
  ])('holds: %s', async (sql, expected) => {
    expect(await ask(sql)).toMatchObject({ '@type': 'assert_schema', statementText: sql, ...expected });
  });

  it.each([
    ["ASSERT SCHEMA SUBJECT 'none' TIMEOUT 20 MILLISECONDS;", 'Schema with subject name none does not exist'],
    ['ASSERT SCHEMA ID 99 TIMEOUT 20 MILLISECONDS;', 'Schema with id 99 does not exist'],
    [
      "ASSERT SCHEMA SUBJECT 'readings-value' ID 2 TIMEOUT 20 MILLISECONDS;",
      'Schema with subject name readings-value id 2 does not exist',
    ],
    [
      "ASSERT NOT EXISTS SCHEMA SUBJECT 'readings-value' TIMEOUT 20 MILLISECONDS;",
      'Schema with subject name readings-value exists',
    ],
  ])('does not hold: %s', async (sql, message) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 41700, message });
  });

  it('waits until it holds', async () => {
    const asserted = ask("ASSERT SCHEMA SUBJECT 'late-value' TIMEOUT 20 SECONDS;");
    await registry.register('late-value', { type: 'AVRO', text: '"int"', references: [] });
    expect(await asserted).toMatchObject({ subject: 'late-value', exists: true });
  });

  it('cannot be said without a registry', async () => {
    const [parsed] = parseStatements('ASSERT SCHEMA ID 1;');
    if (parsed?.statement.kind !== 'assertSchema') throw new Error('no ASSERT SCHEMA');
    await expect(assertSchema(parsed.statement, parsed, undefined)).rejects.toMatchObject({
      code: 41700,
      message: expect.stringContaining('set ksql.schema.registry.url'),
    });
  });
});
