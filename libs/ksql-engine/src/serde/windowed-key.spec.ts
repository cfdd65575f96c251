import { describe, expect, it } from '@jest/globals';
import { windowedKey } from '../testing/records.js';
import { decodeWindowedKey, windowEndAt } from './windowed-key.js';

describe('windowed keys', () => {
  it('put the start behind the key of a time window', () => {
    const window = { type: 'TUMBLING' as const, sizeMs: 30_000 };
    const bytes = windowedKey('k', 1_700_000_010_000, 1_700_000_040_000, window);
    expect(Buffer.from(bytes).toString('hex')).toBe(`6b${(1_700_000_010_000).toString(16).padStart(16, '0')}`);
    expect(decodeWindowedKey(bytes, window)).toEqual({
      key: Buffer.from('k'),
      windowStart: 1_700_000_010_000,
      windowEnd: 1_700_000_040_000,
    });
  });

  it('put end and start behind the key of a session', () => {
    const window = { type: 'SESSION' as const };
    const bytes = windowedKey('k', 1, 2, window);
    expect(Buffer.from(bytes).toString('hex')).toBe('6b00000000000000020000000000000001');
    expect(decodeWindowedKey(bytes, window)).toMatchObject({ windowStart: 1, windowEnd: 2 });
  });

  it('refuse bytes without a window', () => {
    expect(() => decodeWindowedKey(new Uint8Array(3), { type: 'SESSION' })).toThrow('16');
  });

  it('may be a window and nothing else, the key being empty', () => {
    const bytes = windowedKey('', 1, 2, { type: 'SESSION' });
    expect(decodeWindowedKey(bytes, { type: 'SESSION' })).toMatchObject({ windowStart: 1, windowEnd: 2 });
    expect(Buffer.from(decodeWindowedKey(bytes, { type: 'SESSION' }).key)).toHaveLength(0);
  });

  it('end a session where it says so, whatever size is given', () => {
    const bytes = Buffer.from(windowedKey('k', 1, 2, { type: 'SESSION' }));
    expect(windowEndAt(bytes, 1, { type: 'SESSION', sizeMs: 30_000 })).toBe(2);
  });
});
