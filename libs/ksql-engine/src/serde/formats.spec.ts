import { describe, expect, it } from '@jest/globals';
import { formatContract } from '../testing/format-contract.js';
import { STRING, type SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { createSerde, FORMATS } from './formats.js';

formatContract(FORMATS.JSON);
formatContract(FORMATS.DELIMITED);
formatContract(FORMATS.DELIMITED, { delimiter: 'TAB' });
formatContract(FORMATS.KAFKA);
formatContract(FORMATS.AVRO);
formatContract(FORMATS.JSON_SR);
formatContract(FORMATS.PROTOBUF, {}, { nullScalar: protoDefault, hasNoNullItems: true });
formatContract(FORMATS.PROTOBUF, { nullableRepresentation: 'optional' }, { hasNoNullItems: true });
formatContract(FORMATS.PROTOBUF, { nullableRepresentation: 'wrapper' }, { hasNoNullItems: true });
formatContract(FORMATS.PROTOBUF_NOSR, {}, { nullScalar: protoDefault, hasNoNullItems: true });
formatContract(FORMATS.PROTOBUF_NOSR, { nullableRepresentation: 'optional' }, { hasNoNullItems: true });
formatContract(FORMATS.PROTOBUF_NOSR, { nullableRepresentation: 'wrapper' }, { hasNoNullItems: true });

/** What proto3 reads where a field is absent: messages are nothing, scalars their zero. */
function protoDefault({ kind }: SqlType): SqlValue {
  if (kind === 'BOOLEAN') return false;
  if (kind === 'INTEGER' || kind === 'BIGINT' || kind === 'DOUBLE') return 0;
  if (kind === 'STRING') return '';
  return kind === 'BYTES' ? new Uint8Array(0) : null;
}

describe('the list of formats', () => {
  it('names each format as its entry', () => {
    for (const [name, format] of Object.entries(FORMATS)) expect(format.name).toBe(name);
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
