import { describe, expect, it } from '@jest/globals';
import { brokerErrorType, isPermanent, producerStateErrors } from './broker-errors.js';

const answer = (type: unknown): Error => Object.assign(new Error('the broker said no'), { type });
const wrapped = (cause: unknown, property: 'cause' | 'originalError'): Error =>
  Object.assign(new Error('kafkajs'), { [property]: cause });

describe('the answer of a broker', () => {
  it('is found however kafkajs wraps it, up to five levels deep', () => {
    const bare = answer('INVALID_RECORD');
    expect(brokerErrorType(bare)).toBe('INVALID_RECORD');
    for (const property of ['cause', 'originalError'] as const) {
      let error = bare;
      for (let depth = 1; depth < 5; depth += 1) error = wrapped(error, property);
      expect(brokerErrorType(error)).toBe('INVALID_RECORD');
      expect(brokerErrorType(wrapped(error, property))).toBeUndefined();
    }
  });

  it('is the outermost, and that of the cause where there are two', () => {
    expect(brokerErrorType(Object.assign(answer('A'), { cause: answer('B') }))).toBe('A');
    const both = Object.assign(new Error(), { cause: answer('A'), originalError: answer('B') });
    expect(brokerErrorType(both)).toBe('A');
    const one = Object.assign(new Error(), { cause: undefined, originalError: answer('B') });
    expect(brokerErrorType(one)).toBe('B');
  });

  it('is none where nothing of the kind was thrown', () => {
    for (const error of [undefined, null, 'INVALID_RECORD', new Error(), answer(7), wrapped(null, 'cause')])
      expect(brokerErrorType(error)).toBeUndefined();
    expect(brokerErrorType(wrapped('text', 'originalError'))).toBeUndefined();
  });
});

describe('a failure that comes each time', () => {
  it.each([
    'MESSAGE_TOO_LARGE',
    'RECORD_LIST_TOO_LARGE',
    'INVALID_RECORD',
    'INVALID_TIMESTAMP',
    'CORRUPT_MESSAGE',
    'INVALID_TOPIC_EXCEPTION',
    'TOPIC_AUTHORIZATION_FAILED',
    'POLICY_VIOLATION',
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'UNSUPPORTED_COMPRESSION_TYPE',
  ])('is %s', (type) => {
    expect(isPermanent(answer(type))).toBe(true);
    expect(isPermanent(wrapped(answer(type), 'cause'))).toBe(true);
  });

  it('is a record that has no form in the protocol', () => {
    expect(isPermanent(new TypeError('The "string" argument must be of type string'))).toBe(true);
    expect(isPermanent(new RangeError('out of range'))).toBe(true);
  });

  it.each(['NOT_LEADER_FOR_PARTITION', 'REQUEST_TIMED_OUT', 'UNKNOWN_TOPIC_OR_PARTITION', ...producerStateErrors])(
    'is not %s',
    (type) => {
      expect(isPermanent(answer(type))).toBe(false);
      // What the broker said counts, whatever carries it.
      expect(isPermanent(Object.assign(new TypeError(), { type }))).toBe(false);
    },
  );

  it('is not a connection that broke, nor something that is no error', () => {
    for (const error of [new Error('socket hang up'), undefined, { name: 'TypeError' }])
      expect(isPermanent(error)).toBe(false);
  });
});
