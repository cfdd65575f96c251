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

  it('have the defaults that the documentation names', () => {
    expect(parseProducerSettings('')).toEqual({
      'batch.size': 65_536,
      'linger.ms': 5,
      'compression.type': 'lz4',
      acks: 'all',
      'max.block.ms': 60_000,
      'buffer.memory': 33_554_432,
    });
  });

  it.each([
    ['batch.size', 1, 16_777_216],
    ['linger.ms', 0, 60_000],
    ['max.block.ms', 0, 86_400_000],
    ['buffer.memory', 1_024, 4_294_967_296],
  ])('take %s from %i to %i and nothing beyond', (name, least, most) => {
    for (const value of [least, most])
      expect(parseProducerSettings(`${name}=${value}`)).toMatchObject({ [name]: value });
    for (const value of [least - 1, most + 1, 1.5, 'x'])
      expect(() => parseProducerSettings(`${name}=${value}`)).toThrow(`${name}: `);
  });

  it.each([
    ['compression.type', ['none', 'gzip', 'snappy', 'lz4', 'zstd']],
    ['acks', ['all', '-1', '1', '0']],
  ])('take %s as one of %s', (name, values) => {
    for (const value of values) expect(parseProducerSettings(`${name}=${value}`)).toMatchObject({ [name]: value });
  });

  it('may stand with blanks, line breaks and empty places between them', () => {
    expect(parseProducerSettings(' ,acks = 1 ,\n\n  linger.ms= 7,')).toMatchObject({ acks: '1', 'linger.ms': 7 });
  });

  it('name everything that is wrong, each under its own words', () => {
    expect(() => parseProducerSettings('gzip, 5=7')).toThrow(
      '"gzip, 5=7" is not of the form name=value (such as linger.ms=5)',
    );
    expect(() => parseProducerSettings('a=1,b=2')).toThrow('unknown: a, b (known: batch.size, linger.ms, ');
    expect(() => parseProducerSettings('acks=2,linger.ms=x')).toThrow(/linger\.ms: .+; acks: |acks: .+; linger\.ms: /);
    expect(() => parseProducerSettings('acks=2')).toThrow(
      expect.objectContaining({ name: 'ProducerSettingsError', code: 'PRODUCER_SETTINGS_INVALID' }),
    );
  });
});
