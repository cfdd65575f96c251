import { describe, expect, it } from '@jest/globals';
import { createSerde } from '../src/serde/formats.js';
import { fuzzFormats, fuzzQueries } from './fuzz-records.js';

describe('broken bytes', () => {
  it('with a great exponent take neither time nor memory', () => {
    const columns = [{ name: 'A', type: { kind: 'DECIMAL', precision: 6, scale: 2 } as const }];
    const serde = createSerde({ columns, isKey: false, info: { format: 'DELIMITED', properties: {} } });
    const started = performance.now();
    for (let i = 90_000; i < 90_020; i++)
      expect(() => serde.deserialize(Buffer.from(`1e${i}`))).toThrow('DECIMAL(6, 2)');
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('are decoded or refused by every format, in no time', () => {
    const { decoded, refused, slowestMs } = fuzzFormats(20_260_101, 20_000);
    expect(decoded + refused).toBe(20_000);
    expect(Math.min(decoded, refused)).toBeGreaterThan(2_000);
    expect(slowestMs).toBeLessThan(2_000);
  }, 60_000);

  it('end in the processing log of a query, which goes on', () => {
    const { records, logged } = fuzzQueries(20_260_101, 300);
    expect(records).toBeGreaterThan(3_000);
    expect(logged).toBeGreaterThan(1_000);
  }, 60_000);
});
