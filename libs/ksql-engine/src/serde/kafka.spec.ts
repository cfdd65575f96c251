import { describe, expect, it } from '@jest/globals';
import * as t from '../types/sql-type.js';
import { kafkaFormat } from './kafka.js';

const info = { format: 'KAFKA' as const, properties: {} };
const serdeOf = (type: t.SqlType) => kafkaFormat.createSerde({ columns: [{ name: 'A', type }], isKey: true, info });
const hex = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('hex');

describe('KAFKA', () => {
  it("has the layout of Kafka's own serializers", () => {
    expect(hex(serdeOf(t.INTEGER).serialize([-2]))).toBe('fffffffe');
    expect(hex(serdeOf(t.BIGINT).serialize([258]))).toBe('0000000000000102');
    expect(hex(serdeOf(t.DOUBLE).serialize([1.5]))).toBe('3ff8000000000000');
    expect(hex(serdeOf(t.STRING).serialize(['ä']))).toBe('c3a4');
    expect(hex(serdeOf(t.BYTES).serialize([new Uint8Array([1, 2])]))).toBe('0102');
  });

  it('reads an empty text as a text', () => {
    expect(serdeOf(t.STRING).deserialize(new Uint8Array())).toEqual(['']);
  });

  it('refuses bytes of another length', () => {
    expect(() => serdeOf(t.INTEGER).deserialize(new Uint8Array(8))).toThrow('not 4, but 8');
  });

  it('carries one column of a simple type', () => {
    const column = (type: t.SqlType) => ({ name: 'A', type });
    const validate = (...types: t.SqlType[]) => kafkaFormat.validate({ columns: types.map(column), isKey: true, info });
    expect(() => validate(t.STRING, t.STRING)).toThrow('single field');
    expect(() => validate(t.BOOLEAN)).toThrow('BOOLEAN');
    expect(() => validate(t.STRING)).not.toThrow();
  });
});
