import { describe, expect, it } from '@jest/globals';
import { parseProducerSettings, ProducerSettingsError } from './producer-settings.js';

describe('producer settings', () => {
  it('are safe when nothing is said', () => {
    expect(parseProducerSettings('')).toMatchObject({ acks: 'all', 'linger.ms': 5, 'compression.type': 'lz4' });
  });

  it('are read under their known names', () => {
    expect(parseProducerSettings('batch.size=16384, linger.ms=0,compression.type=zstd\nacks=1')).toMatchObject({
      'batch.size': 16_384,
      'linger.ms': 0,
      'compression.type': 'zstd',
      acks: '1',
    });
  });

  it.each([
    ['linger=5', /unknown: linger \(known: batch\.size/],
    ['acks=2', /acks/],
    ['batch.size=0,linger.ms=x', /batch\.size.*linger\.ms/],
    ['compression.type=brotli', /compression\.type/],
    ['gzip', /not of the form name=value/],
  ])('refuse %s', (text, message) => {
    expect(() => parseProducerSettings(text)).toThrow(ProducerSettingsError);
    expect(() => parseProducerSettings(text)).toThrow(message);
  });
});
