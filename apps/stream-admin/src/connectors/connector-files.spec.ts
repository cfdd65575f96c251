import { describe, expect, it } from '@jest/globals';
import { parseConnectorFile, readConnectorFiles } from './connector-files.js';
import { capturedTables } from './resnapshot.js';

const parse = (content: unknown) => parseConnectorFile('users.json', JSON.stringify(content));
const source = { 'connector.class': 'io.example.Source' };

describe('a connector file', () => {
  it('is a configuration, with or without a frame; numbers become text as Connect wants them', () => {
    expect(parse({ ...source, 'tasks.max': 1 })).toEqual({
      file: 'users.json',
      name: 'users',
      config: { ...source, 'tasks.max': '1' },
    });
    expect(parse({ name: 'people', config: source })).toMatchObject({ name: 'people', config: source });
    expect(parse({ name: 'people', ...source })).toMatchObject({ name: 'people' });
  });

  it('refers to secrets and holds none', () => {
    expect(parse({ ...source, 'database.password': '${env:PASSWORD}' }).name).toBe('users');
    expect(() => parse({ ...source, 'database.password': 'pw' })).toThrow(
      'users.json: database.password holds a value; refer to a secret instead',
    );
  });

  it('is refused with its name when it cannot be used', () => {
    expect(() => parseConnectorFile('x.json', '{')).toThrow(/^x\.json: /);
    expect(() => parse({ a: '1' })).toThrow('users.json: connector.class is missing');
    expect(() => parse({ ...source, nested: { a: 1 } })).toThrow(/^users\.json: /);
  });

  it("reads the repository's own", async () => {
    const files = await readConnectorFiles(`${import.meta.dirname}/../../../../connectors`);
    expect(files.map(({ name }) => name)).toContain('postgres-users-source');
    const [people] = files.filter(({ name }) => name === 'postgres-users-source');
    const tables = capturedTables(people?.config ?? {});
    expect(tables).toEqual([
      { table: 'users', topic: 'postgres-users' },
      { table: 'alert_limits', topic: 'postgres-alert-limits' },
    ]);
    expect(people?.config['table.include.list']).toBe(tables.map(({ table }) => `public.${table}`).join(','));
  });
});
