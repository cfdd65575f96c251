import { describe, expect, it } from '@jest/globals';
import { formatContract } from '../testing/format-contract.js';
import { STRING } from '../types/sql-type.js';
import { createSerde, FORMATS } from './formats.js';

formatContract(FORMATS.JSON);
formatContract(FORMATS.DELIMITED);
formatContract(FORMATS.DELIMITED, { delimiter: 'TAB' });
formatContract(FORMATS.KAFKA);

describe('the list of formats', () => {
  it('names each format as its entry', () => {
    for (const [name, format] of Object.entries(FORMATS)) expect(format.name).toBe(name);
  });

  it('refuses registry formats by name', () => {
    for (const name of ['AVRO', 'JSON_SR', 'PROTOBUF', 'PROTOBUF_NOSR'] as const) {
      const options = { columns: [{ name: 'A', type: STRING }], isKey: false, info: { format: name, properties: {} } };
      expect(() => FORMATS[name].validate(options)).toThrow(name);
      expect(() => createSerde(options)).toThrow(name);
    }
  });

  it('reads and writes nothing where there are no columns', () => {
    const serde = createSerde({ columns: [], isKey: true, info: { format: 'KAFKA', properties: {} } });
    expect(serde.deserialize(Buffer.from('ignored'))).toBeNull();
    expect(serde.serialize([])).toBeNull();
  });

  it('lets NONE carry no column', () => {
    const info = { format: 'NONE' as const, properties: {} };
    expect(() => FORMATS.NONE.validate({ columns: [{ name: 'K', type: STRING }], isKey: true, info })).toThrow('`K`');
    expect(() => FORMATS.NONE.validate({ columns: [], isKey: true, info })).not.toThrow();
  });
});
